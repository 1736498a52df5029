"""What other servers do differently: odds in two shapes, fields that they do not know, what they can do."""

import json
from dataclasses import replace

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from demos.server.api.app import create_app
from demos.server.engine import Done, Failed, Message, Odds, Order
from demos.server.settings import Settings
from demos.server.upstream import wire
from tests.server.engines import serving, told
from tests.server.openai_api import ANSWER, StandIn, chunk, cooked_by

CHAT = Order((Message("user", "What is ramen?"),), 20)
TEXT = Order((), 1, text="what is")
LISTS = {"tokens": [" a"], "token_logprobs": [-1.5], "top_logprobs": [{" b": -2, " a": -1.5, " c": -0.5}]}
LIKELIEST = [{"id": 9, "token": " c", "logprob": -0.5}, {"token": " a", "logprob": -1.5}]
OBJECTS = {
    "content": [{"id": 7, "token": " a", "bytes": [32, 97], "logprob": -1.5, "top_logprobs": LIKELIEST}]
}


def going_on(**more: object) -> StandIn:
    """A stand-in that goes on with one token."""
    choice = {"index": 0, "text": " a", "finish_reason": "length", **more}
    return StandIn(json.dumps({"choices": [choice]}), "[DONE]")


@pytest.mark.parametrize(
    ("logprobs", "ids"), [(LISTS, (None, None)), (OBJECTS, (7, 9)), (LISTS | OBJECTS, (7, 9))]
)
def test_the_odds_of_a_text_come_as_lists_or_as_objects_and_the_likeliest_first(logprobs, ids):
    stand_in = going_on(logprobs=logprobs, prompt_token_ids=[2, 5])
    with cooked_by(stand_in) as engine:
        piece, _ = told(engine, replace(TEXT, top_logprobs=2))
    assert (stand_in.asked[0]["logprobs"], stand_in.asked[0]["return_token_ids"]) == (2, True)
    others = (Odds(" c", b" c", -0.5, (), ids[1]), Odds(" a", b" a", -1.5))
    assert piece.odds == (Odds(" a", b" a", -1.5, others, ids[0]),)
    assert piece.prompt == (2, 5)


def test_a_text_on_another_stove_shows_its_odds_to_who_asks_us(site):
    with (
        cooked_by(going_on(logprobs=LISTS)) as engine,
        serving(create_app([engine], Settings(), site)) as address,
    ):
        body = {"model": "first", "prompt": "what is", "max_tokens": 1, "logprobs": 2}
        reply = httpx.post(f"{address}/v1/completions", json=body)
    assert reply.json()["choices"][0]["logprobs"] == {
        "tokens": [" a"],
        "token_logprobs": [-1.5],
        "top_logprobs": [{" c": -0.5, " a": -1.5}],
        "text_offset": [0],
    }


@pytest.mark.parametrize(("order", "lines"), [(CHAT, ANSWER), (TEXT, going_on().lines)])
def test_an_answer_without_the_odds_that_were_asked_for_is_refused(order, lines):
    with cooked_by(StandIn(*lines)) as engine:
        ending = told(engine, replace(order, top_logprobs=0))[-1]
        netloc = engine.card.variant.removeprefix("served by ")
    sentence = f"The server at {netloc} does not tell the odds of its tokens: leave out 'logprobs'."
    assert ending == Failed(sentence, 400, "logprobs_not_supported")


@pytest.mark.parametrize(
    ("status", "complaint", "unknown"),
    [
        (422, {"detail": "Unexpected fields in the request: {'top_k', 'reasoning_effort'}"}, {"top_k"}),
        (400, {"error": {"message": "Unrecognized request argument supplied: top_k"}}, {"top_k"}),
        (422, {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs"}]}, {"stream_options"}),
    ],
)
def test_an_order_is_sent_again_without_the_optional_fields_that_a_refusal_names(status, complaint, unknown):
    stand_in = StandIn(*ANSWER)
    stand_in.picky = lambda body: JSONResponse(complaint, status) if unknown & body.keys() else None
    with cooked_by(stand_in) as engine:
        assert isinstance(told(engine, replace(CHAT, top_k=3, top_p=0.5, thinking=False))[-1], Done)
    first, second = stand_in.asked
    named = {name for name in wire.OPTIONAL if name in json.dumps(complaint)}
    assert second == {name: value for name, value in first.items() if name not in named}


def test_fields_that_are_refused_one_after_the_other_are_left_out_one_after_the_other():
    stand_in = StandIn(*ANSWER)
    stand_in.picky = lambda body: next(
        (
            JSONResponse({"error": f"Unknown parameter: '{name}'"}, 400)
            for name in wire.OPTIONAL
            if name in body
        ),
        None,
    )
    with cooked_by(stand_in) as engine:
        assert isinstance(told(engine, replace(CHAT, top_k=3, thinking=True))[-1], Done)
    assert [len(body) for body in stand_in.asked] == [9, 8, 7, 6, 5]


def test_a_field_that_an_answer_needs_is_not_left_out():
    stand_in = StandIn(*ANSWER)
    stand_in.refusal = JSONResponse({"error": "Unknown parameter: 'seed'"}, 400)
    with cooked_by(stand_in) as engine:
        ending = told(engine, replace(CHAT, seed=3, top_k=4))[-1]
    assert ending.reason.endswith(" refuses the request: Unknown parameter: 'seed'.")
    assert len(stand_in.asked) == 1


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_stop_text_that_a_server_writes_out_is_cut_off_and_ends_the_answer(goes_on):
    lines = [chunk({"content": text}) for text in ("Two bo", "w", "ls of", " noo", "dles")]
    stand_in = StandIn(*lines, *([chunk({"content": ", hot"})] * 3 if goes_on else []), *ANSWER[4:])
    with cooked_by(stand_in) as engine:
        *pieces, done = told(engine, replace(CHAT, stop=("bowx", " noodle")))
    assert [piece.text for piece in pieces] == ["Two ", "bowls of"]
    assert done.finish_reason == "stop"
    assert done.timings.prompt_n == (0 if goes_on else 12), "counted where the end is told"


def test_what_only_looked_like_a_stop_text_is_said():
    with cooked_by(StandIn(chunk({"content": "a bow"}), chunk({}, "length"))) as engine:
        *pieces, done = told(engine, replace(CHAT, stop=("bowl",)))
    assert "".join(piece.text for piece in pieces) == "a bow"
    assert done.finish_reason == "length"


SEES = {"capabilities": ["completion", "vision", "thinking"]}


@pytest.mark.parametrize(
    ("entry", "pages", "known"),
    [
        ({}, {}, (None, None, None)),
        ({"owned_by": "vllm"}, {}, (None, None, True)),
        ({"capabilities": {"image": True, "thinking": False, "logprobs": True}}, {}, (True, False, True)),
        ({"capabilities": {"image": True, "thinking": "yes"}}, {}, (True, None, None)),
        (
            {"owned_by": "llamacpp", "architecture": {"input_modalities": ["text", "image"]}},
            {"props": JSONResponse({"chat_template": "{% if enable_thinking %}"})},
            (True, True, True),
        ),
        (
            {"owned_by": "llamacpp"},
            {"props": JSONResponse({"chat_template": "{{ x }}"})},
            (None, False, True),
        ),
        ({"owned_by": "llamacpp"}, {"props": PlainTextResponse("off", 501)}, (None, None, True)),
        ({"owned_by": "library"}, {"api/show": JSONResponse(SEES)}, (True, True, None)),
        ({"owned_by": "library"}, {"api/show": JSONResponse({"capabilities": []})}, (False, False, None)),
        ({"owned_by": "library"}, {}, (None, None, None)),
        ({"architecture": "odd"}, {}, (None, None, None)),
    ],
)
def test_a_card_says_what_the_other_server_says_of_a_model_and_nothing_more(entry, pages, known):
    stand_in = StandIn()
    stand_in.models = JSONResponse({"data": [{"id": "m", **entry}]})
    stand_in.pages = {f"/{path}": page for path, page in pages.items()}
    with cooked_by(stand_in) as engine:
        card = engine.card
    assert (card.images, card.thinking, card.logprobs) == known


def test_what_is_not_known_of_a_model_is_not_offered_but_passed_on(site):
    stand_in = StandIn(*ANSWER)
    with cooked_by(stand_in) as engine, serving(create_app([engine], Settings(), site)) as address:
        found = httpx.get(f"{address}/v1/models").json()["data"][0]["capabilities"]
        assert found == {"image": None, "thinking": None, "logprobs": None, "adapters": []}
        messages = [{"role": "user", "content": "?"}]
        body = {"model": "first", "messages": messages, "reasoning_effort": "high"}
        assert httpx.post(f"{address}/v1/chat/completions", json=body).status_code == 200
    assert stand_in.asked[0]["reasoning_effort"] == "high"


def test_what_a_model_cannot_do_is_refused_here(site):
    stand_in = StandIn(*ANSWER)
    stand_in.models = JSONResponse({"data": [{"id": "m", "capabilities": {"thinking": False}}]})
    with cooked_by(stand_in) as engine, serving(create_app([engine], Settings(), site)) as address:
        messages = [{"role": "user", "content": "?"}]
        body = {"model": "m", "messages": messages, "reasoning_effort": "high"}
        reply = httpx.post(f"{address}/v1/chat/completions", json=body)
    assert reply.json()["error"]["code"] == "thinking_not_supported"
    assert stand_in.asked == []
