"""The chat endpoint as clients see it, with a scripted engine."""

import json
import pathlib
import threading

import httpx
import openai
import pytest
from fastapi.testclient import TestClient

from demos.server.api.app import create_app
from demos.server.engine import Failed
from demos.server.errors import BusyError, NotReadyError, PromptTooLongError
from demos.server.settings import Settings
from tests.server.engines import ScriptedEngine, serving, until

HELLO = {"messages": [{"role": "user", "content": "hello"}]}
CHAT = "/v1/chat/completions"


def client(engine: ScriptedEngine, site: pathlib.Path, **limits: int) -> TestClient:
    app = create_app([engine], Settings(**limits), site)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


def events(text: str) -> list[str]:
    """The data of each server-sent event."""
    return [block.removeprefix("data: ") for block in text.strip().split("\n\n")]


def test_a_stream_is_chunks_then_usage_and_timings_then_done(site):
    reply = client(ScriptedEngine("두 ", "그릇"), site).post(CHAT, json=HELLO | {"stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.headers["cache-control"] == "no-store"
    *chunks, done = events(reply.text)
    assert done == "[DONE]"
    first, *middle, last = [json.loads(chunk) for chunk in chunks]
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert [chunk["choices"][0]["delta"]["content"] for chunk in middle] == ["두 ", "그릇"]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["usage"] == {
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "total_tokens": 8,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }
    assert last["timings"] == {
        "prompt_n": 5,
        "prompt_ms": 10.0,
        "predicted_n": 3,
        "predicted_ms": 20.0,
        "predicted_per_second": 100.0,
        "ttft_ms": 12.0,
    }


def test_usage_comes_once_more_in_a_chunk_of_its_own_when_asked_for(site):
    body = HELLO | {"stream": True, "stream_options": {"include_usage": True}}
    *_, extra, done = events(client(ScriptedEngine("a"), site).post(CHAT, json=body).text)
    assert done == "[DONE]"
    assert json.loads(extra)["choices"] == []
    assert json.loads(extra)["usage"]["total_tokens"] == 8


def test_without_stream_the_answer_is_one_object(site):
    reply = client(ScriptedEngine("two ", "bowls"), site).post(CHAT, json=HELLO).json()
    assert reply["object"] == "chat.completion"
    assert reply["choices"][0]["message"] == {"role": "assistant", "content": "two bowls", "refusal": None}
    assert reply["choices"][0]["finish_reason"] == "stop"
    assert reply["timings"]["predicted_n"] == 3


def test_the_openai_client_streams_and_reads_whole_answers(site):
    with (
        serving(create_app([ScriptedEngine("ra", "men")], Settings(), site)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as api,
    ):
        whole = api.chat.completions.create(model="scripted", **HELLO)
        assert whole.choices[0].message.content == "ramen"
        chunks = list(api.chat.completions.create(model="scripted", stream=True, **HELLO))
        assert "".join(c.choices[0].delta.content or "" for c in chunks) == "ramen"
        assert api.models.list().data[0].id == "scripted"
        with pytest.raises(openai.NotFoundError, match="this kitchen cooks 'scripted'"):
            api.chat.completions.create(model="gemini", **HELLO)


def test_what_is_asked_reaches_the_engine_within_the_limits(site):
    engine = ScriptedEngine("a")
    body = {
        "messages": [
            {"role": "developer", "content": "Be short."},
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        ],
        "max_tokens": 100_000,
        "temperature": 1,
        "top_p": 0.5,
        "top_k": 3,
        "seed": 7,
        "stop": "END",
        "frequency_penalty": "an unknown field may be anything",
    }
    client(engine, site, max_answer_tokens=50).post(CHAT, json=body).raise_for_status()
    order = engine.orders[0]
    assert [(m.role, m.content) for m in order.messages] == [("system", "Be short."), ("user", "ab")]
    assert (order.max_tokens, order.temperature, order.top_p, order.top_k) == (50, 1, 0.5, 3)
    assert (order.seed, order.stop) == (7, ("END",))


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"temperature": "hot"}, "temperature", "input should be a valid number, found a str"),
        ({"temperature": 3}, "temperature", "input should be less than or equal to 2, found 3"),
        ({"top_p": 0}, "top_p", "input should be greater than 0, found 0"),
        ({"max_tokens": 1.5}, "max_tokens", "input should be a valid integer, found 1.5"),
        ({"seed": True}, "seed", "input should be a valid integer, found True"),
        ({"n": 2}, "n", "input should be less than or equal to 1, found 2"),
        ({"stop": ["a", 1]}, "stop[1]", "input should be a valid string, found 1"),
        ({"stop": ""}, "stop[0]", "string should have at least 1 character, found a str"),
        (
            {"messages": []},
            "messages",
            "list should have at least 1 item after validation, not 0, found a list",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages[0].content[0].image_url",
            "a part of type 'image_url' has one, found None",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "messages[0].content[0].type",
            "input should be 'text' or 'image_url', found a str",
        ),
        (
            {"messages": [{"role": "user", "content": 7}]},
            "messages[0].content",
            "a message is a text or a list of parts, found 7",
        ),
        ({"top_logprobs": 3}, "top_logprobs", "it goes with 'logprobs': true, found 3"),
        (
            {"logprobs": True, "top_logprobs": 21},
            "top_logprobs",
            "input should be less than or equal to 20, found 21",
        ),
        (
            {"reasoning_effort": "hard"},
            "reasoning_effort",
            "input should be 'none', 'minimal', 'low', 'medium', 'high' or 'xhigh', found a str",
        ),
        ({"adapter": 1}, "adapter", "input should be a valid string, found 1"),
        (
            {"messages": 1025 * HELLO["messages"]},
            "messages",
            "list should have at most 1024 items after validation, not 1025, found a list",
        ),
    ],
)
def test_a_wrong_field_is_named_in_one_sentence(site, wrong, field, sentence):
    reply = client(ScriptedEngine(), site).post(CHAT, json=HELLO | wrong)
    assert reply.status_code == 400
    assert reply.json()["error"] == {
        "message": f"'{field}' is not as it should be: {sentence}.",
        "type": "invalid_request_error",
        "param": field,
        "code": "invalid_value",
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "{",
            "is not valid JSON: Expecting property name enclosed in double quotes at character 1.",
        ),
        (
            "[1]",
            "is not a JSON object: input should be a valid dictionary or object to extract fields from.",
        ),
    ],
)
def test_a_body_that_is_no_object_is_refused_in_one_sentence(site, content, sentence):
    headers = {"Content-Type": "application/json"}
    reply = client(ScriptedEngine(), site).post(CHAT, content=content, headers=headers)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"] == f"The request {sentence}"


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (BusyError("The kitchen is busy."), 429, "queue_full"),
        (NotReadyError("The model is still loading."), 503, "model_not_ready"),
        (PromptTooLongError("The conversation is too long."), 400, "context_length_exceeded"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_an_engine_that_refuses_becomes_a_status_before_any_stream(site, refusal, status, code, stream):
    engine = ScriptedEngine()
    engine.refusal = refusal
    reply = client(engine, site, retry_after_s=4).post(CHAT, json=HELLO | {"stream": stream})
    assert reply.status_code == status
    assert (reply.json()["error"]["message"], reply.json()["error"]["code"]) == (str(refusal), code)
    assert reply.headers.get("retry-after") == (None if status == 400 else "4")


def test_a_failure_that_names_a_time_asks_to_wait_that_long(site):
    engine = ScriptedEngine()
    engine.ending = Failed("Too many.", 429, "rate_limited", wait_s=39)
    reply = client(engine, site).post(CHAT, json=HELLO | {"stream": True})
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "39")


def test_an_answer_that_breaks_off_says_so_in_the_stream(site):
    engine = ScriptedEngine("half")
    engine.ending = Failed("The kitchen is closing.")
    *_, last = events(client(engine, site).post(CHAT, json=HELLO | {"stream": True}).text)
    assert json.loads(last)["error"]["message"] == "The kitchen is closing."
    reply = client(engine, site).post(CHAT, json=HELLO)
    assert (reply.status_code, reply.json()["error"]["message"]) == (500, "The kitchen is closing.")


def test_a_bug_shows_no_traceback_to_the_client(site):
    engine = ScriptedEngine()
    engine.refusal = ZeroDivisionError("secret detail")
    reply = client(engine, site).post(CHAT, json=HELLO)
    assert reply.status_code == 500
    assert reply.json()["error"]["message"].startswith("Something in the kitchen broke")
    assert "secret" not in reply.text


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_cancels_its_order(site, stream):
    engine = ScriptedEngine(*["token "] * 100)
    engine.go_on = threading.Semaphore(2)
    with serving(create_app([engine], Settings(), site)) as address:
        # A client that gives up is a client that leaves: it closes its connection.
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(address + CHAT, json=HELLO | {"stream": stream}, timeout=0.5)
        until(engine.tickets[0].cancelled.is_set)
    assert engine.tokens_generated == 2
