"""Pictures in a chat: which are taken, and the sentence for each that is not."""

import base64
import io
import pathlib
import struct
import zlib

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from demos.server.api.app import create_app
from demos.server.settings import Settings
from tests.server.fake import DONE, PLAIN, FakeEngine

CHAT = "/v1/chat/completions"
FIELD = "messages[0].content[0].image_url.url"


def encoded(kind: str, size: tuple[int, int] = (4, 3)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "orange").save(file, kind)
    return file.getvalue()


def address(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def message(*urls: str, role: str = "user") -> dict[str, object]:
    pictures = [{"type": "image_url", "image_url": {"url": url, "detail": "low"}} for url in urls]
    return {"messages": [{"role": role, "content": [*pictures, {"type": "text", "text": "What is it?"}]}]}


def huge() -> bytes:
    """A PNG of 60,000 x 60,000 pixels in about a hundred bytes, which would fill ten gigabytes of memory."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine([DONE])


@pytest.fixture
def client(engine: FakeEngine, site: pathlib.Path) -> TestClient:
    settings = Settings(max_image_pixels=100, max_images=2, max_body_bytes=3000)
    return TestClient(create_app([engine], settings, site), base_url="http://localhost")


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_picture_reaches_the_engine_as_it_came(client, engine, kind):
    data = encoded(kind)
    client.post(CHAT, json=message(address(data, kind))).raise_for_status()
    assert engine.orders[0].messages[0].images == (data,)
    assert engine.orders[0].messages[0].content == "What is it?"


def test_pictures_may_be_larger_than_any_text(client, engine):
    data = encoded("png") + 5000 * b"\0"
    assert client.post(CHAT, json=message(address(data))).status_code == 200
    assert engine.orders[0].messages[0].images == (data,)


def test_more_text_than_is_read_at_all_is_refused(client, engine):
    reply = client.post(CHAT, json={"messages": [{"role": "user", "content": 1001 * "라"}]})
    assert reply.status_code == 413
    assert reply.json()["error"]["message"] == (
        "The conversation has 3003 bytes of text: at most 3000 are taken."
    )
    assert engine.orders == []


@pytest.mark.parametrize(
    ("url", "code", "sentence"),
    [
        *(
            (
                url,
                "image_not_inline",
                (
                    f"'{FIELD}' begins with '{url[:40].partition(',')[0]}': pictures are taken as data: URLs "
                    "of PNG, JPEG or WebP in base64 only, and nothing is fetched from other addresses."
                ),
            )
            for url in (
                "https://example.org/a.png",
                "http://127.0.0.1:8000/metrics",
                "file:///etc/passwd",
                "data:image/svg+xml;base64,PHN2Zy8+",
                "data:image/png,raw",
                "",
            )
        ),
        (
            "data:image/png;base64,no base64!",
            "invalid_image",
            f"The picture in '{FIELD}' is not in base64.",
        ),
        *(
            (
                address(data),
                "invalid_image",
                f"The picture in '{FIELD}' is damaged or is no PNG, JPEG or WebP.",
            )
            for data in (
                b"",
                b"GIF89a",
                b"<svg/>",
                encoded("png")[:-20],
                encoded("jpeg")[:200],
                encoded("gif"),
            )
        ),
        (
            address(encoded("png", (20, 30))),
            "image_too_large",
            (
                f"The picture in '{FIELD}' has 20 x 30 pixels, but this kitchen takes at most 100 in all. "
                "Make it smaller."
            ),
        ),
        (
            address(huge()),
            "image_too_large",
            f"The picture in '{FIELD}' is far larger than 100 pixels. Make it smaller.",
        ),
    ],
)
def test_what_is_no_picture_here_is_said_in_one_sentence(client, engine, url, code, sentence):
    reply = client.post(CHAT, json=message(url))
    assert reply.status_code == 400
    assert reply.json()["error"] == {
        "message": sentence,
        "type": "invalid_request_error",
        "param": FIELD,
        "code": code,
    }
    assert engine.orders == []


def test_too_many_pictures_are_refused(client):
    reply = client.post(CHAT, json=message(*3 * [address(encoded("png"))]))
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "too_many_images")
    assert reply.json()["error"]["message"] == "A conversation may have 2 pictures, this one has 3."


def test_only_users_send_pictures(client):
    reply = client.post(CHAT, json=message(address(encoded("png")), role="assistant"))
    assert reply.status_code == 400
    assert reply.json()["error"]["message"] == f"'{FIELD}' is a picture, but only users' messages have those."


def test_a_model_without_eyes_says_so(site):
    client = TestClient(
        create_app([FakeEngine([DONE], PLAIN)], Settings(), site), base_url="http://localhost"
    )
    reply = client.post(CHAT, json=message(address(encoded("png"))))
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "images_not_supported")
    assert reply.json()["error"]["message"] == "The model 'plain' does not take pictures: send text alone."
