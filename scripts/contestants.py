"""Who is measured beside whom: servers and bare engines, each in a process of its own, asked in the same way.

All of them go on with the same text by the same number of tokens, the likeliest token every time.
"""

import contextlib
import http.client
import importlib.util
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx

from demos.server.local import weights

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE_S = 300
MODEL = "gemma-3-270m"
CONTINUOUS = ("--continuous-batching", "--cb-num-blocks", "64", "--cb-max-batch-tokens", "256")
"""Without limits it takes 60 % of the memory on a CPU."""


@dataclass(frozen=True)
class Answer:
    """One streamed answer.

    Attributes:
        first_s: seconds to its first text.
        rate: tokens/s from there to its last.
        tokens: how many there were.
        seconds: in all.
    """

    first_s: float
    rate: float
    tokens: int
    seconds: float


class Contestant(Protocol):
    """Somebody who can be asked."""

    def ask(self, text: str, tokens: int) -> Answer:
        """Go on with a text."""


@dataclass(frozen=True)
class Server:
    """A server that goes on with texts in OpenAI's older shape: a base model knows no turns.

    Attributes:
        model: what it calls the model.
    """

    port: int
    model: str

    def ask(self, text: str, tokens: int) -> Answer:
        """Go on with a text: see `answer`."""
        body: dict[str, object] = {"model": self.model, "prompt": text, "max_tokens": tokens}
        return answer(self.port, "/v1/completions", body)


@dataclass(frozen=True)
class Bare:
    """An engine without HTTP: `scripts.bare`."""

    child: subprocess.Popen[str]

    def ask(self, text: str, tokens: int) -> Answer:
        """Go on with a text."""
        if self.child.stdin is None or self.child.stdout is None:
            raise RuntimeError("the engine's process has no pipes")
        self.child.stdin.write(json.dumps([text, tokens]) + "\n")
        self.child.stdin.flush()
        return Answer(**json.loads(self.child.stdout.readline()))


def model_folder() -> pathlib.Path:
    """Where the converted embedded model lies."""
    return weights.cache_folder() / MODEL


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def process(
    command: list[str], cwd: pathlib.Path = ROOT, env: dict[str, str] | None = None
) -> Iterator[None]:
    """Run a server for the length of a block; it and its children are gone afterwards."""
    server = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def seconds_until(url: str, limit: float) -> float:
    """Seconds until a GET of `url` answers 200.

    Raises:
        TimeoutError: it did not within `limit` seconds.
    """
    begun = time.perf_counter()
    while time.perf_counter() - begun < limit:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                return time.perf_counter() - begun
        time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer within {limit:.0f} s")


def answer(port: int, path: str, body: dict[str, object]) -> Answer:
    """Stream one answer and time it as a client sees it.

    The client shares the machine with the model: it notes what comes and when, and reads it afterwards.

    Raises:
        ValueError: the server refused, or sent fewer than two pieces of text, so there is no rate to measure.
    """
    body = {**body, "temperature": 0, "stream": True, "stream_options": {"include_usage": True}}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    with contextlib.closing(connection):
        begun = time.perf_counter()
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        reply = connection.getresponse()
        lines = [(time.perf_counter(), line) for line in iter(reply.readline, b"")]
    if reply.status != http.HTTPStatus.OK:
        raise ValueError(
            f"{path} on port {port} answered {reply.status}: {b''.join(line for _, line in lines)!r}"
        )
    arrived: list[float] = []
    tokens = 0
    for moment, line in lines:
        if not line.startswith(b"data: ") or line.strip() == b"data: [DONE]":
            continue
        chunk = json.loads(line.removeprefix(b"data: "))
        tokens = (chunk.get("usage") or {}).get("completion_tokens") or tokens
        if any(choice.get("text") or choice.get("delta", {}).get("content") for choice in chunk["choices"]):
            arrived.append(moment)
    if len(arrived) < 2:  # noqa: PLR2004 - two moments make a duration
        raise ValueError(
            f"{path} on port {port} answered with {len(arrived)} pieces of text, at least 2 expected"
        )
    tokens = tokens or len(arrived)
    rate = (tokens - 1) / (arrived[-1] - arrived[0])
    return Answer(arrived[0] - begun, rate, tokens, arrived[-1] - begun)


@contextlib.contextmanager
def ours() -> Iterator[Server]:
    """Our server, ready."""
    port = free_port()
    with process([sys.executable, "-m", "scripts.serve", "--port", str(port), "--no-open"]):
        seconds_until(f"http://127.0.0.1:{port}/health", PATIENCE_S)
        yield Server(port, MODEL)


@contextlib.contextmanager
def peer(*options: str) -> Iterator[Server]:
    """`transformers serve` on the same converted weights, in bf16 on the CPU, offline, ready."""
    port = free_port()
    command = [str(pathlib.Path(sys.executable).parent / "transformers"), "serve", str(model_folder())]
    where = ["--device", "cpu", "--dtype", "bfloat16", "--host", "127.0.0.1", "--port", str(port)]
    with process([*command, *where, *options], env={**os.environ, "HF_HUB_OFFLINE": "1"}):
        seconds_until(f"http://127.0.0.1:{port}/health", PATIENCE_S)
        yield Server(port, str(model_folder()))


@contextlib.contextmanager
def bare(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Bare]:
    """An engine without HTTP, ready: `scripts.bare` with these arguments."""
    child = subprocess.Popen(
        [sys.executable, "-m", "scripts.bare", *arguments],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with child:
        try:
            if child.stdout is None or not child.stdout.readline():
                raise RuntimeError(f"python -m scripts.bare {' '.join(arguments)} ended before it was ready")
            yield Bare(child)
        finally:
            if child.stdin:
                child.stdin.close()  # the end of its questions


def has_llama() -> bool:
    """Whether llama.cpp can be measured here."""
    return importlib.util.find_spec("llama_cpp") is not None
