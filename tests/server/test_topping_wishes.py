"""What may be asked for in a topping: examples, steps and names, each refusal with its sentence."""

import json

import pytest

from tests.server.bar import EXAMPLES, HANGS, add, wish

HALF = (
    "'examples[4].question' is not as it should be: half a character (a lone surrogate) is no text, found "
    "a str."
)


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
