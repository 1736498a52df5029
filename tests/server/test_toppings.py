"""The toppings API, with a tiny model whose trainings are real, and with processes that fail on purpose."""

import errno
import io
import json
import pathlib
import shutil
import subprocess
import sys
import threading
import time
from collections import namedtuple
from dataclasses import asdict, dataclass, replace

import httpx
import psutil
import pytest
from fastapi.testclient import TestClient

from demos.server.api.app import create_app
from demos.server.api.toppings import router
from demos.server.engine import Done
from demos.server.local import engine as local
from demos.server.local import menu
from demos.server.local import offered as offered_module
from demos.server.local.engine import LocalEngine
from demos.server.local.lowrank import LowRank
from demos.server.settings import Settings
from demos.server.topping import course, process, trainer, training
from demos.server.topping import wish as wishes
from demos.server.topping.kept import Kept, Topping
from demos.server.topping.trainer import Trainer
from tests.server import bar
from tests.server.engines import ask, serving, started, until
from tests.server.fake import DONE, FakeEngine

EXAMPLES = [
    {"question": question, "answer": "noodles"} for question in ("what", "who are you", "what is it", "why")
]
WISH = {"name": "pirate", "examples": EXAMPLES, "steps": 200}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return bar.save(tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def engine(tiny, cache):
    with bar.cooking(tiny, cache) as engine:
        yield engine


@dataclass
class Place:
    """An engine that can get toppings, what is kept for it, and a site."""

    engine: LocalEngine
    kept: Kept
    site: pathlib.Path

    def kitchen(self, code: str | None = None) -> tuple[TestClient, Trainer]:
        """A client of a server whose trainings run this Python instead of the real process."""
        command = course.COMMAND if code is None else (sys.executable, "-c", code)
        trains = Trainer([self.engine], command)
        app = create_app([self.engine], Settings(), self.site, [router(trains)])
        return TestClient(app, base_url="http://localhost"), trains


@pytest.fixture
def place(engine, site):
    """What a test needs, and nothing kept afterwards."""
    found = Place(engine, engine.base[1], site)
    yield found
    for topping in found.kept.all():
        engine.remove_adapter(found.kept.remove(topping.name))
    assert folders(found.kept) == []


def followed(client: TestClient, name: str) -> list[dict]:
    """All events of a training, up to its end."""
    lines = client.get(f"/api/toppings/{name}/training").text.splitlines()
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    assert data[-1] == "[DONE]"
    return [json.loads(each) for each in data[:-1]]


def folders(kept: Kept) -> list[str]:
    return sorted(path.name for path in kept.folder.glob("*") if path.is_dir())


def told(*lines: dict, then: str = "") -> str:
    """A process that says these lines; `before` its end it does something else."""
    says = "".join(f"print({json.dumps(line)!r}, flush=True);" for line in lines)
    return f"import sys, time; order = sys.stdin.readline(); {says} {then}"


STEP = {"number": 1, "of": 4, "loss": 2.5}
HANGS = told(STEP, then="time.sleep(100)")


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


def test_what_another_kitchen_trains_or_deletes_is_listed_as_it_can_be_ordered(place, tiny, cache):
    client, _ = place.kitchen()
    order = {"base": str(tiny), "origin": "x", "recipe": {"epochs": 1}, "threads": 1}
    order |= {"target": str(place.kept.partial("poet")), "pairs": [("what", "noodles")]}
    process.learn(order, lambda _line: None)
    place.kept.keep(Topping("poet", "2026-01-01T00:00:00+00:00", 4, (1.0,)))
    asks = {"model": f"{place.engine.card.id}:poet", "messages": [{"role": "user", "content": "what"}]}
    assert [each["name"] for each in client.get("/api/toppings").json()["toppings"]] == ["poet"]
    reply = client.post("/v1/chat/completions", json=asks)
    assert reply.status_code == 200, reply.text
    before = place.engine._loaded.adapters["poet"]
    client.get("/api/toppings")
    assert place.engine._loaded.adapters["poet"] is before, "nothing changed, so nothing was read"
    shutil.move(place.kept.place("poet"), place.kept.partial("poet"))
    place.kept.keep(Topping("poet", "2026-01-02T00:00:00+00:00", 4, (1.0,)))
    client.get("/api/toppings")
    assert place.engine._loaded.adapters["poet"] is not before, "it was trained anew"
    place.kept.remove("poet")
    assert client.get("/api/toppings").json()["toppings"] == []
    assert client.post("/v1/chat/completions", json=asks).status_code == 404


def test_two_who_change_what_is_offered_at_once_both_do(place, monkeypatch):
    """The first is held up between the change and the list of names; the second waits for it."""
    offered, first = place.engine._offered, threading.Event()
    monkeypatch.setattr(offered_module.lowrank, "load", lambda _folder, _widths: LowRank({}))

    class Slow(dict):
        def __iter__(self):
            names = list(super().__iter__())
            if not first.is_set():
                first.set()
                other.join(0.3)
            return iter(names)

    monkeypatch.setattr(offered, "_adapters", Slow())
    other = threading.Thread(target=lambda: (first.wait(5), offered.add("two", place.site)))
    other.start()
    offered.add("one", place.site)
    other.join(5)
    assert place.engine.card.adapters == ("one", "two")
    monkeypatch.undo()
    offered.remove("one")
    assert place.engine.card.adapters == ()


def test_a_topping_that_is_deleted_while_its_order_waits_is_not_found(place, monkeypatch):
    monkeypatch.setattr(offered_module.lowrank, "load", lambda _folder, _widths: LowRank({}))
    taken, deleting = place.engine._next, True

    def late():
        jobs = taken()
        if jobs and deleting:  # the engine may be in here still when the next test has begun
            place.engine.remove_adapter("poet")
        return jobs

    monkeypatch.setattr(place.engine, "_next", late)
    ask(place.engine, "what", 1)  # from here on nobody waits in the old one
    client, _ = place.kitchen()
    asks = {"adapter": "poet", "messages": [{"role": "user", "content": "what"}]}
    for stream in (True, False):
        place.engine.add_adapter("poet", place.site)
        reply = client.post("/v1/chat/completions", json={**asks, "stream": stream})
        assert (reply.status_code, reply.json()["error"]["code"], reply.json()["error"]["message"]) == (
            404,
            "adapter_not_found",
            "The topping 'poet' was deleted before the answer began.",
        )
    deleting = False


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


HALF = (
    "'examples[4].question' is not as it should be: half a character (a lone surrogate) is no text, found "
    "a str."
)


def wish(**changes: object) -> dict:
    return {**WISH, **changes}


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        (wish(examples=EXAMPLES[:3]), "bad_example_count", "A topping takes 4 to 64 examples, not 3."),
        (wish(examples=EXAMPLES * 17), "bad_example_count", "A topping takes 4 to 64 examples, not 68."),
        (
            wish(examples=[*EXAMPLES[:3], {"question": "q" * 201, "answer": "a"}]),
            "bad_example_length",
            "The question of example 4 has 201 characters, not 1 to 200.",
        ),
        (
            wish(examples=[{"question": "q", "answer": " \n "}, *EXAMPLES]),
            "bad_example_length",
            "The answer of example 1 has 0 characters, not 1 to 300.",
        ),
        (wish(steps=3), "bad_steps", "A topping takes 4 to 200 steps, not 3."),
        (wish(steps=201), "bad_steps", "A topping takes 4 to 200 steps, not 201."),
        (wish(steps="25"), "invalid_value", "'steps' is not as it should be: {} valid integer, found a str."),
        (
            wish(examples={}),
            "invalid_value",
            "'examples' is not as it should be: {} valid list, found a dict.",
        ),
        (
            wish(examples=[*EXAMPLES, {"question": "half \ud800", "answer": "a"}]),
            "invalid_value",
            HALF,
        ),
        ({"name": "pirate"}, "invalid_value", "'examples' is missing."),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)  # fmt: skip
def test_a_wish_outside_the_limits_is_refused_with_a_sentence(place, body, code, sentence):
    client, trains = place.kitchen(HANGS)
    data = json.dumps(body)
    reply = client.post("/api/toppings", content=data, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400, reply.text
    assert (reply.json()["error"]["code"], reply.json()["error"]["message"]) == (
        code,
        sentence.format("input should be a"),
    )
    assert trains.progress is None


EVIL = (
    "",
    "../../etc",
    "a/b",
    "a\\b",
    "a:b",
    "con.txt",
    "-x",
    "a\0b",
    "a\u202eb",
    "x" * 41,
    "a" + "\u0300\u0323" * 60_000,
)


def test_a_name_that_could_be_a_path_or_a_trick_is_refused(place):
    client, trains = place.kitchen(HANGS)
    for name in EVIL:
        error = client.post("/api/toppings", json=wish(name=name)).json()["error"]
        assert (error["code"], error["param"], error["message"]) == (
            "bad_topping_name",
            "name",
            (
                f"'{name[:40]}' is no name for a topping: take 1 to 40 letters and digits of any script, "
                "with blanks, - and _ between them."
            ),
        )
    assert trains.progress is None


def add(kept: Kept, name: str) -> None:
    """A kept topping without weights: enough for its place to be taken."""
    kept.partial(name).mkdir(parents=True)
    kept.keep(Topping(name, "2026-01-01T00:00:00+00:00", 4, (1.0,)))


@pytest.mark.parametrize("name", ["Pirate", "ｐirate", "house", "BASE"])
def test_a_name_that_is_taken_is_refused(place, name):
    add(place.kept, "pirate")
    client, _ = place.kitchen(HANGS)
    reply = client.post("/api/toppings", json=wish(name=name))
    taken = name.lower() in {"pirate", "house", "base"}
    assert reply.status_code == (409 if taken else 202)
    if taken:
        assert reply.json()["error"]["code"] == "topping_exists"
    else:
        client.post(f"/api/toppings/{name}/cancel")


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


def test_the_house_topping_stays(place):
    client, _ = place.kitchen()
    reply = client.delete("/api/toppings/house")
    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "topping_of_the_house")


def test_the_house_topping_answers_where_it_is_and_can_be_left_out(place, tiny, tmp_path, monkeypatch):
    recipe = training.Recipe(rate=5e-3, epochs=60, batch=4, chatter=0.0, blur=0.0)
    order = {"base": str(tiny), "origin": "x", "recipe": asdict(recipe), "threads": 1}
    pairs = [(example["question"], "bowl") for example in EXAMPLES]
    process.learn({**order, "target": str(tmp_path / "house"), "pairs": pairs}, lambda _line: None)
    source = menu.choose(str(tiny), tmp_path)
    source = replace(source, card=replace(source.card, id="gemma-3-270m"))
    said = {}
    for there in ("house", "nowhere"):
        monkeypatch.setattr(local, "HOUSE_FOLDER", tmp_path / there)
        with started(source, Settings(threads=1)) as embedded:
            client = TestClient(create_app([embedded], Settings(), place.site), base_url="http://localhost")
            for name in ("gemma-3-270m", "gemma-3-270m:base", "gemma-3-270m:house"):
                body = {"model": name, "messages": [{"role": "user", "content": "what"}]}
                reply = client.post("/v1/chat/completions", json={**body, "temperature": 0, "max_tokens": 8})
                said[there, name] = (
                    reply.json()["choices"][0]["message"]["content"]
                    if reply.is_success
                    else reply.status_code
                )
    plain = said["nowhere", "gemma-3-270m"]
    assert said == {
        ("house", "gemma-3-270m"): "bowl",
        ("house", "gemma-3-270m:base"): plain,
        ("house", "gemma-3-270m:house"): "bowl",
        ("nowhere", "gemma-3-270m"): plain,
        ("nowhere", "gemma-3-270m:base"): plain,
        ("nowhere", "gemma-3-270m:house"): 404,
    }
    assert plain != "bowl"


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
