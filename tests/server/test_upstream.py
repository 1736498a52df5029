"""Orders that another server answers: a stand-in on this machine that speaks OpenAI's protocol."""

import io
import json
import queue
import socket
import threading
from dataclasses import replace

import pytest
from PIL import Image
from starlette.responses import JSONResponse, PlainTextResponse

from demos.server.api.app import create_app
from demos.server.distant.key import Key
from demos.server.distant.patience import Patience
from demos.server.engine import Delta, Done, Failed, Message, Odds, Order
from demos.server.errors import BusyError, KitchenError, NotReadyError
from demos.server.settings import Settings
from demos.server.upstream import engine as upstream
from tests.server import engines
from tests.server.engines import ScriptedEngine, serving, until
from tests.server.openai_api import ANSWER, StandIn, chunk

HELLO = Order((Message("system", "Be kind."), Message("user", "What is ramen?")), 20)
SECRET = "sk-noodles-0123456789"  # noqa: S105 - of no server
NONE_LISTED = "lists no models{}: start one there, or name it behind the address: {{}}#model"


@pytest.fixture
def served():
    """Serves stand-ins, gives their first engine, and puts everything away."""
    stack, opened = [], []

    def serve(stand_in: StandIn, key: Key | None = None, suffix: str = "/v1", **patience: float):
        server = serving(stand_in.app)
        address = server.__enter__()
        stack.append(server)
        opened.extend(upstream.engines(address + suffix, key, Patience(**patience)))
        return opened[-1] if "#" in suffix else opened[0]

    yield serve
    for engine in opened:
        engine.close()
    assert all(engine.wait_closed(10) for engine in opened)
    for server in stack:
        server.__exit__(None, None, None)


def told(engine, order: Order = HELLO) -> list:
    """All events of an order."""
    return engines.told(engine, order, 20)


def failure(engine, order: Order = HELLO) -> Failed:
    ending = told(engine, order)[-1]
    assert isinstance(ending, Failed)
    return ending


def test_an_answer_is_passed_on_as_it_comes_with_our_timings(served):
    engine = served(StandIn(*ANSWER))
    *pieces, done = told(engine)
    assert pieces == [Delta("", "Think."), Delta("라면은 "), Delta("면이에요.")]
    assert isinstance(done, Done)
    assert (done.finish_reason, done.cached_tokens, done.thought_tokens) == ("stop", 4, 3)
    assert (done.timings.prompt_n, done.timings.predicted_n) == (12, 9)
    assert done.timings.ttft_ms >= done.timings.prompt_ms > 0
    assert engine.tokens_generated == 9


def test_every_model_that_it_lists_is_a_card(served):
    served(StandIn())
    stand_in = StandIn()
    with serving(stand_in.app) as address:
        listed = upstream.engines(address, None)
        try:
            assert [engine.card.id for engine in listed] == ["first", "org/second:4b"]
            card = listed[1].card
            assert card.variant == f"served by {address.removeprefix('http://')}"
            assert card.host is None, "it is this machine"
            assert (card.images, card.thinking, card.logprobs, card.license) == (None, None, None, None)
            assert listed[0].status.state == "ready"
            assert listed[0].hardware is None
        finally:
            for engine in listed:
                engine.close()


def test_a_model_that_is_named_is_not_asked_for(served):
    stand_in = StandIn(*ANSWER)
    stand_in.models = PlainTextResponse("offline", 500)
    engine = served(stand_in, suffix="/v1#some/model")
    assert engine.card.id == "some/model"
    assert isinstance(told(engine)[-1], Done)
    assert stand_in.asked[0]["model"] == "some/model"


def test_what_the_order_says_is_sent_and_nothing_else(served):
    stand_in = StandIn(*ANSWER)
    engine = served(stand_in)
    told(engine)
    assert stand_in.asked[0] == {
        "path": "/v1/chat/completions",
        "model": "first",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 20,
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "What is ramen?"},
        ],
    }
    order = Order(
        (Message("user", "this?", (b"\x89PNG..", b"\xff\xd8.")),),
        5,
        temperature=0.0,
        top_p=0.5,
        top_k=3,
        seed=7,
        stop=("a", "b"),
        thinking=False,
        top_logprobs=2,
    )
    told(engine, order)
    assert stand_in.asked[1] == {
        "path": "/v1/chat/completions",
        "model": "first",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 5,
        "temperature": 0.0,
        "top_p": 0.5,
        "top_k": 3,
        "seed": 7,
        "stop": ["a", "b"],
        "logprobs": True,
        "top_logprobs": 2,
        "chat_template_kwargs": {"enable_thinking": False},
        "reasoning_effort": "none",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORy4u"}},
                    {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9gu"}},
                    {"type": "text", "text": "this?"},
                ],
            }
        ],
    }


def test_a_text_is_gone_on_with(served):
    text = json.dumps({"choices": [{"index": 0, "text": " noodles", "finish_reason": "length"}]})
    stand_in = StandIn(text, "[DONE]")
    piece, done = told(served(stand_in), Order((), 4, text="Ramen is"))
    assert stand_in.asked[0]["path"] == "/v1/completions"
    assert stand_in.asked[0]["prompt"] == "Ramen is"
    assert (piece.text, done.finish_reason) == (" noodles", "length")


def test_odds_are_passed_on(served):
    other = {"token": "둘", "logprob": -1.5, "bytes": None}
    token = {"token": "하", "logprob": -0.25, "bytes": [237, 149, 152], "top_logprobs": [other]}
    stand_in = StandIn(chunk({"content": "하"}, logprobs={"content": [token]}), chunk({}, "stop"))
    piece, _ = told(served(stand_in), replace(HELLO, top_logprobs=1))
    assert piece.odds == (Odds("하", "하".encode(), -0.25, (Odds("둘", "둘".encode(), -1.5),)),)


def test_without_usage_the_pieces_are_counted(served):
    *_, done = told(served(StandIn(*ANSWER[:5])))
    assert (done.timings.prompt_n, done.timings.predicted_n) == (0, 3)


def test_ollamas_name_for_a_thought_is_one_too(served):
    piece, _ = told(served(StandIn(chunk({"reasoning": "Hm."}), chunk({}, "stop"))))
    assert piece.thought == "Hm."


def test_leaving_closes_the_request_and_nothing_more_is_heard(served):
    stand_in = StandIn(*ANSWER)
    stand_in.go_on = threading.Semaphore(3)
    engine = served(stand_in)
    events = queue.SimpleQueue()
    ticket = engine.submit(HELLO, events.put)
    while events.get(timeout=20).text != "라면은 ":
        pass
    ticket.cancel()
    until(lambda: not engine._jobs)
    noticed = stand_in.gone.wait(10)
    stand_in.go_on.release(10)
    assert noticed, "the other side hears of it"
    assert events.empty()
    assert isinstance(told(engine)[-1], Done)


def test_closing_ends_what_is_under_way_and_takes_no_more(served):
    stand_in = StandIn(*ANSWER)
    stand_in.go_on = threading.Semaphore(3)
    engine = served(stand_in, suffix="/v1#m")
    events = queue.SimpleQueue()
    engine.submit(HELLO, events.put)
    while events.get(timeout=20).text != "라면은 ":
        pass
    engine.close()
    assert events.get(timeout=20) == Failed("The server is closing, so the answer ends here.", 503, "closing")
    with pytest.raises(NotReadyError, match=r"^The server is closing and passes no more orders on\.$"):
        engine.submit(HELLO, events.put)
    assert engine.wait_closed(10)
    assert events.empty()
    stand_in.go_on.release(10)


def test_too_many_orders_at_once_are_refused(served, monkeypatch):
    monkeypatch.setattr(upstream, "AT_ONCE", 1)
    stand_in = StandIn(*ANSWER)
    stand_in.go_on = threading.Semaphore(0)
    engine = served(stand_in)
    ticket = engine.submit(HELLO, lambda _event: None)
    with pytest.raises(
        BusyError, match=r"^1 orders for first are under way already: try again in a moment\.$"
    ):
        engine.submit(HELLO, lambda _event: None)
    until(lambda: stand_in.asked)
    ticket.cancel()
    stand_in.go_on.release(10)


@pytest.mark.parametrize(
    ("reply", "status", "code", "sentence"),
    [
        (
            (401, "bad"),
            502,
            "upstream_unauthorized",
            "does not let us in: put its key into UPSTREAM_API_KEY.",
        ),
        ((404, "no"), 404, "model_not_found", "has no model 'first'."),
        ((429, "slow"), 429, "upstream_busy", "is busy: try again in 7 seconds."),
        ((400, "Too long.\nMore"), 400, "upstream_refused", "refuses the request: Too long."),
        ((302, ""), 400, "upstream_refused", "refuses the request: status 302."),
        ((500, "Out of soup"), 502, "upstream_failed", "failed: Out of soup."),
        ((503, ""), 502, "upstream_failed", "failed: status 503."),
    ],
)
def test_each_refusal_is_one_sentence(served, reply, status, code, sentence):
    stand_in = StandIn()
    stand_in.refusal = JSONResponse({"error": {"message": reply[1]}}, reply[0], {"Retry-After": "7"})
    engine = served(stand_in)
    there = f"The server at {engine._line.remote.netloc} "
    assert failure(engine) == Failed(there + sentence, status, code, wait_s=7 if status == 429 else None)


@pytest.mark.parametrize("body", ["<html>", "[1]", "null", '{"detail": ["odd"]}'])
def test_a_refusal_in_any_form_is_one_sentence(served, body):
    stand_in = StandIn()
    stand_in.refusal = PlainTextResponse(body, 500, media_type="application/json")
    assert failure(served(stand_in)).reason.endswith(" failed: status 500.")


def test_the_key_is_sent_and_never_shown(served, caplog):
    stand_in = StandIn(*ANSWER)
    engine = served(stand_in, upstream.key_from({"UPSTREAM_API_KEY": SECRET}))
    assert isinstance(told(engine)[-1], Done)
    assert {headers["authorization"] for headers in stand_in.headers} == {f"Bearer {SECRET}"}
    stand_in.refusal = JSONResponse({"error": f"wrong key {SECRET}"}, 400)
    refused = failure(engine).reason
    assert "refuses the request: wrong key " in refused
    assert SECRET not in refused
    stand_in.refusal = JSONResponse({}, 403)
    assert failure(engine).reason.endswith("does not let us in: it rejects the key in UPSTREAM_API_KEY.")
    for shown in (caplog.text, repr(engine._line.remote), repr(engine.card)):
        assert SECRET not in shown
    assert upstream.key_from({}) is None


@pytest.mark.parametrize(
    "lines",
    [["no json"], ['"text"'], ["3"], ['{"choices": 5}'], ['{"choices": ["x"]}'], ['{"usage": {"x": 1}}']],
)
def test_what_is_no_chunk_is_one_sentence(served, lines):
    found = failure(served(StandIn(*lines)))
    assert found.reason.endswith(" answers with something that is no stream of chunks.")
    assert (found.status, found.code) == (502, "upstream_unreadable")


def test_an_answer_that_is_no_stream_is_one_sentence(served):
    stand_in = StandIn()
    stand_in.refusal = JSONResponse({"choices": []})
    assert failure(served(stand_in)).code == "upstream_unreadable"


def test_an_error_within_the_stream_is_told(served):
    stand_in = StandIn(*ANSWER[:3], json.dumps({"error": {"message": "The pot boiled over."}}))
    found = failure(served(stand_in))
    assert found.reason.endswith(" failed: The pot boiled over.")


def test_a_stream_without_an_end_was_cut(served):
    *pieces, ending = told(served(StandIn(*ANSWER[:4])))
    assert len(pieces) == 3
    assert ending.reason.endswith(" broke the answer off in the middle: ask again.")
    assert (ending.status, ending.code) == (502, "upstream_broken")


def test_silence_ends_the_answer(served):
    stand_in = StandIn(*ANSWER)
    stand_in.go_on = threading.Semaphore(3)
    engine = served(stand_in, silence=0.3)
    ending = failure(engine)
    stand_in.go_on.release(10)
    assert ending.reason.endswith(" sent nothing for 0.3 seconds, so the answer ends here.")
    assert (ending.status, ending.code) == (504, "upstream_timeout")


def test_a_server_that_dies_in_the_middle_is_one_sentence():
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    event = f"data: {ANSWER[2]}\n\n".encode()

    def die(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(head + f"{len(event):x}\r\n".encode() + event + b"\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=die, args=(listening,)).start()
        netloc = f"127.0.0.1:{listening.getsockname()[1]}"
        (engine,) = upstream.engines(f"http://{netloc}/v1#m", None)
        try:
            piece, ending = told(engine)
        finally:
            engine.close()
    assert piece.text == "라면은 "
    assert ending == Failed(
        f"The server at {netloc} broke the answer off in the middle: ask again.", 502, "upstream_broken"
    )


def test_this_very_server_can_be_the_stove(site):
    kitchen = ScriptedEngine("라면은 ", "면이에요.")
    kitchen.card = replace(kitchen.card, images=True)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    with serving(create_app([kitchen], Settings(), site)) as address:
        (engine,) = upstream.engines(address, None)
        try:
            assert engine.card.id == "scripted"
            asked = Order(
                (Message("user", "이게 뭐예요?", (picture.getvalue(),)),), 7, temperature=0.5, seed=3
            )
            *pieces, done = told(engine, asked)
        finally:
            engine.close()
    assert [piece.text for piece in pieces] == list(kitchen.lines)
    assert isinstance(done, Done)
    assert done.timings.predicted_n == kitchen.ending.timings.predicted_n
    got = kitchen.orders[0]
    assert (got.messages, got.max_tokens, got.temperature, got.seed) == (asked.messages, 7, 0.5, 3)


def nowhere() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"


def test_a_server_that_is_not_there_is_one_sentence_at_once_and_for_an_order():
    netloc = nowhere()
    sentence = f"The server at {netloc} cannot be reached: start it, or check the address."
    with pytest.raises(KitchenError) as error:
        upstream.engines(f"http://{netloc}", None)
    assert str(error.value) == sentence
    (engine,) = upstream.engines(f"http://{netloc}#m", None)
    try:
        assert failure(engine) == Failed(sentence, 502, "upstream_unreachable")
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("models", "sentence"),
    [
        (JSONResponse({"data": []}), NONE_LISTED.format("")),
        (JSONResponse([]), NONE_LISTED.format("")),
        (PlainTextResponse("", 500), NONE_LISTED.format(" (status 500)")),
        (PlainTextResponse("", 404), "has nothing at {}/models."),
    ],
)
def test_a_server_that_does_not_list_its_models_is_one_sentence(models, sentence):
    stand_in = StandIn()
    stand_in.models = models
    with serving(stand_in.app) as address:
        with pytest.raises(KitchenError) as error:
            upstream.engines(address, None)
        expected = sentence.format(f"{address}/v1")
        assert str(error.value) == f"The server at {address.removeprefix('http://')} {expected}"


@pytest.mark.parametrize(
    "address", ["http://", "http:///v1", "https://user:pw@host/v1", "http://h/v1?x=1", "http://[::1"]
)
def test_what_is_no_address_is_one_sentence(address):
    with pytest.raises(KitchenError) as error:
        upstream.engines(address, None)
    assert str(error.value) == (
        f"'{address}' is no address of a server: expected one like http://127.0.0.1:8080/v1"
    )


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("http://h/v1", True), ("https://h", True), ("embedded", False), ("./http://", False)],
)
def test_an_address_is_told_from_a_name(name, is_one):
    assert upstream.is_address(name) is is_one


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://localhost:1/v1#m", None),
        ("http://[::1]:1/v1#m", None),
        ("http://10.0.0.7:1/v1#m", "10.0.0.7"),
        ("https://stove.example/v1#m", "stove.example"),
    ],
)
def test_the_card_says_which_other_machine_cooks(address, host):
    (engine,) = upstream.engines(address, None)
    engine.close()
    assert engine.card.host == host
    assert engine.wait_closed(10)
