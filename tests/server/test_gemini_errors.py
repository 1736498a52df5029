"""Everything that can go wrong with the Gemini API becomes one sentence, a status and a code."""

import datetime as dt
import json
import socket
import ssl
from dataclasses import replace

import httpx2
import pytest

from demos.server.distant.key import Key
from demos.server.engine import Failed
from demos.server.gemini import failures as gemini_errors
from tests.server import gemini_api
from tests.server.gemini_api import BAD_KEY, CUT, HANG, Api, Script, chunk, detail, error, event, quota, usage
from tests.server.restaurant import GEMMA, HYDROGEN, QUICK, SECRET, ask, opened

CARBON = replace(HYDROGEN, id="gemini-4-carbon", name="Gemini 4 Carbon", free_tier=False)
KEY_SENTENCE = (
    "Google does not accept the API key from GEMINI_API_KEY (any more): make a new one at "
    "https://aistudio.google.com/apikey and start the server again."
)
REGION_SENTENCE = (
    "The Gemini API is not offered where this machine is, or not without billing: see "
    "https://ai.google.dev/gemini-api/docs/available-regions."
)
DAY_SENTENCE = (
    "The API key has used up its requests to Gemini 4 Hydrogen for today: they come back at midnight Pacific "
    "time."
)
SUSPENDED = f"Permission denied: Consumer 'api_key:{SECRET}' has been suspended."
PER_DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
PER_MINUTE = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
UNREADABLE = (
    " sent something that is no answer of the Gemini API, and a proxy in between may be the reason: ask "
    "again."
)


@pytest.fixture
def api():
    with gemini_api.serving(SECRET) as stand_in:
        yield stand_in


@pytest.mark.parametrize(
    ("script", "status", "code", "sentence"),
    [
        (BAD_KEY, 403, "key_rejected", KEY_SENTENCE),
        (error(400, "INVALID_ARGUMENT", "API key expired."), 403, "key_rejected", KEY_SENTENCE),
        (error(401, "UNAUTHENTICATED", "No credentials."), 403, "key_rejected", KEY_SENTENCE),
        (
            error(403, "PERMISSION_DENIED", SUSPENDED, detail("ErrorInfo", reason="CONSUMER_SUSPENDED")),
            403,
            "key_rejected",
            KEY_SENTENCE,
        ),
        (
            error(403, "PERMISSION_DENIED", "Your API key was reported as leaked."),
            403,
            "key_rejected",
            KEY_SENTENCE,
        ),
        (
            error(403, "PERMISSION_DENIED", "The caller does not have permission."),
            403,
            "no_permission",
            "This API key may not use Gemini 4 Hydrogen: choose another model, or change its rights.",
        ),
        (
            error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
            403,
            "region_not_supported",
            REGION_SENTENCE,
        ),
        (
            error(400, "INVALID_ARGUMENT", f"Bad\nfield {SECRET} here."),
            400,
            "bad_request",
            "The Gemini API refuses this request: Bad field (hidden) here.",
        ),
        (
            error(400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum allowed (8)."),
            400,
            "context_length_exceeded",
            "The conversation is too long for Gemini 4 Hydrogen: shorten it or start a new one.",
        ),
        (
            error(402, "RESOURCE_EXHAUSTED", "Your prepay credits are depleted."),
            402,
            "credit_spent",
            "The prepaid credit behind this API key is used up: add some in AI Studio.",
        ),
        (
            error(413, "INVALID_ARGUMENT", "Request payload size exceeds the limit."),
            413,
            "request_too_large",
            "The request is too big for the Gemini API: shorten it.",
        ),
        (
            error(404, "NOT_FOUND", "models/gemini-4-hydrogen is not found."),
            404,
            "model_shut_down",
            "The Gemini API knows no gemini-4-hydrogen (any more): choose another model.",
        ),
        (
            quota(PER_DAY, "1s"),
            429,
            "quota_exceeded",
            DAY_SENTENCE,
        ),
        (
            quota(PER_MINUTE, "38.2s"),
            429,
            "rate_limited",
            "The API key has sent more to Gemini 4 Hydrogen than its limit allows: ask again in 39 seconds.",
        ),
        (
            quota(PER_MINUTE),
            429,
            "rate_limited",
            "The API key has sent more to Gemini 4 Hydrogen than its limit allows: ask again in 60 seconds.",
        ),
        (
            error(504, "DEADLINE_EXCEEDED", "The deadline expired."),
            504,
            "timed_out",
            "Gemini 4 Hydrogen took too long to answer: ask again, or ask for less.",
        ),
        (
            error(418, "TEAPOT", "no"),
            502,
            "api_failed",
            "The Gemini API failed (418): ask again later.",
        ),
    ],
)
def test_a_refusal_is_one_sentence_and_is_not_sent_again(api: Api, script, status, code, sentence):
    api.play(script)
    with opened(api) as (engine, _):
        failed = ask(engine).failed
    assert replace(failed, wait_s=None) == Failed(sentence, status, code)
    assert (f" {failed.wait_s} seconds" in sentence) is (failed.wait_s is not None)
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("script", "code", "sentence"),
    [
        (
            error(503, "UNAVAILABLE", "The model is overloaded."),
            "overloaded",
            "Gemini 4 Hydrogen is overloaded right now: ask again in a minute, or another model.",
        ),
        (
            error(500, "INTERNAL", "An internal error has occurred."),
            "api_failed",
            "The Gemini API failed (500): ask again later.",
        ),
        (
            Script([b"<html>Bad gateway</html>"], 502, {"Content-Type": "text/html"}),
            "api_failed",
            "The Gemini API failed (502): ask again later.",
        ),
    ],
)
def test_a_failure_of_the_other_side_is_tried_again_first(api: Api, script, code, sentence):
    api.play(script, script, script)
    with opened(api) as (engine, _):
        failed = ask(engine).failed
    assert (failed.code, failed.reason) == (code, sentence)
    assert len(api.requests) == 3


def test_a_model_without_free_tier_says_so_when_the_key_has_no_billing(api: Api):
    api.play(quota("GenerateContentInputTokensPerModelPerMinute-FreeTier", "1s"))
    with opened(api, CARBON, patience=replace(QUICK, wait=0.5)) as (engine,):
        failed = ask(engine).failed
    assert failed.code == "billing_needed"
    assert failed.reason == (
        "Gemini 4 Carbon is not on the free tier: choose another model, or turn on billing."
    )


def test_a_key_that_is_revoked_in_the_middle_of_an_answer_is_told(api: Api):
    body = json.loads(BAD_KEY.pieces[0])
    api.play(Script([event(chunk("half ", counts=usage(7, 1))), event(body)]))
    with opened(api) as (engine, _):
        heard = ask(engine)
        assert (heard.text, heard.failed.code) == ("half ", "key_rejected")
        api.key = "another"  # and from then on
        assert ask(engine).failed.reason == KEY_SENTENCE


def test_a_model_that_the_version_of_the_api_does_not_have_is_told(api: Api):
    with opened(api, replace(GEMMA, version="v1")) as (engine,):
        assert ask(engine).failed.code == "model_shut_down"


def test_a_model_past_its_last_day_is_not_asked(api: Api):
    ended = replace(HYDROGEN, shutdown=dt.date(2026, 12, 1))
    with opened(api, ended, day=dt.date(2026, 11, 30)) as (engine,):
        assert ask(engine).done
    with opened(api, ended, day=dt.date(2026, 12, 1)) as (engine,):
        assert ask(engine).failed == Failed(
            "Gemini 4 Hydrogen was shut down on 2026-12-01: choose another model.", 404, "model_shut_down"
        )
    assert len(api.requests) == 1


def test_a_question_that_the_filter_stops_is_a_failure_with_a_sentence(api: Api):
    feedback = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": usage(7)}
    api.play(gemini_api.stream(feedback))
    with opened(api) as (engine, _):
        assert ask(engine).failed == Failed(
            "Gemini's filter stopped this before there was an answer (PROHIBITED_CONTENT): ask in other "
            "words.",
            400,
            "content_filter",
        )


@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST"])
def test_an_answer_that_the_filter_stops_keeps_what_was_said(api: Api, reason: str):
    api.play(
        gemini_api.stream(chunk("half an ", counts=usage(7, 3)), chunk("", "", reason, usage(7, 3))),
        gemini_api.stream(chunk("", "Hm.", reason, usage(7, 3))),
    )
    with opened(api) as (engine, _):
        heard = ask(engine)
        assert (heard.text, heard.done.finish_reason) == ("half an ", "content_filter")
        assert ask(engine).failed.code == "content_filter"


def test_an_answer_that_thinking_leaves_no_room_for_is_an_empty_one(api: Api):
    api.play(gemini_api.stream(chunk("", "Hm.", "MAX_TOKENS", usage(7, 0, 900))))
    with opened(api) as (engine, _):
        heard = ask(engine)
    assert (heard.text, heard.done.finish_reason, heard.done.thought_tokens) == ("", "length", 900)


@pytest.mark.filterwarnings("ignore:.* is not a valid FinishReason")
@pytest.mark.parametrize("reason", ["OTHER", "LANGUAGE", "MALFORMED_RESPONSE", "SOMETHING_NEW"])
def test_an_end_that_is_none_is_told_with_the_word_for_it(api: Api, reason: str):
    api.play(gemini_api.stream(chunk("half", "", reason, usage(7, 3))))
    with opened(api) as (engine, _):
        assert ask(engine).failed == Failed(
            f"Gemini 4 Hydrogen broke off its answer ({reason}): ask again.", 502, "api_failed"
        )


@pytest.mark.parametrize(
    "garbage",
    [
        b'data: {"candidates": [}\r\n\r\n',
        b"data: \xff\xfe\r\n\r\n",
        b'data: {"candidates": 7}\r\n\r\n',
        b"data: 42\r\n\r\n",
        b"data: []\r\n\r\n",
        b"<html>Log in to the hotel</html>\r\n",
    ],
)
def test_what_is_no_answer_of_the_api_is_called_so(api: Api, garbage: bytes):
    api.play(Script([event(chunk("half ", counts=usage(7, 1))), garbage]))
    with opened(api) as (engine, _):
        heard = ask(engine)
    assert heard.text == "half "
    assert heard.failed == Failed(engine.card.host + UNREADABLE, 502, "bad_reply")


def test_a_page_that_asks_to_log_in_is_no_answer(api: Api):
    api.play(Script([b"<html>Log in to the hotel</html>"], 200, {"Content-Type": "text/html"}))
    with opened(api) as (engine, _):
        assert ask(engine).failed == Failed(engine.card.host + UNREADABLE, 502, "bad_reply")


def test_an_error_that_comes_without_the_word_data_is_an_error_all_the_same(api: Api):
    pretty = BAD_KEY.pieces[0]
    api.play(Script([event(chunk("half ", counts=usage(7, 1))), pretty]))
    with opened(api) as (engine, _):
        assert ask(engine).failed.code == "key_rejected"


def test_an_error_body_that_is_no_text_is_called_so(api: Api):
    api.play(Script([b"\xff\xfe{"], 400, {"Content-Type": "application/json"}))
    with opened(api) as (engine, _):
        assert ask(engine).failed == Failed(engine.card.host + UNREADABLE, 502, "bad_reply")


def test_a_stream_that_stops_without_an_end_is_no_answer(api: Api):
    api.play(gemini_api.stream(chunk("half ", counts=usage(7, 1))), Script([]))
    with opened(api) as (engine, _):
        heard = ask(engine)
        assert heard.text == "half "
        assert heard.failed == Failed(
            f"{engine.card.host} stopped sending in the middle of the answer: ask again.", 502, "stream_cut"
        )
        assert ask(engine).failed.code == "stream_cut"


def test_a_last_event_without_its_empty_line_is_an_event(api: Api):
    pieces = gemini_api.ramen().pieces
    api.play(Script([*pieces[:2], pieces[2].strip()]), Script([pieces[0], pieces[1][:30]]))
    with opened(api) as (engine, _):
        assert ask(engine).done.finish_reason == "stop"
        assert ask(engine).failed.code == "stream_cut"


def test_a_stream_that_breaks_inside_an_event_is_told(api: Api):
    api.play(Script([event(chunk("half ", counts=usage(7, 1)))[:20], CUT]))
    with opened(api) as (engine, _):
        assert ask(engine).failed.code == "stream_cut"


def test_silence_and_an_answer_without_end_are_not_waited_for(api: Api):
    api.play(Script([HANG]))
    with opened(api, patience=replace(QUICK, silence=0.2)) as (engine, _):
        assert ask(engine).failed == Failed(
            f"{engine.card.host} fell silent and was not waited for: ask again.", 504, "timed_out"
        )
    assert api.left.wait(5)
    api.play(Script([b": still here\n\n", 0.1] * 100))
    with opened(api, patience=replace(QUICK, whole=0.5)) as (engine, _):
        assert ask(engine).failed == Failed(
            "Gemini 4 Hydrogen took too long to answer: ask again, or ask for less.", 504, "timed_out"
        )


def test_a_machine_that_does_not_answer_is_named(api: Api):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = f"127.0.0.1:{probe.getsockname()[1]}"
    with opened(api, address=f"http://{nobody}") as (engine, _):
        assert ask(engine).failed == Failed(
            f"{nobody} could not be reached: is this machine online?", 502, "unreachable"
        )


def test_a_name_that_nobody_knows_is_named(api: Api):
    with opened(api, address="http://gemini.invalid") as (engine, _):
        assert ask(engine).failed == Failed(
            "The name gemini.invalid could not be looked up: is this machine online?", 502, "unreachable"
        )


def test_a_proxy_that_does_not_connect_is_blamed(api: Api, monkeypatch: pytest.MonkeyPatch):
    with gemini_api.serving(SECRET) as proxy:  # it answers CONNECT with 501
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        with opened(api, address="https://gemini.invalid") as (engine, _):
            assert ask(engine).failed == Failed(
                "The proxy of this machine did not connect to gemini.invalid: check HTTPS_PROXY.",
                502,
                "proxy_failed",
            )


def test_a_proxy_that_is_no_address_keeps_the_restaurant_closed(api: Api, monkeypatch: pytest.MonkeyPatch):
    from demos.server.gemini import engine as gemini  # noqa: PLC0415 - only here without the rest
    from demos.server.gemini.budget import Budget  # noqa: PLC0415

    monkeypatch.setenv("HTTPS_PROXY", f"nonsense://user:{SECRET}@proxy:1")
    (engine,) = gemini.engines([HYDROGEN], Key(SECRET, "test"), Budget(), address=api.address)
    status = engine.wait_loaded(30)
    engine.close()
    assert (status.state, status.code) == ("failed", "client_failed")
    assert status.reason == (
        "The client of the Gemini API could not be started (ValueError): is google-genai installed, and does "
        "HTTPS_PROXY name an address?"
    )


def test_a_certificate_that_is_not_trusted_is_named():
    try:
        try:
            raise ssl.SSLCertVerificationError
        except ssl.SSLError as cause:
            raise httpx2.ConnectError("failed") from cause
    except httpx2.ConnectError as problem:
        failed = gemini_errors.failed(problem, HYDROGEN, Key(SECRET, "test"), "host.example")
    assert failed == Failed(
        "The connection to host.example could not be secured: where a proxy opens TLS, its certificate must "
        "be installed on this machine.",
        502,
        "not_secured",
    )


def test_a_bug_is_no_error_of_the_api():
    assert gemini_errors.failed(ZeroDivisionError(), HYDROGEN, Key(SECRET, "test"), "host") is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None):
    now = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    response = httpx2.Response(429, headers={"retry-after": header})
    problem = gemini_errors.errors.ClientError(429, {"error": {"code": 429}}, response)
    assert gemini_errors.pause(problem, now) == seconds
