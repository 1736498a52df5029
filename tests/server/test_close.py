"""How the kitchen closes: who is inside may finish, who comes is sent away, and patience has an end."""

import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from demos.server.api import listen
from demos.server.api.app import create_app
from demos.server.engine import Delta
from demos.server.settings import Settings
from tests.server.engines import until
from tests.server.fake import DONE, FakeEngine

HELLO = {"messages": [{"role": "user", "content": "hello"}], "stream": True}


@contextmanager
def cooking(site, grace_s) -> Iterator[tuple[FakeEngine, listen.Server, str, Future[httpx.Response]]]:
    """A server with one order in the pot, and what will come of that."""
    engine = FakeEngine([Delta("noodles"), DONE])
    engine.gate.clear()
    settings, closing = Settings(grace_s=grace_s), threading.Event()
    app = create_app([engine], settings, site, closing=closing)
    listening = threading.Event()
    server = listen.Server(app, settings, closing, listening=listening.set, stopping=engine.close)
    with socket.create_server((listen.HOST, 0)) as reserved, ThreadPoolExecutor(2) as pool:
        address = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        running = pool.submit(server.run, sockets=[reserved])
        try:
            assert listening.wait(30)
            answer = pool.submit(httpx.post, f"{address}/v1/chat/completions", json=HELLO, timeout=30)
            until(lambda: bool(engine.orders))
            yield engine, server, address, answer
        finally:
            server.handle_exit(signal.SIGTERM, None)
            server.handle_exit(signal.SIGTERM, None)
            running.result(timeout=30)
            assert engine.running == 0


def test_who_is_inside_may_finish_and_who_comes_is_sent_away(site):
    with cooking(site, grace_s=60) as (engine, server, address, answer):
        server.handle_exit(signal.SIGTERM, None)
        refused = httpx.post(f"{address}/v1/chat/completions", json=HELLO)
        assert refused.status_code == 503
        assert refused.json()["error"] == {
            "message": "The kitchen is closing and takes no more orders.",
            "type": "server_error",
            "param": None,
            "code": "closed",
        }
        assert httpx.get(address).status_code == 200, "pages are served to the last"
        engine.gate.set()
        assert "noodles" in answer.result(30).text
        assert answer.result().text.strip().endswith("data: [DONE]")


@pytest.mark.parametrize(("grace_s", "signals"), [(60, 2), (0.2, 1)], ids=["told twice", "out of patience"])
def test_patience_ends_with_the_second_signal_or_after_a_while(site, grace_s, signals):
    with cooking(site, grace_s) as (_engine, server, _address, answer):
        for _ in range(signals):
            server.handle_exit(signal.SIGINT, None)
        ended = answer.result(30)
        assert (ended.status_code, ended.json()["error"]["code"]) == (503, "closing")
