"""A stand-in for another server that speaks OpenAI's protocol: it says its lines and remembers its orders."""

import asyncio
import json
import threading

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

USAGE = {
    "prompt_tokens": 12,
    "completion_tokens": 9,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 3},
}


def chunk(delta: dict, end: str | None = None, **more: object) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": end, **more}
    return json.dumps({"object": "chat.completion.chunk", "choices": [choice]})


ANSWER = [
    chunk({"role": "assistant", "content": ""}),
    chunk({"reasoning_content": "Think."}),
    chunk({"content": "라면은 "}),
    chunk({"content": "면이에요."}),
    chunk({}, "stop"),
    json.dumps({"choices": [], "usage": USAGE}),
    "[DONE]",
]


class StandIn:
    """A server that says its lines and remembers what it was asked."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        self.models: Response = JSONResponse({"data": [{"id": "first"}, {"id": "org/second:4b"}]})
        self.refusal: Response | None = None
        self.asked: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.go_on = threading.Semaphore(10**6)
        self.gone = threading.Event()
        self.app = Starlette(
            routes=[
                Route("/v1/models", self.list_models),
                Route("/v1/chat/completions", self.answer, methods=["POST"]),
                Route("/v1/completions", self.answer, methods=["POST"]),
            ]
        )

    async def list_models(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        return self.models

    async def answer(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        self.asked.append({"path": request.url.path, **await request.json()})
        return self.refusal or StreamingResponse(self.stream(), media_type="text/event-stream")

    async def stream(self):
        try:
            for line in self.lines:
                await asyncio.to_thread(self.go_on.acquire)
                yield f"data: {line}\n\n"
        except asyncio.CancelledError:
            self.gone.set()
            raise
