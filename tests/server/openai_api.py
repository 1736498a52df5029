"""A stand-in for another server that speaks OpenAI's protocol: it says its lines and remembers its orders."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from demos.server.upstream import engine as upstream
from demos.server.upstream.engine import UpstreamEngine
from tests.server.engines import serving

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
        self.picky: Callable[[dict], Response | None] = lambda _body: None
        self.pages: dict[str, Response] = {}
        self.asked: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.go_on = threading.Semaphore(10**6)
        self.gone = threading.Event()
        self.app = Starlette(
            routes=[
                Route("/v1/models", self.list_models),
                Route("/v1/chat/completions", self.answer, methods=["POST"]),
                Route("/v1/completions", self.answer, methods=["POST"]),
                Route("/{page:path}", self.page, methods=["GET", "POST"]),
            ]
        )

    async def list_models(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        return self.models

    async def page(self, request: Request) -> Response:
        return self.pages.get(request.url.path) or Response(status_code=404)

    async def answer(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        body = await request.json()
        self.asked.append({"path": request.url.path, **body})
        return (
            self.refusal
            or self.picky(body)
            or StreamingResponse(self.stream(), media_type="text/event-stream")
        )

    async def stream(self):
        try:
            for line in self.lines:
                await asyncio.to_thread(self.go_on.acquire)
                yield f"data: {line}\n\n"
        except asyncio.CancelledError:
            self.gone.set()
            raise


@contextmanager
def cooked_by(stand_in: StandIn) -> Iterator[UpstreamEngine]:
    """The first engine of a stand-in."""
    with serving(stand_in.app) as address:
        found = upstream.engines(address, None)
        try:
            yield found[0]
        finally:
            for engine in found:
                engine.close()
            assert found[0].wait_closed(10)
