"""Starting replicas, and asking them: what the tests of the cluster share."""

import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil

from scripts.contestants import free_port

ROOT = pathlib.Path(__file__).parents[2]
PATIENCE_S = 240
HELLO = {"messages": [{"role": "user", "content": "what is a bowl"}], "max_tokens": 16, "stream": True}
CLIENTS = 8


@dataclass(frozen=True)
class Asked:
    """One request: when it began and ended, which replica answered it, and whether the whole answer came."""

    begun: float
    ended: float
    replica: str | None
    whole: bool
    said: str


@contextmanager
def kitchens(folder: pathlib.Path, *size: str, **settings: str) -> Iterator[str]:
    """Replicas of a model, at the address that it gives; nothing of them is left afterwards."""
    port = str(free_port())
    command = [sys.executable, "-m", "scripts.cluster", "--model", str(folder), "--port", port, *size]
    limits = {"REQUESTS_PER_MINUTE": "100000", "CACHE": str(folder / "cache"), **settings}
    variables = {f"TWO_BOWLS_{name}": value for name, value in limits.items()}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | variables) as process:
        try:
            wait_for(lambda: process.poll() is not None or healthy(f"http://127.0.0.1:{port}"))
            assert process.poll() is None
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    wait_for(lambda: not replicas())


def healthy(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def wait_for(condition) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.2)


def replicas() -> list[psutil.Process]:
    """The processes of our replicas, by the title that Ray gives them."""
    return [
        each
        for each in psutil.process_iter(["cmdline"])
        if "ServeReplica:two-bowls" in " ".join(each.info["cmdline"] or [])
    ]


def ask(address: str, **choices: object) -> Asked:
    begun, replica = time.monotonic(), None
    said = ""
    try:
        url = f"{address}/v1/chat/completions"
        with httpx.stream("POST", url, json={**HELLO, **choices}, timeout=60) as reply:
            replica = reply.headers.get("X-Replica")
            said = f"{reply.status_code} "
            for text in reply.iter_text():
                said += text
    except httpx.HTTPError as error:
        return Asked(begun, time.monotonic(), replica, whole=False, said=f"{said[-200:]} {error!r}")
    whole = said.startswith("200 ") and said.strip().endswith("data: [DONE]")
    return Asked(begun, time.monotonic(), replica, whole, said[-200:])


@contextmanager
def clients(address: str, count: int, **choices: object) -> Iterator[list[Asked]]:
    """Clients that ask again and again; gives what they have asked so far."""
    asked: list[Asked] = []
    enough = threading.Event()

    def client() -> None:
        while not enough.is_set():
            asked.append(ask(address, **choices))

    running = [threading.Thread(target=client) for _ in range(count)]
    for each in running:
        each.start()
    try:
        yield asked
    finally:
        enough.set()
        for each in running:
            each.join()
