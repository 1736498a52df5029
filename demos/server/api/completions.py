"""`POST /v1/completions`: a text goes on as it is, without template or roles, in OpenAI's older shapes."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from demos.server.api import logprobs
from demos.server.api.envelope import CLIENT_LEFT, DONE, Head, answered, event_stream, failed, failure, usage
from demos.server.api.metrics import Metrics
from demos.server.api.models import Models
from demos.server.api.orders import Placed, place
from demos.server.api.requests import CompletionRequest
from demos.server.api.schemas import openai as shapes
from demos.server.engine import Delta, Done, Failed, Odds
from demos.server.settings import Settings

KIND = "text_completion"


def router(models: Models, settings: Settings, metrics: Metrics) -> APIRouter:
    """The route, for the models on the menu."""
    routes = APIRouter()

    @routes.post(
        "/v1/completions",
        response_class=Response,
        responses={
            200: {"model": shapes.TextCompletion, "content": shapes.STREAMED},
            **shapes.ORDERED,
        },
    )
    async def completions(text: CompletionRequest, request: Request) -> Response:
        """Go on with a text."""
        engine, adapter = models.find(text.model)
        order = text.order(settings, adapter if text.adapter is None else text.adapter)
        placed = await place(engine, order, request, metrics)
        head = Head("cmpl", engine.card.id)
        shown = Shown(odds=text.logprobs is not None, ids=bool(text.return_token_ids))
        # Nothing is said before there is something to say, so that a failure still has a status of its own.
        if text.stream and await placed.begins():
            return event_stream(stream(head, placed, shown, include_usage=text.wants_usage))
        return await whole(head, placed, settings.retry_after_s, shown)

    return routes


@dataclass(frozen=True)
class Shown:
    """What a client wants to see besides the text: the odds, and with them the ids of tokens."""

    odds: bool
    ids: bool

    def choice(
        self,
        text: str,
        tokens: Sequence[Odds] | None = None,
        offset: int = 0,
        *,
        prompt: Sequence[int] = (),
        end: str | None = None,
    ) -> dict[str, Any]:
        """The one choice.

        Args:
            text: the next piece, or all of it.
            tokens: those that it is made of; None where there is nothing to tell of any.
            offset: characters before it.
            prompt: ids of the prompt's tokens.
            end: why it ends.
        """
        told: dict[str, Any] | None = None
        if self.odds and tokens is not None:
            told = logprobs.lists(tokens, offset)
            if self.ids:
                told["content"] = logprobs.chat(tokens)["content"]
        asked = {"prompt_token_ids": [*prompt]} if self.odds and self.ids and prompt else {}
        return {"index": 0, "text": text, "finish_reason": end, "logprobs": told, **asked}


async def stream(head: Head, placed: Placed, shown: Shown, *, include_usage: bool) -> AsyncIterator[bytes]:
    """The text as server-sent events; the last chunk carries usage and timings."""
    offset = 0
    async for event in placed:
        match event:
            case Delta():
                yield head.event(KIND, [shown.choice(event.text, event.odds, offset, prompt=event.prompt)])
                offset += sum(len(token.text) for token in event.odds)
            case Failed():
                yield failure(event)
            case Done():
                yield head.event(KIND, [shown.choice("", end=event.finish_reason)], **answered(event))
                if include_usage:
                    yield head.event(KIND, [], usage=usage(event.counts))
                yield DONE


async def whole(head: Head, placed: Placed, retry_after_s: int, shown: Shown) -> Response:
    """The text in one piece."""
    text = ""
    tokens: list[Odds] = []
    prompt: tuple[int, ...] = ()
    async for event in placed:
        match event:
            case Delta():
                text += event.text
                tokens += event.odds
                prompt = prompt or event.prompt
            case Failed():
                return failed(event, retry_after_s)
            case Done():
                choice = shown.choice(text, tokens, prompt=prompt, end=event.finish_reason)
                return head.reply(KIND, [choice], **answered(event))
    return Response(status_code=CLIENT_LEFT)
