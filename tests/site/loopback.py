"""Small loopback servers for the browser tests: plain files, and a kitchen that fails on request."""

import contextlib
import http.server
import json
import pathlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

PAGES = tuple(f"{path.stem}/".removeprefix("index/") for path in sorted(pathlib.Path("docs").glob("*.md")))
MODEL = {"id": "fake-270m", "label": "Fake 270M (base, made of test data)"}
READY = {"state": "ready", "progress": 1, "step": "", "model": MODEL, "sent": []}
CAN = {"image": False, "thinking": False, "logprobs": False, "adapters": []}
HARDWARE = {"device": "cpu", "dtype": "int8", "threads": 2}
BOWL = MODEL | {"host": None, "parameters": 270_000_000, "capabilities": CAN, "runs_on": HARDWARE}
CLOSED = {"open": False, "host": "example.org", "day": "2026-11-22", "models": [], "budget": None}


class Server(http.server.ThreadingHTTPServer):
    """A server on a free port whose slow answers do not outlive the test."""

    daemon_threads = True
    # A page asks for fonts, scripts and words at once; a queue of five, the default, sometimes resets one.
    request_queue_size = 128

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Files(http.server.SimpleHTTPRequestHandler):
    """Plain files, as any static host serves them."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def serving(handler: Callable[..., http.server.BaseHTTPRequestHandler]) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class FakeHandler(Files):
    """The site's files, and before them the fake kitchen's routes and sitemaps.

    A site built without its address has empty sitemaps, and Material navigates instantly only between pages
    that stand in one.
    """

    kitchen: "FakeKitchen"

    def do_GET(self) -> None:
        if self.path == "/api/kitchen":
            states = self.kitchen.states
            self.reply(200, json.dumps(states.pop(0) if len(states) > 1 else states[0]))
        elif self.path == "/v1/models":
            self.reply(200, json.dumps({"data": [BOWL]}))
        elif self.path == "/api/restaurant":
            self.reply(200, json.dumps(CLOSED))
        elif self.path.endswith("/sitemap.xml"):
            root = self.kitchen.url + self.path.removesuffix("sitemap.xml")
            pages = "".join(f"<url><loc>{root}{path}</loc></url>" for path in PAGES)
            self.reply(200, f"<urlset>{pages}</urlset>", Content_Type="application/xml")
        elif self.path.endswith("/training"):
            self.kitchen.train(self)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self.kitchen.orders.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        try:
            self.kitchen.answer(self)
        except ConnectionError:
            self.kitchen.left.set()

    def reply(self, status: int, body: str, **headers: str) -> None:
        data = body.encode()
        self.send_response(status)
        headers = {"Content_Type": "application/json", "Content_Length": str(len(data)), **headers}
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def event(self, data: dict | str) -> bytes:
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        return f"data: {text}\n\n".encode()


@dataclass
class FakeKitchen:
    """A kitchen that fails on request: the real one is too well-behaved to test the page's manners.

    It speaks the real protocol (chunked HTTP, SSE, OpenAI chunks, llama.cpp timings) by hand, so that a test
    can cut a stream between two chunks or inside a character, which no well-made server library allows.
    """

    url: str = ""
    states: list[dict] = field(default_factory=lambda: [READY])
    orders: list[dict] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    written: int = 0
    answer: Callable[[FakeHandler], None] = lambda handler: None
    train: Callable[[FakeHandler], None] = lambda handler: None

    def streams(
        self,
        *pieces: str,
        delay: float = 0,
        step: int = 0,
        end: str = "finish",
        read: threading.Event | None = None,
    ) -> None:
        """Answer with these pieces.

        With `step`, in network chunks of so many bytes, a moment apart. `end`: "finish" as the
        protocol says, "close" the reply without it, or "vanish" in the middle of the reply, once `read` is
        set. A browser that learns of a broken stream forgets what it has not handed to the page yet.
        """

        def answer(handler: FakeHandler) -> None:
            handler.begin()
            for piece in pieces:
                delta = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
                data = handler.event({"choices": [delta]})
                for start in range(0, len(data), step or len(data)):
                    handler.chunk(data[start : start + (step or len(data))])
                    time.sleep(0.01 if step else 0)
                self.written += 1
                time.sleep(delay)
            if read:
                read.wait(30)
            if end == "finish":
                timings = {"predicted_n": len(pieces), "predicted_per_second": 31.4, "ttft_ms": 123.0}
                last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "timings": timings}
                handler.chunk(handler.event(last) + handler.event("[DONE]"))
            if end == "vanish":
                handler.close_connection = True
            else:
                handler.wfile.write(b"0\r\n\r\n")

        self.answer = answer

    def refuses(self, status: int, sentence: str, **headers: str) -> None:
        """Answer with an error in OpenAI's shape."""
        self.answer = lambda handler: handler.reply(
            status, json.dumps({"error": {"message": sentence}}), **headers
        )
