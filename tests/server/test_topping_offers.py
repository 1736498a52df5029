"""Which toppings can be ordered: what other kitchens train and delete, and the house topping."""

import shutil
import threading
from dataclasses import asdict, replace

from fastapi.testclient import TestClient

from demos.server.api.app import create_app
from demos.server.local import engine as local
from demos.server.local import menu
from demos.server.local.lowrank import LowRank
from demos.server.settings import Settings
from demos.server.topping import process, training
from demos.server.topping.kept import Topping
from tests.server.bar import EXAMPLES
from tests.server.engines import ask, started


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
    monkeypatch.setattr(place.engine._offered, "_read", lambda _folder: LowRank({}))

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
    monkeypatch.setattr(place.engine._offered, "_read", lambda _folder: LowRank({}))
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
