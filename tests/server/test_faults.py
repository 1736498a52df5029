"""What goes wrong between client and kitchen, over a real socket: each has its sentence, the next works."""

import pathlib
import socket
from collections.abc import Iterator

import httpx
import pytest

from demos.server.api.app import create_app
from demos.server.engine import Delta, Failed
from demos.server.errors import BusyError, NotReadyError, PromptTooLongError, RefusedConversationError
from demos.server.settings import Settings
from tests.server.engines import serving, until
from tests.server.fake import DONE, FakeEngine

CHAT = "/v1/chat/completions"
JSON = {"Content-Type": "application/json"}
MESSAGE = {"role": "user", "content": "hello"}
HELLO = {"messages": [MESSAGE]}
# A character of each of Unicode's planes that has any, a control character and a noncharacter.
PLANES = "a라\U0001f35c\U00020bb7\U00030000\U000e0001\U000f0000\U0010ffff\x00\ufffe"


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine([Delta("ramen"), DONE])


@pytest.fixture
def kitchen(engine: FakeEngine, site: pathlib.Path) -> Iterator[httpx.Client]:
    """A client of a server, which must still answer at the end."""
    settings = Settings(requests_per_minute=1000)
    with (
        serving(create_app([engine], settings, site), settings) as address,
        httpx.Client(base_url=address, timeout=20) as client,
    ):
        yield client
        engine.refusal, engine.events = None, [Delta("ramen"), DONE]
        reply = client.post(CHAT, json=HELLO)
        assert (reply.status_code, reply.json()["choices"][0]["message"]["content"]) == (200, "ramen")
        until(lambda: engine.running == 0)


def in_pieces(size: int) -> Iterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(size // 65536):
        yield 65536 * b" "


@pytest.mark.parametrize("announced", [True, False])
def test_fifty_megabytes(kitchen, announced):
    body = 50_000_000 * b" " if announced else in_pieces(50_000_000)
    reply = kitchen.post(CHAT, content=body, headers=JSON)
    assert reply.status_code == 413
    assert reply.json()["error"]["message"] == "The request is too big: at most 12582912 bytes are taken."
    assert reply.json()["error"]["code"] == "request_too_large"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"model": "\xff"}', "The request cannot be read: it is not JSON in UTF-8, or too deeply nested."),
        (100_000 * b"[", "The request cannot be read: it is not JSON in UTF-8, or too deeply nested."),
        (b"", "The request is not a JSON object: field required."),
        (
            b"null",
            "The request is not a JSON object: input should be a valid dictionary or object to extract ",
        ),
        (
            b'"text"',
            "The request is not a JSON object: input should be a valid dictionary or object to extract ",
        ),
        (
            b'{"messages": {}}',
            "'messages' is not as it should be: input should be a valid list, found a dict.",
        ),
        (
            b'{"messages": [1]}',
            "'messages[0]' is not as it should be: input should be a valid dictionary or ",
        ),
        (
            b'{"messages": [{"role": "cat", "content": ""}]}',
            "'messages[0].role' is not as it should be: input should be 'system', 'developer', 'user' or ",
        ),
        (
            b'{"messages": [{"role": "user", "content": ""}], "temperature": NaN}',
            "'temperature' is not as it should be: input should be a finite number, found nan.",
        ),
        (
            b'{"messages": [{"role": "user", "content": ""}], "max_tokens": -1}',
            "'max_tokens' is not as it should be: input should be greater than or equal to 1, found -1.",
        ),
        (
            b'{"messages": [{"role": "user", "content": ""}], "stream": "yes"}',
            "'stream' is not as it should be: input should be a valid boolean, found a str.",
        ),
    ],
)
def test_wrong_types(kitchen, body, sentence):
    reply = kitchen.post(CHAT, content=body, headers=JSON)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"].startswith(sentence)
    assert reply.json()["error"]["code"] == "invalid_value"


def test_a_body_that_is_no_json_at_all_by_its_type(kitchen):
    reply = kitchen.post(CHAT, content=b"hello", headers={"Content-Type": "text/plain"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "invalid_value")


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (PromptTooLongError("The conversation is 9 tokens long."), 400, "context_length_exceeded"),
        (RefusedConversationError("No such roles."), 400, "conversation_refused"),
        (BusyError("Eight orders are waiting."), 429, "queue_full"),
        (NotReadyError("The kitchen is closing."), 503, "model_not_ready"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_what_an_engine_refuses(kitchen, engine, stream, refusal, status, code):  # noqa: PLR0917
    engine.refusal = refusal
    reply = kitchen.post(CHAT, json=HELLO | {"stream": stream})
    assert reply.status_code == status
    assert (reply.json()["error"]["message"], reply.json()["error"]["code"]) == (str(refusal), code)


def test_every_plane_of_unicode_comes_and_goes_as_it_is(kitchen, engine):
    engine.events = [Delta(PLANES), DONE]
    reply = kitchen.post(CHAT, json={"messages": [{"role": "user", "content": PLANES}]})
    assert reply.json()["choices"][0]["message"]["content"] == PLANES
    assert engine.orders[0].messages[0].content == PLANES
    text = kitchen.post(CHAT, json=HELLO | {"stream": True}).text
    assert PLANES[1] in text
    unknown = kitchen.post(CHAT, json=HELLO | {"model": PLANES})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")


def test_a_client_that_vanishes_in_the_middle_of_a_stream(kitchen, engine):
    engine.events = [*100_000 * [Delta("noodle ")], DONE]
    address = httpx.URL(str(kitchen.base_url))
    body = b'{"stream":true,"messages":[{"role":"user","content":"x"}]}'
    head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with socket.create_connection((address.host, address.port), 10) as client:
        client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")
    until(engine.tickets[0].cancelled.is_set)


def test_an_answer_that_breaks_off_in_the_middle(kitchen, engine):
    engine.events = [Delta("half"), Failed("The model stopped.", 500, "internal_error")]
    assert '"message": "The model stopped."' in kitchen.post(CHAT, json=HELLO | {"stream": True}).text
    reply = kitchen.post(CHAT, json=HELLO)
    assert (reply.status_code, reply.json()["error"]["message"]) == (500, "The model stopped.")


def test_a_line_that_is_no_http(kitchen):
    address = httpx.URL(str(kitchen.base_url))
    with socket.create_connection((address.host, address.port), 10) as client:
        client.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")
