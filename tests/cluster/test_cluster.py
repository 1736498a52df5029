"""Two replicas under load, one of them killed: only what it was answering is lost, and another one comes.

Needs Ray, so it is no part of `make test`:

    python3 scripts/setup.py site server test cluster
    .venv/bin/python -m pytest tests/cluster
"""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest
import ray
from ray import serve

from demos.server.cluster import Size, crowded, options, share, stop
from demos.server.settings import Settings
from scripts.contestants import free_port
from tests.cluster.kitchens import CLIENTS, PATIENCE_S, ROOT, ask, clients, kitchens, replicas, wait_for

NO_TRAINING = (
    "A topping would be in one of several kitchens only: train it with make serve, and they have it when "
    "they start."
)


@pytest.fixture(scope="module")
def two(folder) -> Iterator[str]:
    """Two replicas."""
    with kitchens(folder, "--least", "2", "--most", "2", "--cores", "1") as address:
        yield address


@pytest.mark.timeout(2 * PATIENCE_S)
def test_killing_one_of_two_replicas_under_load_loses_only_what_it_was_answering(two):
    assert len(replicas()) == 2
    with clients(two, CLIENTS) as asked:
        wait_for(lambda: len(asked) >= 4 * CLIENTS)
        killed = time.monotonic()
        replicas()[0].kill()
        wait_for(lambda: sum(each.begun > killed for each in asked) >= 4 * CLIENTS)
        wait_for(lambda: len(replicas()) == 2)
    lost = [each for each in asked if not each.whole]
    under_way = [each for each in asked if each.begun <= killed < each.ended]
    (dead,) = {each.replica for each in asked if each.begun < killed and each.replica} - {
        each.replica for each in asked if each.begun > killed
    }
    sys.stdout.write(f"{len(asked)} asked, {len(under_way)} under way at the kill, {len(lost)} lost\n")
    assert all(each.begun <= killed < each.ended for each in lost), lost
    assert all(each.replica in {dead, None} for each in lost), "what the other one was answering came whole"
    assert all(each.whole for each in under_way if each.replica != dead and each.replica), under_way
    assert len(lost) < len(under_way), "the other replica goes on"
    assert ask(two).whole


def test_it_is_the_api_of_one_kitchen_but_for_toppings_to_train(two):
    toppings = httpx.get(f"{two}/api/toppings").json()
    assert toppings["refusal"] == {"message": NO_TRAINING, "code": "toppings_not_supported"}
    examples = [{"question": "?", "answer": "!"}] * 4
    refused = httpx.post(f"{two}/api/toppings", json={"name": "mine", "examples": examples})
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, NO_TRAINING)
    restaurant = httpx.get(f"{two}/api/restaurant").json()
    assert restaurant["open"] is False
    assert restaurant["models"]
    assert httpx.get(f"{two}/api/model/manifest.json").status_code == 200


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (
            ["--port", "abc"],
            "'abc' is not a port: give a whole number from 1 to 65535, for example make serve",
        ),
        (["--least", "9", "--most", "9", "--cores", "1"], "There is room for "),
        (["--model", "{broken}", "--cores", "1"], "The folder "),
    ],
)
def test_what_cannot_be_is_one_sentence(flags, sentence, folder, tmp_path):
    broken = shutil.copytree(folder, tmp_path / "broken", ignore=lambda *_: ["model.safetensors"])
    model = [] if "--model" in flags else ["--model", str(folder)]
    port = [] if "--port" in flags else ["--port", str(free_port())]
    words = [flag.replace("{broken}", str(broken)) for flag in flags]
    command = [sys.executable, "-m", "scripts.cluster", *model, *port, *words]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert run.returncode == 1
    # Ray has its own to say, before and after.
    assert any(line.startswith(sentence) for line in run.stderr.splitlines()), run.stderr
    assert "Traceback" not in run.stderr


def test_a_taken_port_is_one_sentence(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "scripts.cluster", "--model", str(folder), "--port", port]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 1
    assert run.stderr.strip() == (
        f"Port {port} is taken by another program: use another one, make serve PORT=8123"
    )


@pytest.mark.parametrize(
    ("address", "gone"), [(None, ["all of Serve", "Ray"]), ("10.0.0.7:6379", ["two-bowls", "Ray"])]
)
def test_on_others_machines_only_our_kitchens_are_closed(address, gone, monkeypatch):
    done: list[str] = []
    status = SimpleNamespace(applications={"two-bowls": None, "theirs": None})
    monkeypatch.setattr(ray, "is_initialized", lambda: True)
    monkeypatch.setattr(ray, "shutdown", lambda: done.append("Ray"))
    monkeypatch.setattr(serve, "status", lambda: status)
    monkeypatch.setattr(serve, "delete", done.append)
    monkeypatch.setattr(serve, "shutdown", lambda: done.append("all of Serve"))
    stop(address)
    assert done == gone


@pytest.mark.parametrize(
    ("most", "machines", "cores"),
    [
        (4, [{"CPU": 8.0}], 2),
        (1, [{"CPU": 64.0}], 8),
        (8, [{"CPU": 4.0}], 1),
        (2, [{"CPU": 4.0}, {"CPU": 4.0}], 4),
        (1, [{"CPU": 4.0}, {"CPU": 4.0}], 4),
        (8, [{"CPU": 32.0, "GPU": 8.0}], 4),
        (16, [{"CPU": 32.0, "GPU": 8.0}], 4),
        (4, [{"CPU": 2.0}, {"CPU": 16.0, "GPU": 2.0}], 8),
    ],
)
def test_cores_are_shared_by_as_many_replicas_as_there_may_be(most, machines, cores):
    assert share(most, machines) == cores


def test_a_replica_gets_a_gpu_where_there_are_some_and_no_more_than_it_can_hold():
    settings = Settings(rows=4, queue_length=3)
    alone, with_gpus = (options(settings, Size(1, 9, 2), each) for each in ({"CPU": 8}, {"CPU": 8, "GPU": 4}))
    assert alone["ray_actor_options"] == {"num_cpus": 2}
    assert with_gpus["ray_actor_options"] == {"num_cpus": 2, "num_gpus": 1}
    assert alone["max_ongoing_requests"] == 7
    scaling = alone["autoscaling_config"]
    assert (scaling["min_replicas"], scaling["max_replicas"], scaling["target_ongoing_requests"]) == (1, 9, 4)


def test_kitchens_that_do_not_fit_beside_each_other_are_one_sentence():
    assert crowded(Size(2, 4, 4), {"CPU": 8}) is None
    assert crowded(Size(3, 4, 4), {"CPU": 8}) == (
        "There is room for 2 kitchens with 4 cores each on this machine, but --least asks for 3: give a "
        "smaller --least or fewer --cores."
    )
    assert crowded(Size(2, 4, 1), {"CPU": 8, "GPU": 1}).startswith(
        "There is room for 1 kitchens with 1 cores"
    )
