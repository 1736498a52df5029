"""What a model may be able to do besides words: odds, thoughts, adapters; and who is on the menu."""

import json
import pathlib
from typing import Any

import openai
import pytest
from fastapi.testclient import TestClient

from demos.server.api.app import create_app
from demos.server.engine import Delta, Engine, Failed, Status
from demos.server.settings import Settings
from tests.server.engines import serving
from tests.server.fake import ALL, DONE, ODDS, PLAIN, FakeEngine

HELLO = {"messages": [{"role": "user", "content": "hello"}]}
CHAT = "/v1/chat/completions"
THOUGHTFUL = (
    Delta("", "Is it? "),
    Delta("", "Yes."),
    Delta("ra", odds=ODDS[:1]),
    Delta("men", odds=ODDS[1:]),
    DONE,
)
RA = {
    "token": "ra",
    "logprob": -0.5,
    "bytes": [114, 97],
    "top_logprobs": [
        {"token": "ra", "logprob": -0.5, "bytes": [114, 97]},
        {"token": "no", "logprob": -9999.0, "bytes": [110, 111]},
    ],
}
HALF = {"token": "\ufffd", "logprob": -1.25, "bytes": [235, 157], "top_logprobs": []}


def client(*engines: Engine, site: pathlib.Path) -> TestClient:
    return TestClient(create_app(engines, Settings(), site), base_url="http://localhost")


def chunks(text: str) -> list[dict[str, Any]]:
    """The JSON of each server-sent event but the last, which is the end."""
    *events, done = [block.removeprefix("data: ") for block in text.strip().split("\n\n")]
    assert done == "[DONE]"
    return [json.loads(event) for event in events]


def test_the_odds_come_with_the_whole_answer_and_unlikely_is_a_number(site):
    engine = FakeEngine(THOUGHTFUL)
    body = HELLO | {"logprobs": True, "top_logprobs": 2}
    choice = client(engine, site=site).post(CHAT, json=body).json()["choices"][0]
    assert choice["logprobs"] == {"content": [RA, HALF]}
    assert engine.orders[0].top_logprobs == 2


def test_the_odds_are_streamed_with_the_text_they_belong_to(site):
    body = HELLO | {"logprobs": True, "stream": True}
    engine = FakeEngine(THOUGHTFUL)
    choices = [c["choices"][0] for c in chunks(client(engine, site=site).post(CHAT, json=body).text)]
    odds = [c["logprobs"] for c in choices if c["delta"].get("content")]
    assert odds == [{"content": [RA]}, {"content": [HALF]}]
    assert engine.orders[0].top_logprobs == 0


def test_without_asking_there_are_no_odds(site):
    engine = FakeEngine(THOUGHTFUL)
    choice = client(engine, site=site).post(CHAT, json=HELLO).json()["choices"][0]
    assert choice["logprobs"] is None
    assert engine.orders[0].top_logprobs is None


def test_a_thought_stands_apart_from_the_answer(site):
    message = client(FakeEngine(THOUGHTFUL), site=site).post(CHAT, json=HELLO).json()["choices"][0]["message"]
    assert (message["reasoning_content"], message["content"]) == ("Is it? Yes.", "ramen")


def test_an_empty_thought_is_not_shown(site):
    reply = client(FakeEngine([Delta("ramen"), DONE]), site=site).post(CHAT, json=HELLO)
    assert "reasoning_content" not in reply.json()["choices"][0]["message"]


def test_a_thought_is_streamed_as_reasoning_content(site):
    reply = client(FakeEngine(THOUGHTFUL), site=site).post(CHAT, json=HELLO | {"stream": True})
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks(reply.text)]
    assert deltas == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "Is it? "},
        {"reasoning_content": "Yes."},
        {"content": "ra"},
        {"content": "men"},
        {},
    ]


@pytest.mark.parametrize(
    ("asked", "thinking"),
    [
        ({}, None),
        ({"reasoning_effort": "none"}, False),
        ({"reasoning_effort": "low"}, True),
        ({"chat_template_kwargs": {"enable_thinking": False}}, False),
        ({"chat_template_kwargs": {"enable_thinking": True, "other": 1}}, True),
        ({"reasoning_effort": "high", "chat_template_kwargs": {"enable_thinking": False}}, False),
    ],
)
def test_thinking_is_asked_for_in_either_of_two_ways(site, asked, thinking):
    engine = FakeEngine([DONE])
    client(engine, site=site).post(CHAT, json=HELLO | asked).raise_for_status()
    assert engine.orders[0].thinking is thinking


def test_usage_tells_cached_and_thought_tokens_and_the_price_where_there_is_one(site):
    usage = client(FakeEngine([DONE]), site=site).post(CHAT, json=HELLO).json()["usage"]
    assert usage["prompt_tokens_details"] == {"cached_tokens": 2}
    assert usage["completion_tokens_details"] == {"reasoning_tokens": 1}
    assert "cost_usd" not in usage


@pytest.mark.parametrize(
    ("asked", "adapter"),
    [
        ({}, None),
        ({"adapter": "house"}, "house"),
        ({"adapter": ""}, ""),
        ({"model": "fake:base"}, ""),
        ({"model": "fake"}, None),
        ({"model": "fake:house"}, "house"),
        ({"model": "fake:house", "adapter": ""}, ""),
    ],
)
def test_a_topping_is_chosen_by_field_or_by_name(site, asked, adapter):
    engine = FakeEngine([DONE])
    client(engine, site=site).post(CHAT, json=HELLO | asked).raise_for_status()
    assert engine.orders[0].adapter == adapter


@pytest.mark.parametrize(
    ("asked", "status", "code", "sentence"),
    [
        (
            {"adapter": "none"},
            404,
            "adapter_not_found",
            "The model 'plain' has no adapter 'none': it has none.",
        ),
        (
            {"model": "fake", "adapter": "none"},
            404,
            "adapter_not_found",
            "The model 'fake' has no adapter 'none': there are 'house'.",
        ),
        (
            {"model": "fake:none"},
            404,
            "model_not_found",
            "There is no model 'fake:none' on the menu: this kitchen cooks 'plain', 'fake'.",
        ),
        (
            {"logprobs": True},
            400,
            "logprobs_not_supported",
            "The model 'plain' does not tell the odds of its tokens: leave out 'logprobs'.",
        ),
        (
            {"reasoning_effort": "low"},
            400,
            "thinking_not_supported",
            (
                "The model 'plain' does not think before it answers: leave out 'reasoning_effort' and "
                "'enable_thinking'."
            ),
        ),
    ],
)
def test_what_a_model_cannot_do_is_refused_before_it_is_asked(site, asked, status, code, sentence):
    engines = FakeEngine([DONE], PLAIN), FakeEngine([DONE], ALL)
    reply = client(*engines, site=site).post(CHAT, json=HELLO | asked)
    assert reply.status_code == status
    assert (reply.json()["error"]["message"], reply.json()["error"]["code"]) == (sentence, code)
    assert all(engine.orders == [] for engine in engines)


def test_a_model_that_does_not_think_may_be_told_not_to(site):
    engine = FakeEngine([DONE], PLAIN)
    asked = HELLO | {"reasoning_effort": "none"}
    assert client(engine, site=site).post(CHAT, json=asked).status_code == 200


def test_each_bowl_is_found_by_its_name_and_the_first_without_one(site):
    first, second = FakeEngine([DONE], PLAIN), FakeEngine([DONE], ALL)
    api = client(first, second, site=site)
    for asked in ({}, {"model": "fake"}, {"model": None}, {"model": "plain"}):
        api.post(CHAT, json=HELLO | asked).raise_for_status()
    assert (len(first.orders), len(second.orders)) == (3, 1)


def test_the_menu_tells_what_each_bowl_can_do_and_where_it_cooks(site):
    first, second = FakeEngine([DONE], PLAIN), FakeEngine([DONE], ALL)
    second.status = Status("loading", 0.5, "Reading the weights")
    plain, fake = client(first, second, site=site).get("/v1/models").json()["data"]
    assert plain["capabilities"] == {"image": False, "thinking": False, "logprobs": False, "adapters": []}
    assert fake["capabilities"] == {"image": True, "thinking": True, "logprobs": True, "adapters": ["house"]}
    assert [(m["state"], m["owned_by"], m["host"]) for m in (plain, fake)] == [
        ("ready", "local", None),
        ("loading", "local", None),
    ]


@pytest.mark.parametrize(
    "name", ["../fake", "/etc/passwd", "google/gemma-4-E2B-it", "http://evil.example/v1", ""]
)
def test_a_name_is_no_path_no_address_and_no_download(site, name):
    reply = client(FakeEngine([DONE]), site=site).post(CHAT, json=HELLO | {"model": name})
    assert reply.status_code == 404
    assert reply.json()["error"]["message"] == (
        f"There is no model '{name}' on the menu: this kitchen cooks 'fake'."
    )


@pytest.mark.parametrize("stream", [True, False])
def test_an_order_that_fails_before_its_first_word_has_a_status_of_its_own(site, stream):
    engine = FakeEngine([Failed("The limit is reached.", 429, "budget_spent")])
    reply = client(engine, site=site).post(CHAT, json=HELLO | {"stream": stream})
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "5")
    assert reply.json()["error"] == {
        "message": "The limit is reached.",
        "type": "rate_limit_error",
        "param": None,
        "code": "budget_spent",
    }


def test_the_openai_client_reads_odds_and_thoughts(site):
    with (
        serving(create_app([FakeEngine(THOUGHTFUL)], Settings(), site), Settings()) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as api,
    ):
        answer = api.chat.completions.create(model="fake", logprobs=True, top_logprobs=2, **HELLO)
        assert answer.choices[0].logprobs.content[0].top_logprobs[1].bytes == [110, 111]
        assert answer.choices[0].message.reasoning_content == "Is it? Yes."
        assert answer.usage.completion_tokens_details.reasoning_tokens == 1
        with pytest.raises(openai.BadRequestError) as caught:
            api.chat.completions.create(model="fake", top_logprobs=2, **HELLO)
        assert caught.value.param == "top_logprobs"
