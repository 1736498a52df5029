"""The toppings API, with a tiny model whose trainings are real, and with processes that fail on purpose."""

import errno
import io
import json
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from dataclasses import replace

import httpx
import psutil
import pytest

from demos.server.api.app import create_app
from demos.server.api.toppings import router
from demos.server.engine import Done
from demos.server.settings import Settings
from demos.server.topping import course, process, trainer, training
from demos.server.topping import wish as wishes
from tests.server import bar
from tests.server.bar import HANGS, STEP, WISH, add, folders, followed, told, wish
from tests.server.engines import ask, serving, until
from tests.server.fake import DONE, FakeEngine


def test_a_topping_is_trained_followed_asked_for_kept_and_deleted(place, tiny, cache):
    client, _ = place.kitchen()
    name = "해적 요리사 2"
    reply = client.post("/api/toppings", json={**WISH, "name": f" {name} "})
    assert reply.status_code == 202, reply.text
    assert (reply.json()["name"], reply.json()["of"]) == (name, 200)
    found = followed(client, name)
    assert [event["step"] for event in found] == [*range(201), 200]
    assert [found[0]["state"], found[1]["state"], found[-1]["state"]] == ["loading", "training", "done"]
    losses = [event["loss"] for event in found[1:-1]]
    assert losses[-1] < losses[0] / 3
    plain, end = ask(place.engine, "what", 8, temperature=0, adapter="")
    assert isinstance(end, Done)
    assert ask(place.engine, "what", 8, temperature=0, adapter=name)[0] == "noodles" != plain
    entry = client.get("/api/toppings").json()["toppings"][0]
    assert entry["losses"] == losses
    assert entry["memory_bytes"] > 0
    assert (entry["name"], entry["examples"], entry["house"]) == (name, 4, False)
    (model,) = client.get("/v1/models").json()["data"]
    assert model["capabilities"]["adapters"] == [name]
    config = json.loads((place.kept.place(name) / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny"
    with bar.cooking(tiny, cache) as next_start:
        assert next_start.card.adapters == (name,)
        assert ask(next_start, "what", 8, temperature=0, adapter=name)[0] == "noodles"
    assert client.delete(f"/api/toppings/{name}").status_code == 204
    assert place.engine.card.adapters == ()
    assert folders(place.kept) == []
    assert client.delete(f"/api/toppings/{name}").json()["error"]["message"] == (
        f"There is no topping '{name}' to delete."
    )


def test_the_process_ends_when_the_server_that_wanted_it_does(tiny, tmp_path):
    order = {
        "base": str(tiny),
        "target": str(tmp_path / "made"),
        "origin": "tiny",
        "recipe": {"epochs": 10**6},
        "pairs": [("what", "noodles")],
        "threads": 1,
    }
    with subprocess.Popen(course.COMMAND, stdin=-1, stdout=-1, stderr=-3, text=True) as process:
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["number"] == 1
        assert psutil.Process(process.pid).nice() > psutil.Process().nice()
        process.stdin.close()
        assert process.wait(10) == 1
    assert not (tmp_path / "made").exists()


TELLS_NAMES = """
import json, os, sys
sys.stdin.readline()
print(json.dumps({"end": "training_failed", "error": " ".join(sorted(os.environ)), "stack": []}), flush=True)
"""


def test_the_process_is_told_no_secret_of_the_server(place, monkeypatch, caplog):
    secrets = ("GEMINI_API_KEY", "TWO_BOWLS_TOKEN", "HF_TOKEN", "HTTPS_PROXY", "DB_PASSWORD")
    for name in secrets:
        monkeypatch.setenv(name, "a secret")
    client, _ = place.kitchen(TELLS_NAMES)
    assert client.post("/api/toppings", json=WISH).status_code == 202
    assert followed(client, "pirate")[-1]["state"] == "failed"
    names = next(str(vars(record)) for record in caplog.records if "OMP_WAIT_POLICY" in str(vars(record)))
    assert [name for name in secrets if name in names] == []


def test_cancelling_ends_the_process_and_leaves_nothing(place):
    client, trains = place.kitchen(HANGS)
    client.post("/api/toppings", json=WISH)
    until(lambda: trains.progress.step == 1)
    process = trains._course._process
    place.kept.partial("pirate").mkdir()
    reply = client.post("/api/toppings/PIRATE/cancel").json()
    assert (reply["state"], reply["losses"], reply["reason"]) == ("cancelled", [2.5], None)
    assert process.poll() is not None
    assert folders(place.kept) == []
    assert followed(client, "pirate")[-1]["state"] == "cancelled"
    # Again: nothing holds the place of the next one.
    assert client.post("/api/toppings", json=WISH).status_code == 202
    trains.close()
    assert trains._course.wait(10)
    assert trains.progress.state == "cancelled"


KILLED = (
    "The training of 'pirate' was ended from outside, most likely for want of memory, so nothing was kept: "
    "close other programs and train it again."
)
NO_MEMORY = (
    "There was not enough memory to train 'pirate', so nothing was kept: close other programs or take "
    "shorter examples, and train it again."
)


@pytest.mark.parametrize(
    ("code", "expected", "sentence"),
    [
        (
            told(STEP, then="import os; os.kill(os.getpid(), 9)"),
            "training_killed",
            KILLED,
        ),
        (
            "import os; os.kill(os.getpid(), 9)",
            "training_killed",
            KILLED,
        ),
        (
            told(STEP, {"end": "disk_full"}),
            "disk_full",
            "The disk is full, so 'pirate' could not be kept: make room and train it again.",
        ),
        (
            told({"end": "out_of_memory"}),
            "not_enough_memory",
            NO_MEMORY,
        ),
        (
            told(STEP, {"end": "training_failed", "error": "RuntimeError", "stack": []}),
            "training_failed",
            "The training of 'pirate' stopped with an error that is in the server's log; nothing was kept.",
        ),
        (
            told({"end": "done"}),
            "training_failed",
            "The training of 'pirate' stopped with an error that is in the server's log; nothing was kept.",
        ),
    ],
    ids=["killed", "killed at once", "disk full", "no memory", "failed", "done without an adapter"],
)
def test_a_training_that_breaks_leaves_nothing_and_says_why(place, code, expected, sentence):
    client, trains = place.kitchen(code)
    assert client.post("/api/toppings", json=WISH).status_code == 202
    end = followed(client, "pirate")[-1]
    assert (end["state"], end["code"], end["reason"]) == ("failed", expected, sentence)
    assert trains._course.wait(10)
    assert folders(place.kept) == []
    assert place.engine.card.adapters == ()


def test_what_a_killed_server_left_is_not_offered_and_goes_before_the_next_training(place):
    place.kept.folder.mkdir(parents=True, exist_ok=True)
    for suffix in (".partial", ".gone"):
        left = place.kept.place("pirate").with_suffix(suffix)
        left.mkdir()
        (left / "topping.json").write_text('{"name": "pirate", "created": "", "examples": 4, "losses": []}')
    client, _trains = place.kitchen(HANGS)
    assert client.get("/api/toppings").json()["toppings"] == []
    assert client.post("/api/toppings", json=WISH).status_code == 202
    assert folders(place.kept) == []
    client.post("/api/toppings/pirate/cancel")


@pytest.mark.parametrize("code", [told({"end": "out_of_memory"}), HANGS], ids=["failed", "cancelled"])
def test_who_hears_of_the_end_may_train_at_once(code):
    """The place is free before anybody is told."""
    seen = []
    learns = course.Course(
        "pirate",
        4,
        {},
        lambda _losses: None,
        lambda: seen.append(learns.progress.ended),
        command=(sys.executable, "-c", code),
    )
    learns.start()
    until(lambda: learns.progress.ended or learns.progress.step == 1)
    learns.cancel()
    assert learns.wait(10)
    assert seen == [False]
    assert learns.progress.ended


def test_there_is_one_training_at_a_time_also_beside_another_server(place):
    client, _ = place.kitchen(HANGS)
    assert client.post("/api/toppings", json=WISH).status_code == 202
    second = client.post("/api/toppings", json=wish(name="poet"))
    assert (second.status_code, second.json()["error"]["message"]) == (
        409,
        "'pirate' is being trained: wait until it is done, or cancel it.",
    )
    other, _ = place.kitchen(HANGS)
    assert other.post("/api/toppings", json=wish(name="poet")).json()["error"]["message"] == (
        "Another kitchen on this computer is training a topping: wait until it is done."
    )
    client.post("/api/toppings/pirate/cancel")
    assert other.post("/api/toppings", json=wish(name="poet")).status_code == 202
    other.post("/api/toppings/poet/cancel")


def test_no_more_are_kept_than_there_is_room_for(place):
    for number in range(trainer.MOST_KEPT):
        add(place.kept, f"number {number}")
    client, _ = place.kitchen(HANGS)
    reply = client.post("/api/toppings", json=WISH)
    assert (reply.status_code, reply.json()["error"]["code"], reply.json()["error"]["message"]) == (
        409,
        "too_many_toppings",
        "8 toppings are kept already: delete one of them first.",
    )


def test_too_little_memory_or_disk_is_said_beforehand(place, monkeypatch):
    client, trains = place.kitchen(HANGS)
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil has it
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10, 9, 1))
    reply = client.post("/api/toppings", json=WISH)
    assert (reply.status_code, reply.json()["error"]["code"]) == (507, "disk_full")
    assert reply.json()["error"]["message"] == (
        f"There is no room for a topping in {place.kept.folder}: make some and try again."
    )
    memory = namedtuple("memory", "available")  # noqa: PYI024
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(10**8))
    reply = client.post("/api/toppings", json=WISH)
    assert (reply.status_code, reply.json()["error"]["code"], reply.json()["error"]["message"]) == (
        507,
        "not_enough_memory",
        "Training takes 1.4 GB of memory, and 0.1 GB are free: close other programs and try again.",
    )
    assert trains.progress is None


def test_a_kitchen_whose_models_cook_elsewhere_takes_no_toppings(place):
    client, _ = replace(place, engine=FakeEngine([DONE])).kitchen()
    assert client.get("/api/toppings").json()["refusal"] == {
        "message": "No model in this process could get a topping: start the server with --model embedded.",
        "code": "toppings_not_supported",
    }
    assert client.post("/api/toppings", json=WISH).status_code == 400
    assert client.get("/api/toppings/pirate/training").json()["error"]["message"] == (
        "No topping 'pirate' is being trained."
    )


def test_other_sites_pages_cannot_train_anything(place):
    client, trains = place.kitchen(HANGS)
    reply = client.post("/api/toppings", json=WISH, headers={"Origin": "https://example.org"})
    assert reply.status_code == 403
    assert trains.progress is None


def test_answers_come_while_a_topping_is_trained_and_a_reader_who_leaves_harms_nothing(place):
    _, trains = place.kitchen(HANGS)
    with serving(create_app([place.engine], Settings(), place.site, [router(trains)])) as address:
        httpx.post(f"{address}/api/toppings", json=WISH).raise_for_status()
        with httpx.stream("GET", f"{address}/api/toppings/pirate/training") as stream:
            lines = stream.iter_lines()
            while "2.5" not in next(lines):
                pass
        assert isinstance(ask(place.engine, "what", 4)[1], Done)
        assert trains.progress.state == "training"
        begun = time.monotonic()
        trains.close()
        assert trains._course.wait(5)
    assert time.monotonic() - begun < 5


def test_a_disk_that_is_full_at_the_end_is_told_by_the_process(tiny, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(training, "train", lambda *_, **__: None)
    monkeypatch.setattr(training, "save", full)
    order = {
        "base": str(tiny),
        "target": str(tmp_path),
        "origin": "x",
        "recipe": {},
        "pairs": [],
        "threads": 1,
    }
    output = io.StringIO()
    process.run(order, output)
    end = json.loads(output.getvalue())
    assert (end["end"], end["error"]) == ("disk_full", "OSError")
    assert process.end_of(MemoryError())["end"] == "out_of_memory"
    assert process.end_of(ValueError("a secret"))["end"] == "training_failed"
    assert "secret" not in json.dumps(process.end_of(ValueError("a secret")))


def test_long_examples_go_fewer_at_a_time_and_every_round_is_whole():
    short, long = [("q", "a")] * 9, [("q" * 200, "면" * 300)] * 9
    recipe = wishes.recipe(short, 12)
    assert (recipe["batch"], recipe["epochs"], wishes.steps_of(short, recipe)) == (8, 6, 12)
    recipe = wishes.recipe(long, 12)
    assert (recipe["batch"], recipe["epochs"], wishes.steps_of(long, recipe)) == (2, 2, 10)
