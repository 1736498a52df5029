"""A stand-in for the Gemini API on this machine, which speaks its REST protocol as Google documents it.

It checks what it is sent as strictly as the real one: the path with the version, the key in its header (and
nowhere else), and that the body has known fields only. What it answers is a script, byte for byte and pause
by pause, so that a test can cut an event in the middle of a character, drip it, or break it off.
"""

import base64
import json
import re
import select
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = re.compile(r"/(v1|v1beta)/models/([a-z0-9.-]+):(streamGenerateContent\?alt=sse|countTokens)")
FIELDS = {"contents", "systemInstruction", "generationConfig", "store"}
GENERATION = {
    *("temperature", "topP", "topK", "seed", "maxOutputTokens", "stopSequences", "thinkingConfig"),
}
LEVELS = {"MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"}
CUT = object()
"""A piece of a script: break the connection off."""
HANG = object()
"""A piece of a script: say nothing more until the other side leaves."""


@dataclass
class Script:
    """One answer: a status, headers, and pieces.

    A piece is bytes to send, seconds to wait, an Event to wait for, CUT or HANG.
    """

    pieces: list[Any] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/event-stream"})


@dataclass
class Request:
    """What was asked."""

    version: str
    model: str
    method: str
    headers: dict[str, str]
    body: dict[str, Any]
    path: str


class Api:
    """The stand-in; `scripts` are played one after the other, then `ramen()` for ever."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.scripts: deque[Script] = deque()
        self.requests: list[Request] = []
        self.left = threading.Event()
        self.address = ""

    def play(self, *scripts: Script) -> None:
        self.scripts.extend(scripts)


def usage(prompt: int = 7, answer: int = 0, thought: int = 0, cached: int = 0) -> dict[str, int]:
    """`usageMetadata`; counts of nothing are left out, as the API does."""
    counts = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": answer,
        "thoughtsTokenCount": thought,
        "cachedContentTokenCount": cached,
        "totalTokenCount": prompt + answer + thought,
    }
    return {name: count for name, count in counts.items() if count}


def chunk(
    text: str = "", thought: str = "", finish: str | None = None, counts: dict[str, int] | None = None
) -> dict[str, Any]:
    """A `GenerateContentResponse`."""
    parts = [{"text": thought, "thought": True}] * bool(thought) + [{"text": text}] * bool(text)
    candidate: dict[str, Any] = {"index": 0}
    if parts:
        candidate["content"] = {"parts": parts, "role": "model"}
    if finish:
        candidate["finishReason"] = finish
    found = {"candidates": [candidate], "modelVersion": "stand-in", "responseId": "r1"}
    return found | ({"usageMetadata": counts} if counts else {})


def event(data: dict[str, Any]) -> bytes:
    """One server-sent event, with the API's CRLF."""
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\r\n\r\n"


def stream(*chunks: dict[str, Any]) -> Script:
    """Events, one after the other."""
    return Script([event(each) for each in chunks])


def ramen(counts: dict[str, int] | None = None) -> Script:
    """A whole answer with a thought."""
    return stream(
        chunk(thought="Noodles.", counts=usage(7, 0, 5)),
        chunk("라면은 ", counts=usage(7, 3, 5)),
        chunk("국물이에요. 🍜", "", "STOP", counts or usage(7, 9, 5)),
    )


def error(
    code: int, status: str, message: str, *details: dict[str, Any], headers: dict[str, str] | None = None
) -> Script:
    """An error as google.rpc.Status in JSON."""
    body = {"error": {"code": code, "message": message, "status": status, "details": list(details)}}
    return Script(
        [json.dumps(body, indent=2).encode()], code, {"Content-Type": "application/json"} | (headers or {})
    )


def detail(kind: str, **fields: Any) -> dict[str, Any]:
    """One of the details of an error."""
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **fields}


def quota(quota_id: str, retry: str | None = None) -> Script:
    """429 for a quota of this id, with a RetryInfo where the API names a time."""
    violations = [{"quotaMetric": "generate_content_requests", "quotaId": quota_id}]
    retries = [detail("RetryInfo", retryDelay=retry)] * bool(retry)
    message = "You exceeded your current quota, please check your plan and billing details."
    return error(429, "RESOURCE_EXHAUSTED", message, detail("QuotaFailure", violations=violations), *retries)


BAD_KEY = error(
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    detail("ErrorInfo", reason="API_KEY_INVALID", domain="googleapis.com"),
)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        api = self.server.api
        size = int(self.headers["Content-Length"])
        content = self.rfile.read(size)
        if len(content) < size:
            raise ConnectionResetError
        match = PATH.fullmatch(self.path)
        if match is None:
            return self._send(error(404, "NOT_FOUND", f"no such path: {self.path}"))
        version, model, method = match.groups()
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = camel(json.loads(content))
        api.requests.append(Request(version, model, method.split("?")[0], headers, body, self.path))
        if headers.get("x-goog-api-key") != api.key:
            return self._send(BAD_KEY)
        if version == "v1" and model.startswith("gemma"):
            sentence = f"models/{model} is not found for API version v1, or is not supported."
            return self._send(error(404, "NOT_FOUND", sentence))
        if method == "countTokens":
            text = "".join(part.get("text", "") for turn in body["contents"] for part in turn["parts"])
            counted = {"totalTokens": len(text.split()) + 2}
            return self._send(
                Script([json.dumps(counted).encode()], 200, {"Content-Type": "application/json"})
            )
        if wrong := unknown(body):
            return self._send(error(400, "INVALID_ARGUMENT", f"Invalid JSON payload: {wrong}"))
        return self._send(api.scripts.popleft() if api.scripts else ramen())

    def _send(self, script: Script) -> None:
        self.send_response(script.status)
        for name, value in script.headers.items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in script.pieces:
                if piece is CUT:
                    self.close_connection = True
                    return
                if isinstance(piece, threading.Event):
                    assert piece.wait(10), "the pieces so far were not heard"
                elif piece is HANG or isinstance(piece, float):
                    self._pause(30.0 if piece is HANG else piece)
                else:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        except (ConnectionError, TimeoutError):
            self.server.api.left.set()
            self.close_connection = True

    def _pause(self, seconds: float) -> None:
        """Wait, and notice when the other side closes the connection meanwhile."""
        readable, _, _ = select.select([self.connection], [], [], seconds)
        if readable and not self.connection.recv(1):
            raise ConnectionResetError

    def log_message(self, *args: object) -> None:
        """Nothing on the terminal."""


class Server(ThreadingHTTPServer):
    """Holds the stand-in for its connections."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, api: Api) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.api = api

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who has left has left; anything else is a bug of the stand-in."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def camel(value: Any) -> Any:
    """JSON with field names as the documents write them: the API reads `thinking_level`, too."""
    if isinstance(value, dict):
        return {re.sub(r"_([a-z])", lambda m: m[1].upper(), name): camel(v) for name, v in value.items()}
    return [camel(each) for each in value] if isinstance(value, list) else value


def unknown(body: dict[str, Any]) -> str:
    """What the API would not take in a body, "" where it takes all of it."""
    generation = body.get("generationConfig", {})
    thinking = generation.get("thinkingConfig", {})
    strange = (set(body) - FIELDS) | (set(generation) - GENERATION)
    strange |= set(thinking) - {"includeThoughts", "thinkingLevel"}
    strange |= {level for level in [thinking.get("thinkingLevel")] if level and level not in LEVELS}
    for turn in body["contents"]:
        strange |= {turn["role"]} - {"user", "model"}
        for part in turn["parts"]:
            strange |= set(part) - {"text", "inlineData"}
            if "inlineData" in part:
                base64.b64decode(part["inlineData"]["data"], b"-_", validate=True)
    return ", ".join(sorted(strange))


@contextmanager
def serving(key: str) -> Iterator[Api]:
    """The stand-in on a port of its own."""
    api = Api(key)
    with Server(api) as server:
        api.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            thread.join(10)
