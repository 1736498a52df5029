"""Two replicas under load, one of them killed: only what it was answering is lost, and another one comes.

Needs Ray, so it is no part of `make test`:

    python3 scripts/setup.py site server test cluster
    .venv/bin/python -m pytest tests/cluster
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import psutil
import pytest

from demos.server.cluster import Size, crowded, options
from demos.server.settings import Settings
from tests.server import gemma4

ROOT = pathlib.Path(__file__).parents[2]
PATIENCE_S = 240
HELLO = {"messages": [{"role": "user", "content": "what is a bowl"}], "max_tokens": 16, "stream": True}
CLIENTS = 8


@dataclass(frozen=True)
class Asked:
    """One request: when it began and ended, and whether the whole answer came."""

    begun: float
    ended: float
    whole: bool
    said: str


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """Two replicas of a tiny random Gemma 4."""
    folder = gemma4.save(tmp_path_factory.mktemp("gemma4"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "scripts.cluster", "--model", str(folder), "--port", port]
    size = ["--least", "2", "--most", "2", "--cores", "1"]
    limits = {"TWO_BOWLS_REQUESTS_PER_MINUTE": "100000", "TWO_BOWLS_CACHE": str(folder / "cache")}
    with subprocess.Popen([*command, *size], cwd=ROOT, env=os.environ | limits) as process:
        try:
            wait_for(lambda: healthy(f"http://127.0.0.1:{port}"))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    wait_for(lambda: not replicas())  # nothing is left running


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


def ask(address: str) -> Asked:
    begun = time.monotonic()
    try:
        reply = httpx.post(f"{address}/v1/chat/completions", json=HELLO, timeout=60)
        said = reply.text
    except httpx.HTTPError as error:
        return Asked(begun, time.monotonic(), whole=False, said=str(error))
    whole = reply.status_code == 200 and said.strip().endswith("data: [DONE]")
    return Asked(begun, time.monotonic(), whole, f"{reply.status_code} {said[-200:]}")


@pytest.mark.timeout(2 * PATIENCE_S)
def test_killing_one_of_two_replicas_under_load_loses_only_what_it_was_answering(address):
    assert len(replicas()) == 2
    asked: list[Asked] = []
    enough = threading.Event()

    def client() -> None:
        while not enough.is_set():
            asked.append(ask(address))

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    wait_for(lambda: len(asked) >= 4 * CLIENTS)
    killed = time.monotonic()
    replicas()[0].kill()
    wait_for(lambda: sum(each.begun > killed for each in asked) >= 4 * CLIENTS)
    wait_for(lambda: len(replicas()) == 2)
    enough.set()
    for each in clients:
        each.join()
    lost = [each for each in asked if not each.whole]
    under_way = [each for each in asked if each.begun <= killed < each.ended]
    sys.stdout.write(f"{len(asked)} asked, {len(under_way)} under way at the kill, {len(lost)} lost\n")
    assert all(each.begun <= killed < each.ended for each in lost), lost
    assert len(lost) < len(under_way), "the other replica goes on"
    assert ask(address).whole


def test_a_replica_gets_a_gpu_where_there_are_some_and_no_more_than_it_can_hold():
    settings = Settings(rows=4, queue_length=3)
    alone, with_gpus = (options(settings, Size(1, 9, 2), each) for each in ({"CPU": 8}, {"CPU": 8, "GPU": 4}))
    assert alone["ray_actor_options"] == {"num_cpus": 2}
    assert with_gpus["ray_actor_options"] == {"num_cpus": 2, "num_gpus": 1}
    assert alone["max_ongoing_requests"] == 7
    assert alone["autoscaling_config"] == {
        "min_replicas": 1,
        "max_replicas": 9,
        "target_ongoing_requests": 4,
    }


def test_kitchens_that_do_not_fit_beside_each_other_are_one_sentence():
    assert crowded(Size(2, 4, 4), {"CPU": 8}) is None
    assert crowded(Size(3, 4, 4), {"CPU": 8}) == (
        "There is room for 2 kitchens with 4 cores each on this machine, but --least asks for 3: give a "
        "smaller --least or fewer --cores."
    )
    assert crowded(Size(2, 4, 1), {"CPU": 8, "GPU": 1}).startswith(
        "There is room for 1 kitchens with 1 cores"
    )
