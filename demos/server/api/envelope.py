"""What chats and completions say in the same way: each reply's head, counts, timings, failures, events."""

import json
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.responses import JSONResponse, Response

from demos.server.api import replies
from demos.server.engine import Counts, Done, Failed

DONE = format_sse_event(data_str="[DONE]")
CLIENT_LEFT = 499
"""nginx's number for a client that left; nobody reads it."""


class Head:
    """The fields that are the same throughout one answer."""

    def __init__(self, kind: str, model: str) -> None:
        """Begin an answer of this kind, "chatcmpl", by this model."""
        self._head = {"id": f"{kind}-{secrets.token_hex(12)}", "created": int(time.time()), "model": model}

    def event(self, kind: str, choices: list[dict[str, Any]], **more: Any) -> bytes:
        """One chunk of a stream."""
        data = {**self._head, "object": kind, "choices": choices, **more}
        return format_sse_event(data_str=json.dumps(data, ensure_ascii=False, separators=(",", ":")))

    def reply(self, kind: str, choices: list[dict[str, Any]], **more: Any) -> Response:
        """The whole answer."""
        return JSONResponse({**self._head, "object": kind, "choices": choices, **more})


def event_stream(events: AsyncIterator[bytes]) -> Response:
    """A stream that nothing on the way keeps or holds back."""
    return EventSourceResponse(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


def failure(event: Failed) -> bytes:
    """The last event of a stream that broke off."""
    problem = replies.body(event.status, event.reason, code=event.code)
    return format_sse_event(data_str=json.dumps({"error": problem}, ensure_ascii=False))


def failed(event: Failed, retry_after_s: int) -> Response:
    """The reply instead of an answer that broke off."""
    seconds = retry_after_s if event.wait_s is None else event.wait_s
    wait = {"Retry-After": str(seconds)} if event.status in {429, 503} else None
    return replies.error(event.status, event.reason, code=event.code, headers=wait)


def answered(done: Done) -> dict[str, Any]:
    """The counts and times of a complete answer."""
    return {"usage": usage(done.counts), "timings": asdict(done.timings)}


def usage(counts: Counts) -> dict[str, Any]:
    """OpenAI's token counts, the price where there is one, and the bytes where any left this machine."""
    found: dict[str, Any] = {
        "prompt_tokens": counts.prompt,
        "completion_tokens": counts.predicted,
        "total_tokens": counts.prompt + counts.predicted,
        "prompt_tokens_details": {"cached_tokens": counts.cached},
        "completion_tokens_details": {"reasoning_tokens": counts.thought},
    }
    more = {"cost_usd": counts.cost_usd, "sent_bytes": counts.sent_bytes or None}
    return found | {name: value for name, value in more.items() if value is not None}
