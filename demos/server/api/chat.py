"""`POST /v1/chat/completions`: OpenAI's request in, one JSON object or a stream of events out.

What a client says is never logged.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from demos.server.api import images, logprobs
from demos.server.api.envelope import CLIENT_LEFT, DONE, Head, answered, event_stream, failed, failure, usage
from demos.server.api.metrics import Metrics
from demos.server.api.models import Models
from demos.server.api.orders import Placed, place
from demos.server.api.requests import ChatRequest
from demos.server.api.schemas import openai as shapes
from demos.server.engine import Delta, Done, Failed, Message, Odds, Order
from demos.server.errors import ImageError, TooLongError
from demos.server.settings import Settings

PATH = "/v1/chat/completions"


def router(models: Models, settings: Settings, metrics: Metrics) -> APIRouter:
    """The route, for the models on the menu."""
    routes = APIRouter()
    reading = asyncio.Semaphore(2)

    @routes.post(
        PATH,
        response_class=Response,
        responses={
            200: {"model": shapes.ChatCompletion, "content": shapes.STREAMED},
            **shapes.ORDERED,
        },
    )
    async def chat_completions(chat: ChatRequest, request: Request) -> Response:
        """Answer a conversation."""
        engine, adapter = models.find(chat.model)
        order = await order_of(chat, settings, adapter if chat.adapter is None else chat.adapter, reading)
        placed = await place(engine, order, request, metrics)
        head = Head("chatcmpl", engine.card.id)
        # Nothing is said before there is something to say, so that a failure still has a status of its own.
        if chat.stream and await placed.begins():
            return event_stream(
                stream(
                    head,
                    placed,
                    odds=bool(chat.logprobs),
                    include_usage=chat.wants_usage,
                    always=chat.wants_usage_always,
                )
            )
        return await whole(head, placed, settings.retry_after_s, odds=bool(chat.logprobs))

    return routes


async def order_of(
    chat: ChatRequest, settings: Settings, adapter: str | None, reading: asyncio.Semaphore
) -> Order:
    """The request as engines take it, within the server's limits.

    Args:
        chat: the request.
        settings: the limits.
        adapter: the topping.
        reading: requests whose pictures are decoded at the same time, which takes memory.

    Raises:
        TooLongError: it has more text than is read at all.
        ImageError: a picture is none, too large, or not the reader's.
    """
    length = sum(len(message.text.encode()) for message in chat.messages)
    if length > settings.max_body_bytes:
        raise TooLongError(
            f"The conversation has {length} bytes of text: at most {settings.max_body_bytes} are taken.",
            param="messages",
        )
    pictures: dict[int, list[bytes]] = {}
    if found := list(chat.pictures()):
        for turn, param, _ in found:
            if chat.messages[turn].speaker != "user":
                raise ImageError(f"'{param}' is a picture, but only users' messages have those.", param=param)
        async with reading:
            data = await run_in_threadpool(images.read, [(param, url) for _, param, url in found], settings)
        for (turn, _, _), picture in zip(found, data, strict=True):
            pictures.setdefault(turn, []).append(picture)
    return Order(
        messages=tuple(
            Message(message.speaker, message.text, tuple(pictures.get(turn, ())))
            for turn, message in enumerate(chat.messages)
        ),
        max_tokens=chat.answer_tokens(settings),
        thinking=chat.thinking,
        top_logprobs=(chat.top_logprobs or 0) if chat.logprobs else None,
        adapter=adapter,
        **chat.choices(),
    )


def choice(
    delta: dict[str, str], odds: dict[str, Any] | None = None, end: str | None = None
) -> dict[str, Any]:
    """The choice of a chunk."""
    return {"index": 0, "delta": delta, "finish_reason": end, "logprobs": odds}


async def stream(
    head: Head, placed: Placed, *, odds: bool, include_usage: bool, always: bool = False
) -> AsyncIterator[bytes]:
    """The answer as server-sent events; the last chunk carries usage and timings, each usage if `always`."""
    kind = "chat.completion.chunk"
    yield head.event(kind, [choice({"role": "assistant", "content": ""})])
    async for event in placed:
        match event:
            case Delta():
                delta = {"reasoning_content": event.thought} if event.thought else {}
                if event.text or not delta:
                    delta["content"] = event.text
                told = {"usage": usage(event.counts)} if always and event.counts else {}
                yield head.event(kind, [choice(delta, logprobs.chat(event.odds) if odds else None)], **told)
            case Failed():
                yield failure(event)
            case Done():
                yield head.event(kind, [choice({}, end=event.finish_reason)], **answered(event))
                if include_usage:
                    yield head.event(kind, [], usage=usage(event.counts))
                yield DONE


async def whole(head: Head, placed: Placed, retry_after_s: int, *, odds: bool) -> Response:
    """The answer in one piece."""
    text, thought = "", ""
    tokens: list[Odds] = []
    async for event in placed:
        match event:
            case Delta():
                text += event.text
                thought += event.thought
                tokens += event.odds
            case Failed():
                return failed(event, retry_after_s)
            case Done():
                message = {"role": "assistant", "content": text, "refusal": None}
                if thought:
                    message["reasoning_content"] = thought
                choice = {
                    "index": 0,
                    "message": message,
                    "finish_reason": event.finish_reason,
                    "logprobs": logprobs.chat(tokens) if odds else None,
                }
                return head.reply("chat.completion", [choice], **answered(event))
    return Response(status_code=CLIENT_LEFT)
