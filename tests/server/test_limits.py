"""How much may be asked for, by whom and how slowly: rates, full houses, slow senders and readers."""

import asyncio
import contextlib
import itertools
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import psutil
import pytest
from fastapi.testclient import TestClient

from demos.server.api.app import create_app
from demos.server.api.limits import MOST_CLIENTS, Buckets
from demos.server.api.toppings import router
from demos.server.engine import Delta
from demos.server.settings import Settings
from demos.server.topping.trainer import Trainer
from tests.server.engines import aside, serving, until
from tests.server.fake import DONE, FakeEngine

HELLO = {"messages": [{"role": "user", "content": "hello"}]}
CHAT = "/v1/chat/completions"
ROOT = pathlib.Path(__file__).parents[2]
SECRET = "open sesame, please"  # noqa: S105 - of the tests


@pytest.fixture
def locked(site: pathlib.Path) -> TestClient:
    app = create_app([FakeEngine([DONE])], Settings(token=SECRET), site)
    return TestClient(app, base_url="http://localhost")


@pytest.mark.parametrize(
    "path", ["/v1/models", "/v1/openapi.json", "/api/kitchen", "/metrics", "/v1/nothing"]
)
@pytest.mark.parametrize(
    "header", [None, SECRET, f"Basic {SECRET}", "Bearer", f"Bearer {SECRET}x", "Bearer é"]
)
def test_without_the_token_there_is_nothing_but_the_pages(locked, path, header):
    headers = {} if header is None else {"Authorization": header.encode()}
    reply = locked.get(path, headers=headers)
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert reply.json()["error"] == {
        "message": (
            "This server needs its access token, as 'Authorization: Bearer ...': it stands in the terminal "
            "where the server was started."
        ),
        "type": "authentication_error",
        "param": None,
        "code": "invalid_token",
    }


def test_with_the_token_everything_is_there(locked):
    headers = {"Authorization": f"Bearer {SECRET}"}
    assert locked.post(CHAT, json=HELLO, headers=headers).status_code == 200
    assert locked.get("/metrics", headers=headers).status_code == 200


def test_pages_and_health_need_no_token(locked):
    assert locked.get("/").status_code == 200
    assert locked.get("/health").status_code == 200


def test_a_bucket_holds_a_minute_and_fills_slowly():
    now = 0.0
    buckets = Buckets(60, clock=lambda: now)
    assert [buckets.take("a") for _ in range(61)] == [*60 * [0], 1.0]
    assert buckets.take("b") == 0
    now = 2.5
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0.5]


def test_clients_who_asked_long_ago_are_forgotten():
    now = 0.0
    buckets = Buckets(60, clock=lambda: now)
    for client in range(MOST_CLIENTS):
        buckets.take(str(client))
    now = 0.5
    buckets.take("new")
    assert len(buckets._buckets) == MOST_CLIENTS // 2 + 1
    now = 60.0
    for client in range(MOST_CLIENTS // 2, MOST_CLIENTS):
        buckets.take(f"late {client}")
    assert len(buckets._buckets) <= MOST_CLIENTS


def test_too_many_orders_in_a_minute_get_the_time_to_come_back(site):
    app = create_app([FakeEngine([DONE])], Settings(requests_per_minute=2), site)
    client = TestClient(app, base_url="http://localhost")
    *taken, refused = [client.post(CHAT, json=HELLO) for _ in range(3)]
    assert [reply.status_code for reply in taken] == [200, 200]
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert refused.json()["error"]["code"] == "too_many_requests"
    assert refused.json()["error"]["message"] == (
        "That was more than 2 orders in a minute. Try again in 30 seconds."
    )
    assert client.get("/v1/models").status_code == 200


TRAIN = ("POST", "/api/toppings"), ("POST", "/api/toppings/x/cancel"), ("DELETE", "/api/toppings/x")


@pytest.mark.parametrize(("method", "path"), TRAIN)
def test_trainings_count_as_orders_and_end_with_them(site, method, path):
    engine, closing = FakeEngine([DONE]), threading.Event()
    routes = [router(Trainer([engine]))]
    app = create_app([engine], Settings(requests_per_minute=1), site, routes, closing)
    client = TestClient(app, base_url="http://localhost")
    assert client.request(method, path, json={}).status_code in {400, 404}
    refused = client.request(method, path, json={})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert client.get("/api/toppings").status_code == 200
    closing.set()
    refused = client.request(method, path, json={})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "closed")


def test_two_hundred_clients_at_once_get_an_answer_or_a_429_and_leave_nothing_behind(site):
    engine = FakeEngine([*20 * [Delta("noodle ")], DONE], seats=16)
    engine.gate.clear()
    settings = Settings(max_requests=24)
    before = psutil.Process().memory_info().rss

    async def ask_all(address: str) -> list[int]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=address, limits=limits, timeout=30) as client:
            asking = [
                asyncio.create_task(client.post(CHAT, json=HELLO | {"stream": n % 2 == 0}))
                for n in range(200)
            ]
            refused = itertools.islice(asyncio.as_completed(asking), 184)
            for reply in refused:
                await reply
            engine.gate.set()  # only now: the sixteen that have a seat were asked at the same time
            return [reply.status_code for reply in await asyncio.gather(*asking)]

    with serving(create_app([engine], settings, site), settings) as address:
        statuses = aside(asyncio.run, ask_all(address))
        until(lambda: engine.running == 0)
        assert httpx.post(address + CHAT, json=HELLO).status_code == 200
        waiting = [line for line in httpx.get(address + "/metrics").text.splitlines() if "_orders{" in line]
    assert sorted(statuses) == [*16 * [200], *184 * [429]]
    assert all(line.endswith(" 0.0") for line in waiting)
    assert psutil.Process().memory_info().rss - before < 100e6


def test_a_request_that_trickles_in_is_refused_in_time(site):
    settings = Settings(sender_timeout_s=0.3)
    engine = FakeEngine([DONE])
    with serving(create_app([engine], settings, site), settings) as address:
        with socket.create_connection(("127.0.0.1", httpx.URL(address).port), 10) as slow:
            head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            slow.sendall(f"{head}Content-Length: 1000\r\n\r\n{{".encode())
            reply = b""
            while piece := slow.recv(4096):
                reply += piece
        assert httpx.post(address + CHAT, json=HELLO).status_code == 200
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b"The request did not arrive within 0.3 seconds." in reply
    assert len(engine.orders) == 1


@pytest.mark.parametrize(
    "said", [b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: "]
)
def test_a_connection_that_never_asks_is_closed(site, said):
    settings = Settings(sender_timeout_s=0.3)
    with (
        serving(create_app([FakeEngine([DONE])], settings, site), settings) as address,
        socket.create_connection(("127.0.0.1", httpx.URL(address).port), 10) as silent,
    ):
        silent.sendall(said)
        with contextlib.suppress(ConnectionResetError):
            assert silent.recv(100) == b""


def test_a_second_request_on_a_connection_may_not_trickle_either(site):
    settings = Settings(sender_timeout_s=0.3)
    with (
        serving(create_app([FakeEngine([DONE])], settings, site), settings) as address,
        socket.create_connection(("127.0.0.1", httpx.URL(address).port), 10) as slow,
    ):
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        reply = b""
        while not reply.endswith(b"}"):
            reply += slow.recv(4096)
        slow.sendall(b"GET /hea")
        with contextlib.suppress(ConnectionResetError):
            assert slow.recv(4096) == b""


def test_an_answer_that_nobody_reads_is_cancelled_and_one_that_is_read_late_is_not(site):
    settings = Settings(reader_timeout_s=0.4)
    engine = FakeEngine([*400 * [Delta(65536 * "x")], DONE])
    with serving(create_app([engine], settings, site), settings) as address:
        port = httpx.URL(address).port
        body = b'{"stream":true,"messages":[{"role":"user","content":"x"}]}'
        head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        with socket.socket() as stuck:
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            stuck.connect(("127.0.0.1", port))
            stuck.sendall(request)
            until(lambda: len(engine.tickets) == 1)
            until(engine.tickets[0].cancelled.is_set)
        with httpx.stream(
            "POST", address + CHAT, content=body, headers={"Content-Type": "application/json"}
        ) as late:
            time.sleep(0.2)
            assert sum(len(piece) for piece in late.iter_raw()) > 400 * 65536


# A stream whose second word never comes.
STREAMING = """
import pathlib, sys, threading
from demos.server.api import listen
from demos.server.api.app import create_app
from demos.server.engine import Delta
from demos.server.settings import Settings
from tests.server.fake import FakeEngine
engine = FakeEngine([Delta("noodle"), Delta("never said")])
engine.submit_first = engine.submit
def submit(order, listener):
    def hear(event):
        listener(event)
        engine.gate.clear()  # after the first word
    return engine.submit_first(order, hear)
engine.submit = submit
settings = Settings(port=sys.argv[1], grace_s=0.2)
app = create_app([engine], settings, pathlib.Path(sys.argv[2]))
listen.serve(
    app,
    settings,
    listen.reserve(settings.port),
    threading.Event(),
    listening=lambda: print("open", flush=True),
    stopping=engine.close,
)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_stopped_ends_its_streams_with_a_sentence(site, number):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-c", STREAMING, port, site]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout.readline() == "open\n"
            with httpx.stream(
                "POST", f"http://127.0.0.1:{port}{CHAT}", json=HELLO | {"stream": True}
            ) as reply:
                lines = reply.iter_lines()
                assert any("noodle" in line for line in lines)
                process.send_signal(number)
                rest = "".join(lines)
            process.wait(10)
        finally:
            process.kill()
    assert '"message": "The kitchen is closing, so the answer ends here."' in rest
    assert '"code": "closing"' in rest
    assert process.returncode in {0, -number}


def test_orders_of_clients_who_left_before_the_first_word_are_cancelled(site):
    engine = FakeEngine([Delta("late"), DONE])
    engine.gate.clear()
    settings = Settings()
    with serving(create_app([engine], settings, site), settings) as address:
        for stream in (True, False):
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(address + CHAT, json=HELLO | {"stream": stream}, timeout=0.2)
        until(lambda: all(ticket.cancelled.is_set() for ticket in engine.tickets))
        until(lambda: engine.running == 0)
    assert len(engine.tickets) == 2
