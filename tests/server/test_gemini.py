"""The restaurant's engines, with the real SDK, before a stand-in that speaks the API's protocol.

The live API is not called here: `python -m scripts.try_gemini` does that, with a key of one's own.
"""

import base64
import json
import threading
import time
from dataclasses import replace

import pytest

from demos.server.distant.key import Key
from demos.server.engine import Delta, Done, Event, Failed, Message, Order
from demos.server.errors import BusyError, NotReadyError
from demos.server.gemini import engine as gemini
from demos.server.gemini.budget import Budget
from tests.server import gemini_api
from tests.server.engines import until
from tests.server.gemini_api import CUT, HANG, Api, Script, chunk, event, ramen, stream, usage
from tests.server.restaurant import GEMMA, HYDROGEN, QUICK, SECRET, ask, opened, order

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def api():
    with gemini_api.serving(SECRET) as stand_in:
        yield stand_in


def test_an_answer_comes_in_pieces_with_its_thoughts_apart(api: Api):
    with opened(api) as (engine, _):
        heard = ask(engine)
    assert heard.texts == ["라면은 ", "국물이에요. 🍜"]
    assert heard.thoughts == ["Noodles."]
    assert heard.done.finish_reason == "stop"
    assert (heard.done.timings.prompt_n, heard.done.timings.predicted_n) == (7, 14)
    assert heard.done.thought_tokens == 5
    assert engine.tokens_generated == 14


def test_the_request_is_the_documented_one_and_asks_for_no_copy_in_the_logs(api: Api):
    turns = (
        Message("system", "Be short."),
        Message("user", "What is ramen?"),
        Message("assistant", "Noodles."),
        Message("user", "And this?", (PNG,)),
    )
    with opened(api) as (engine, _):
        ask(engine, Order(turns, 64, 0.5, 0.9, 3, seed=2**40 + 7, stop=("END",), thinking=True))
    (request,) = api.requests
    assert request.path == "/v1/models/gemini-4-hydrogen:streamGenerateContent?alt=sse"
    assert request.body == {
        "systemInstruction": {"parts": [{"text": "Be short."}], "role": "user"},
        "contents": [
            {"role": "user", "parts": [{"text": "What is ramen?"}]},
            {"role": "model", "parts": [{"text": "Noodles."}]},
            {
                "role": "user",
                "parts": [
                    {"inlineData": {"mimeType": "image/png", "data": base64.urlsafe_b64encode(PNG).decode()}},
                    {"text": "And this?"},
                ],
            },
        ],
        "generationConfig": {
            "maxOutputTokens": 64 + 8192,
            "seed": 7,
            "stopSequences": ["END"],
            "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "HIGH"},
        },
        "store": False,
    }


def test_gemma_is_asked_in_v1beta_and_with_the_sampling_settings_that_gemini_has_given_up(api: Api):
    asked = order(temperature=0.0, top_p=0.9, top_k=3)
    with opened(api) as (hydrogen, gemma):
        assert ask(hydrogen, asked).done
        assert ask(gemma, asked).done.cost_usd == 0
    to_gemini, to_gemma = api.requests
    assert to_gemma.path == "/v1beta/models/gemma-4-26b-a4b-it:streamGenerateContent?alt=sse"
    sampling = {"temperature": 0.0, "topP": 0.9, "topK": 3.0}
    assert to_gemma.body["generationConfig"].items() >= sampling.items()
    assert not to_gemini.body["generationConfig"].keys() & sampling.keys()


@pytest.mark.parametrize(
    ("thinking", "level", "room"), [(None, None, 8192), (False, "LOW", 1024), (True, "HIGH", 8192)]
)
def test_thinking_is_a_level_with_room_on_top_of_the_answer(api: Api, thinking, level, room):
    with opened(api) as (engine, _):
        ask(engine, thinking=thinking)
    config = api.requests[0].body["generationConfig"]
    assert config["thinkingConfig"].get("thinkingLevel") == level
    assert config["maxOutputTokens"] == 64 + room


def test_a_card_says_who_cooks_and_where(api: Api):
    with opened(api) as (engine, gemma):
        assert engine.card.host == api.address.removeprefix("http://")
        assert (engine.card.name, engine.card.images, engine.card.thinking) == (
            "Gemini 4 Hydrogen",
            True,
            True,
        )
        assert gemma.card.id == "gemma-4-26b-a4b-it"
        assert engine.hardware is None
    (closed,) = gemini.engines([HYDROGEN], Key(SECRET, "test"), Budget())
    closed.close()
    assert closed.card.host == "generativelanguage.googleapis.com"


def test_without_a_key_the_restaurant_is_closed():
    assert gemini.engines([HYDROGEN, GEMMA], None, Budget()) == []


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pieces_that_are_cut_anywhere_make_the_same_answer(api: Api, size: int):
    whole = b"".join(ramen().pieces)
    api.play(Script([whole[start : start + size] for start in range(0, len(whole), size)]))
    with opened(api) as (engine, _):
        heard = ask(engine)
    assert heard.texts == ["라면은 ", "국물이에요. 🍜"]
    assert heard.done.timings.predicted_n == 14


def test_comments_that_keep_a_connection_alive_are_no_data(api: Api):
    first, second, third = ramen().pieces
    kept = b": keep-alive\r\n\r\n"
    pieces = [
        kept,
        first,
        b":",
        b" still",
        b" here\n",
        0.3,
        b"\n",
        second[:9],
        second[9:],
        kept + third,
        kept,
    ]
    api.play(Script(pieces))
    with opened(api) as (engine, _):
        assert ask(engine).text == "라면은 국물이에요. 🍜"


def test_a_colon_that_opens_a_piece_inside_a_value_is_data(api: Api):
    whole = event(chunk("a: b", "", "STOP", usage(3, 2)))
    at = whole.index(b": b")
    api.play(Script([whole[:at], whole[at:]]))
    with opened(api) as (engine, _):
        assert ask(engine).text == "a: b"


def test_line_separators_of_unicode_inside_a_text_are_text(api: Api):
    text = "one\u2028two\u0085three"
    api.play(stream(chunk(text, "", "STOP", usage(3, 2))))
    with opened(api) as (engine, _):
        assert ask(engine).text == text


def test_a_slow_drip_is_heard_as_it_comes(api: Api):
    pieces, gates = ramen().pieces, [threading.Event(), threading.Event()]
    api.play(Script([pieces[0], gates[0], pieces[1][:5], 0.05, pieces[1][5:], gates[1], pieces[2]]))
    waiting, heard, ended = iter(gates), [], threading.Event()

    def listener(happened: Event) -> None:
        heard.append(happened)
        next(waiting, ended).set()  # the next piece is sent only now

    with opened(api) as (engine, _):
        engine.submit(order(), listener)
        until(lambda: len(heard) == 4)
    assert heard[:3] == [Delta("", "Noodles."), Delta("라면은 "), Delta("국물이에요. 🍜")]


def test_times_are_measured_from_the_order_and_the_rate_from_the_first_piece(api: Api):
    pieces = ramen().pieces
    api.play(Script([0.3, pieces[0], 0.3, pieces[1], 0.3, pieces[2]]))
    with opened(api) as (engine, _):
        timings = ask(engine).done.timings
    assert timings.ttft_ms > 290
    assert timings.predicted_ms > 590
    assert timings.predicted_per_second == pytest.approx(9 / timings.predicted_ms * 1000)


def test_an_answer_ends_when_it_is_as_long_as_was_asked_and_the_request_is_closed(api: Api):
    api.play(Script([event(chunk("one two ", counts=usage(4, 6, 3))), HANG]))
    with opened(api) as (engine, _):
        heard = ask(engine, max_tokens=6)
        assert api.left.wait(5)
    assert (heard.text, heard.done.finish_reason) == ("one two ", "length")


def test_a_reader_who_leaves_closes_the_request(api: Api):
    pieces = ramen().pieces
    api.play(Script([pieces[0], HANG]))
    heard: list[Event] = []
    with opened(api) as (engine, _):
        ticket = engine.submit(order(), heard.append)
        until(lambda: bool(heard))
        ticket.cancel()
        assert api.left.wait(5)
        ticket.cancel()  # once more does nothing
        assert ask(engine).done
    assert heard == [Delta("", "Noodles.")]


def test_a_reader_who_leaves_before_the_first_piece_closes_the_request(api: Api):
    api.play(Script([HANG]))
    heard: list[Event] = []
    with opened(api) as (engine, _):
        ticket = engine.submit(order(), heard.append)
        until(lambda: len(api.requests) == 1)
        ticket.cancel()
        assert api.left.wait(5)
    assert heard == []


def test_several_orders_are_answered_at_once_and_too_many_refused(api: Api):
    api.play(*[Script([HANG])] * gemini.AT_ONCE)
    heard: list[Event] = []
    with opened(api, budget=Budget(50)) as (engine, _):
        tickets = [engine.submit(order(), heard.append) for _ in range(gemini.AT_ONCE)]
        until(lambda: len(api.requests) == gemini.AT_ONCE)
        with pytest.raises(BusyError) as caught:
            engine.submit(order(), heard.append)
        assert str(caught.value) == (
            "8 orders for Gemini 4 Hydrogen are under way already: try again in a moment."
        )
        for ticket in tickets:
            ticket.cancel()
        until(lambda: not engine._jobs)
        assert ask(engine).done


def test_closing_ends_what_is_under_way_and_takes_no_more(api: Api):
    api.play(Script([ramen().pieces[0], HANG]))
    heard: list[Event] = []
    with opened(api) as (engine, _):
        engine.submit(order(), heard.append)
        until(lambda: bool(heard))
        engine.close()
        until(lambda: len(heard) == 2)
        with pytest.raises(NotReadyError, match="passes no more orders on"):
            engine.submit(order(), heard.append)
        assert api.left.wait(5)
    assert heard[1] == Failed("The server is closing, so the answer ends here.", 503, "closing")


def test_an_order_that_comes_before_the_client_has_started_is_told_so(api: Api):
    (engine,) = gemini.engines([HYDROGEN], Key(SECRET, "test"), Budget(), address=api.address)
    engine._line.status = replace(engine.status, state="loading")
    engine._line.restaurant = None
    with pytest.raises(NotReadyError, match="Starting the client of the Gemini API"):
        engine.submit(order(), lambda _event: None)
    engine.wait_loaded(30)
    engine.close()
    assert engine.wait_closed(10)


@pytest.mark.parametrize("named", [("RetryInfo", "0.2s"), ("Retry-After", "1")])
def test_an_order_is_sent_again_when_the_api_says_when(api: Api, named):
    retry = [gemini_api.detail("RetryInfo", retryDelay=named[1])] * (named[0] == "RetryInfo")
    headers = {named[0]: named[1]} if not retry else {}
    api.play(gemini_api.error(429, "RESOURCE_EXHAUSTED", "Slow down.", *retry, headers=headers))
    with opened(api) as (engine, _):
        began = time.perf_counter()
        assert ask(engine).done.finish_reason == "stop"
    assert time.perf_counter() - began >= float(named[1].removesuffix("s"))
    assert len(api.requests) == 2


def test_an_overloaded_model_is_asked_three_times_with_longer_and_longer_pauses(api: Api):
    overloaded = gemini_api.error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
    api.play(overloaded, overloaded, overloaded)
    with opened(api, patience=replace(QUICK, pause=0.1)) as (engine, _):
        began = time.perf_counter()
        assert ask(engine).failed.code == "overloaded"
    assert time.perf_counter() - began > 0.3
    assert len(api.requests) == 3


def test_an_answer_that_has_begun_is_not_asked_for_again(api: Api):
    broken = json.dumps({"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}).encode()
    api.play(Script([ramen().pieces[0], b"data: " + broken + b"\r\n\r\n"]))
    with opened(api) as (engine, _):
        heard = ask(engine)
    assert (heard.thought, heard.failed.code) == ("Noodles.", "overloaded")
    assert len(api.requests) == 1


def test_nothing_is_sent_that_the_api_could_not_take(api: Api):
    with opened(api) as (engine, _):
        failures = [
            ask(engine, stop=tuple("abcdef")).failed,
            ask(engine, "").failed,
            ask(engine, Order((Message("user", "Hi"), Message("assistant", "Hello")), 8)).failed,
            ask(engine, Order((Message("user", "Look", (b"GIF89a",)),), 8)).failed,
        ]
    assert {(failure.status, failure.code) for failure in failures} == {(400, "invalid_value")}
    last = (
        "Gemini 4 Hydrogen answers what a person said last, but the conversation does not end so: end it "
        "with a message of the user that is not empty."
    )
    assert [failure.reason for failure in failures] == [
        "The Gemini API takes at most 5 stop texts, found 6: send fewer.",
        last,
        last,
        "A picture is neither PNG nor JPEG nor WebP: send it as one of these.",
    ]
    assert api.requests == []


def test_no_environment_sends_words_elsewhere(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v9")
    monkeypatch.setenv("GOOGLE_API_KEY", "another-key-entirely")
    with opened(api) as (engine, _):
        assert isinstance(ask(engine).end, Done)


def test_a_redirect_is_not_followed_as_the_key_would_travel_along(api: Api):
    with gemini_api.serving(SECRET) as elsewhere:
        target = f"{elsewhere.address}/v1/models/gemini-4-hydrogen:streamGenerateContent?alt=sse"
        api.play(Script([b"moved"], 307, {"Location": target}))
        with opened(api) as (engine, _):
            assert ask(engine).failed.reason == "The Gemini API failed (307): ask again later."
        assert elsewhere.requests == []


def test_a_connection_that_breaks_ends_the_answer_in_one_sentence(api: Api):
    api.play(Script([ramen().pieces[0], CUT]))
    with opened(api) as (engine, _):
        heard = ask(engine)
    assert heard.thought == "Noodles."
    assert heard.failed == Failed(
        f"The connection to {engine.card.host} broke: ask again.", 502, "stream_cut"
    )
