"""Raw texts that go on, in OpenAI's older protocol."""

import json
import pathlib

import openai
import pytest
from fastapi.testclient import TestClient

from demos.server.api.app import create_app
from demos.server.engine import Delta, ModelCard, Odds
from demos.server.settings import Settings
from tests.server.engines import serving
from tests.server.fake import DONE, ODDS, FakeEngine

PATH = "/v1/completions"
EVENTS = (Delta("ra", odds=ODDS[:1]), Delta("men", odds=ODDS[1:]), DONE)
LISTS = {
    "tokens": ["ra", "\ufffd"],
    "token_logprobs": [-0.5, -1.25],
    "top_logprobs": [{"ra": -0.5, "no": -9999.0}, {}],
    "text_offset": [0, 2],
}


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(EVENTS)


@pytest.fixture
def client(engine: FakeEngine, site: pathlib.Path) -> TestClient:
    return TestClient(create_app([engine], Settings(), site), base_url="http://localhost")


def test_a_text_goes_on_as_it_is(client, engine):
    reply = client.post(PATH, json={"prompt": "Once upon ", "stop": "END", "adapter": ""}).json()
    assert reply["object"] == "text_completion"
    assert reply["choices"] == [{"index": 0, "text": "ramen", "finish_reason": "stop", "logprobs": None}]
    assert reply["usage"]["total_tokens"] == 8
    order = engine.orders[0]
    assert (order.text, order.messages, order.stop, order.adapter) == ("Once upon ", (), ("END",), "")
    assert (order.max_tokens, order.top_logprobs) == (16, None)


def test_the_odds_are_lists(client, engine):
    reply = client.post(PATH, json={"prompt": "x", "logprobs": 2, "max_tokens": 10**6}).json()
    assert reply["choices"][0]["logprobs"] == LISTS
    assert (engine.orders[0].top_logprobs, engine.orders[0].max_tokens) == (2, 1024)


def test_token_ids_go_on_as_they_are(client, engine):
    client.post(PATH, json={"prompt": [2, 651, 651]})
    assert engine.orders[0].text == (2, 651, 651)


def test_the_ids_of_all_tokens_are_told_on_request(site):
    odds = (Odds("ra", b"ra", -0.5, (Odds("\ufffd", b"\xeb", -1.5, id=9),), id=7),)
    engine = FakeEngine((Delta("ra", odds=odds, prompt=(2, 5)), Delta("ra", odds=odds), DONE))
    client = TestClient(create_app([engine], Settings(), site), base_url="http://localhost")
    token = {"id": 7, "token": "ra", "logprob": -0.5, "bytes": [114, 97]}
    other = {"id": 9, "token": "\ufffd", "logprob": -1.5, "bytes": [0xEB]}
    body = {"prompt": "x", "logprobs": 1, "return_token_ids": True}
    choice = client.post(PATH, json=body).json()["choices"][0]
    assert choice["logprobs"]["content"] == [{**token, "top_logprobs": [other]}] * 2
    assert choice["prompt_token_ids"] == [2, 5]
    first, second, *_ = client.post(PATH, json=body | {"stream": True}).text.split("\n\n")
    assert json.loads(first[6:])["choices"][0]["prompt_token_ids"] == [2, 5]
    assert "prompt_token_ids" not in second
    assert json.loads(second[6:])["choices"][0]["logprobs"]["content"][0]["id"] == 7
    assert (
        "content"
        not in client.post(PATH, json={"prompt": "x", "logprobs": 1}).json()["choices"][0]["logprobs"]
    )


def test_the_openai_client_streams_the_same(engine, site):
    with (
        serving(create_app([engine], Settings(), site), Settings()) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as api,
    ):
        body = {"model": "fake", "prompt": "x", "logprobs": 2}
        assert api.completions.create(**body).choices[0].text == "ramen"
        options = {"include_usage": True}
        *pieces, last, usage = api.completions.create(**body, stream=True, stream_options=options)
    assert "".join(piece.choices[0].text for piece in pieces) == "ramen"
    assert [piece.choices[0].logprobs.text_offset for piece in pieces] == [[0], [2]]
    assert last.choices[0].finish_reason == "stop"
    assert (usage.choices, usage.usage.total_tokens) == ([], 8)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"prompt": ["a"]},
            "'prompt' is not as it should be: a prompt is some text or some token ids, found a list.",
        ),
        (
            {"prompt": ""},
            "'prompt' is not as it should be: a prompt is some text or some token ids, found a str.",
        ),
        (
            {"prompt": [1, -1]},
            "'prompt' is not as it should be: a prompt is some text or some token ids, found a list.",
        ),
        ({"echo": True}, "'echo' is not as it should be: input should be False, found True."),
        (
            {"suffix": "x"},
            "'suffix' is not as it should be: string should have at most 0 characters, found a str.",
        ),
        (
            {"best_of": 2},
            "'best_of' is not as it should be: input should be less than or equal to 1, found 2.",
        ),
    ],
)
def test_what_is_not_offered_is_said(client, engine, wrong, sentence):
    reply = client.post(PATH, json={"prompt": "x"} | wrong)
    assert (reply.status_code, reply.json()["error"]["message"]) == (400, sentence)
    assert engine.orders == []


def test_a_model_that_takes_no_raw_text_says_so(site):
    engine = FakeEngine(EVENTS, ModelCard("chef", "Chef", texts=False))
    client = TestClient(create_app([engine], Settings(), site), base_url="http://localhost")
    reply = client.post(PATH, json={"prompt": "x"})
    assert reply.status_code == 400
    assert reply.json()["error"]["message"] == (
        "The model 'chef' takes conversations only: use /v1/chat/completions."
    )
