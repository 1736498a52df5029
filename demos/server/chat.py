"""`POST /v1/chat/completions`: OpenAI's request in, one JSON object or a stream of events out.

Fields that are not known here are ignored, as OpenAI clients send many. What a client says is never logged.
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from demos.server import replies
from demos.server.engine import Delta, Done, Engine, Event, Failed, Message, Order, Ticket, Timings
from demos.server.errors import UnknownModelError
from demos.server.settings import Settings

MOST_STOPS = 8
LARGEST_SEED = 2**63 - 1

Events = asyncio.Queue[Event | None]
"""What happens to one answer, in order; None when its client has gone."""


class Model(BaseModel):
    """No conversions: "0.5" is not a number. Unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore")


def joined(content: Any) -> Any:
    """OpenAI's list of text parts as one text; anything else as it is, for pydantic to judge.

    Raises:
        ValueError: a part is no text.
    """
    if not isinstance(content, list):
        return content
    if not all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in content):
        raise ValueError("this model reads text parts only")
    return "".join(part["text"] for part in content)


def encodable(text: str) -> str:
    r"""The same text.

    Raises:
        ValueError: it has half a character, as JSON can write it ("\\ud800"), which no tokenizer reads.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("half a character (a lone surrogate) is no text") from None
    return text


def listed(stop: Any) -> Any:
    """One stop text as a list of one."""
    return [stop] if isinstance(stop, str) else stop


class ChatMessage(Model):
    """One turn. `developer` is OpenAI's newer word for `system`."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str, BeforeValidator(joined), AfterValidator(encodable)]

    def plain(self) -> Message:
        """The turn as the engine takes it."""
        return Message("system" if self.role == "developer" else self.role, self.content)


class StreamOptions(Model):
    """What a stream tells besides the answer."""

    include_usage: bool = False


class ChatRequest(Model):
    """What can be asked. `max_tokens` above the server's limit is lowered to it."""

    model: Annotated[str, AfterValidator(encodable)] | None = None
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=0)] | None = None
    seed: Annotated[int, Field(ge=-LARGEST_SEED, le=LARGEST_SEED)] | None = None
    stop: Annotated[
        list[Annotated[str, StringConstraints(min_length=1)]] | None,
        Field(max_length=MOST_STOPS),
        BeforeValidator(listed),
    ] = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None

    def order(self, settings: Settings) -> Order:
        """The request as the engine takes it, within the server's limits."""
        asked = self.max_completion_tokens or self.max_tokens or settings.default_answer_tokens
        return Order(
            messages=tuple(message.plain() for message in self.messages),
            max_tokens=min(asked, settings.max_answer_tokens),
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=self.top_k,
            seed=self.seed,
            stop=tuple(self.stop or ()),
        )


def router(engine: Engine, settings: Settings) -> APIRouter:
    """The route, for one engine."""
    routes = APIRouter()

    @routes.post("/chat/completions")
    async def chat_completions(chat: ChatRequest, request: Request) -> Response:
        """Answer a conversation."""
        if chat.model not in {None, engine.card.id}:
            message = (
                f"There is no model '{chat.model[:100]}' on the menu: this kitchen cooks '{engine.card.id}'."
            )
            raise UnknownModelError(message)
        events: Events = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def listener(event: Event) -> None:
            loop.call_soon_threadsafe(events.put_nowait, event)

        order = chat.order(settings)
        # Reading a long conversation into tokens takes a while: not on the event loop.
        ticket = await run_in_threadpool(engine.submit, order, listener)
        reply = Reply(engine.card.id)
        if chat.stream:
            usage = chat.stream_options is not None and chat.stream_options.include_usage
            chunks = stream(reply, events, ticket, request, include_usage=usage)
            return EventSourceResponse(
                chunks, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            )
        return await whole(reply, events, ticket, request)

    return routes


class Reply:
    """The parts of OpenAI's replies that are the same throughout one answer."""

    def __init__(self, model: str) -> None:
        """Begin a reply."""
        self._head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": model}

    def chunk(self, choices: list[dict[str, Any]], **more: Any) -> bytes:
        """One event of a stream."""
        data = {**self._head, "object": "chat.completion.chunk", "choices": choices, **more}
        return format_sse_event(data_str=json.dumps(data, ensure_ascii=False, separators=(",", ":")))

    def completion(self, text: str, done: Done) -> dict[str, Any]:
        """The whole answer."""
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": done.finish_reason, "logprobs": None}
        return {
            **self._head,
            "object": "chat.completion",
            "choices": [choice],
            "usage": usage(done.timings),
            "timings": asdict(done.timings),
        }


def delta(content: dict[str, str], finish_reason: str | None = None) -> list[dict[str, Any]]:
    """The choices of a chunk."""
    return [{"index": 0, "delta": content, "finish_reason": finish_reason, "logprobs": None}]


def usage(timings: Timings) -> dict[str, int]:
    """OpenAI's token counts."""
    prompt, answer = timings.prompt_n, timings.predicted_n
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}


async def stream(
    reply: Reply, events: Events, ticket: Ticket, request: Request, *, include_usage: bool
) -> AsyncIterator[bytes]:
    """The answer as server-sent events; the last chunk carries usage and timings."""
    async with leaving_cancels(request, ticket, events):
        yield reply.chunk(delta({"role": "assistant", "content": ""}))
        while True:
            match await events.get():
                case Delta(text):
                    yield reply.chunk(delta({"content": text}))
                case None:
                    return
                case Failed(reason):
                    yield format_sse_event(data_str=json.dumps({"error": replies.body(500, reason)}))
                    return
                case Done(finish_reason, timings):
                    counts = usage(timings)
                    yield reply.chunk(delta({}, finish_reason), usage=counts, timings=asdict(timings))
                    if include_usage:
                        yield reply.chunk([], usage=counts)
                    yield format_sse_event(data_str="[DONE]")
                    return


async def whole(reply: Reply, events: Events, ticket: Ticket, request: Request) -> Response:
    """The answer in one piece."""
    text = ""
    async with leaving_cancels(request, ticket, events):
        while True:
            match await events.get():
                case Delta(piece):
                    text += piece
                case None:
                    return Response(status_code=499)  # nobody reads it; nginx's number for a client that left
                case Failed(reason):
                    return replies.error(500, reason)
                case Done() as done:
                    return JSONResponse(reply.completion(text, done))


@asynccontextmanager
async def leaving_cancels(request: Request, ticket: Ticket, events: Events) -> AsyncIterator[None]:
    """Cancel the ticket as soon as the client has gone, and in any case at the end."""

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        ticket.cancel()
        events.put_nowait(None)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        ticket.cancel()
        watching.cancel()
