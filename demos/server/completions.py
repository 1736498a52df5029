"""`POST /v1/completions`: a text goes on as it is, without template or roles, in OpenAI's older shapes."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from demos.server import logprobs, schemas
from demos.server.engine import Delta, Done, Failed, Odds
from demos.server.envelope import CLIENT_LEFT, DONE, Head, answered, event_stream, failed, failure, usage
from demos.server.metrics import Metrics
from demos.server.models import Models
from demos.server.orders import Placed, place
from demos.server.requests import CompletionRequest
from demos.server.settings import Settings

KIND = "text_completion"


def router(models: Models, settings: Settings, metrics: Metrics) -> APIRouter:
    """The route, for the models on the menu."""
    routes = APIRouter()

    @routes.post(
        "/v1/completions",
        response_class=Response,
        responses={
            200: {"model": schemas.TextCompletion, "content": schemas.STREAMED},
            **schemas.ORDERED,
        },
    )
    async def completions(text: CompletionRequest, request: Request) -> Response:
        """Go on with a text."""
        engine, adapter = models.find(text.model)
        order = text.order(settings, adapter if text.adapter is None else text.adapter)
        placed = await place(engine, order, request, metrics)
        head = Head("cmpl", engine.card.id)
        odds = text.logprobs is not None
        # Nothing is said before there is something to say, so that a failure still has a status of its own.
        if text.stream and await placed.begins():
            return event_stream(stream(head, placed, odds=odds, include_usage=text.wants_usage))
        return await whole(head, placed, settings.retry_after_s, odds=odds)

    return routes


def choice(text: str, odds: dict[str, Any] | None, end: str | None) -> dict[str, Any]:
    """The one choice."""
    return {"index": 0, "text": text, "finish_reason": end, "logprobs": odds}


async def stream(head: Head, placed: Placed, *, odds: bool, include_usage: bool) -> AsyncIterator[bytes]:
    """The text as server-sent events; the last chunk carries usage and timings."""
    offset = 0
    async for event in placed:
        match event:
            case Delta():
                told = logprobs.lists(event.odds, offset) if odds else None
                offset += sum(len(token.text) for token in event.odds)
                yield head.event(KIND, [choice(event.text, told, None)])
            case Failed():
                yield failure(event)
            case Done():
                yield head.event(KIND, [choice("", None, event.finish_reason)], **answered(event))
                if include_usage:
                    yield head.event(KIND, [], usage=usage(event.counts))
                yield DONE


async def whole(head: Head, placed: Placed, retry_after_s: int, *, odds: bool) -> Response:
    """The text in one piece."""
    text = ""
    tokens: list[Odds] = []
    async for event in placed:
        match event:
            case Delta():
                text += event.text
                tokens += event.odds
            case Failed():
                return failed(event, retry_after_s)
            case Done():
                told = logprobs.lists(tokens, 0) if odds else None
                return head.reply(KIND, [choice(text, told, event.finish_reason)], **answered(event))
    return Response(status_code=CLIENT_LEFT)
