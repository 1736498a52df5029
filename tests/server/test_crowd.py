"""A real engine when things get rough: two hundred clients, wrong pictures, odd characters."""

import asyncio
import base64
import io
import queue
import threading

import httpx
import pytest
from PIL import Image

from demos.server.api.app import create_app
from demos.server.engine import Delta, Done, Order
from demos.server.local import sampling
from demos.server.local.menu import choose
from demos.server.settings import Settings
from tests.server import gemma4 as tiny
from tests.server.engines import aside, ask, serving, started, until

CHAT = "/v1/chat/completions"
BOWL = "what is a bowl"
# Characters of each of Unicode's planes that has any, joined ones, a control character and a noncharacter.
PLANES = "a라é👩‍🍳\U0001f35c\U00020bb7\U00030000\U000e0001\U000f0000\U0010ffff\x00\x07\ufffe"


@pytest.fixture(scope="module")
def seeing(tmp_path_factory):
    """A random Gemma 4 with eyes and turns."""
    folder = tiny.save_seeing(tmp_path_factory.mktemp("e2b"), tiny.SHARED)
    with started(choose(str(folder), folder), Settings(threads=1, max_prompt_tokens=300)) as engine:
        yield engine


@pytest.fixture
def kitchen(seeing, site):
    """A client of it."""
    settings = Settings(requests_per_minute=1000)
    with (
        serving(create_app([seeing], settings, site), settings) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


def asks(content: object, **more: object) -> dict:
    return {"messages": [{"role": "user", "content": content}], "max_tokens": 6, "temperature": 0, **more}


def test_two_hundred_clients_of_a_real_model_get_an_answer_or_a_429(gemma4_folder, site):
    settings = Settings(rows=4, queue_length=4, requests_per_minute=1000, threads=1)

    async def ask_all(address: str) -> list[int]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as client:
            asking = [client.post(CHAT, json=asks(BOWL, stream=n % 2 == 0)) for n in range(200)]
            return [reply.status_code for reply in await asyncio.gather(*asking)]

    with started(choose(str(gemma4_folder), gemma4_folder), settings) as engine:
        expected = ask(engine, BOWL, 6, temperature=0.0)[0]
        before = threading.active_count()
        with serving(create_app([engine], settings, site), settings) as address:
            statuses = aside(asyncio.run, ask_all(address))
            assert httpx.post(address + CHAT, json=asks(BOWL)).status_code == 200
        assert set(statuses) == {200, 429}
        assert statuses.count(200) >= 4
        until(lambda: not any(len(table) for table in engine._tables) and not engine._jobs)
        assert len(engine._tables) == 1
        until(lambda: threading.active_count() <= before)
        assert ask(engine, BOWL, 6, temperature=0.0)[0] == expected


def png(width: int, height: int) -> str:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "orange").save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


MARK = {"type": "text", "text": "<|image|>"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ([{"type": "image_url", "image_url": {"url": png(60, 40)[:-40]}}], "invalid_image"),
        ([{"type": "image_url", "image_url": {"url": png(60, 40)}}, MARK], "conversation_refused"),
        ("면" * 200, "context_length_exceeded"),
        ("<|image|>", None),
    ],
    ids=["cut short", "a picture's mark beside a picture", "too long", "a picture's mark alone"],
)
def test_after_what_cannot_be_answered_the_next_request_is(kitchen, content, code):
    reply = kitchen.post(CHAT, json=asks(content))
    assert (reply.status_code, reply.json().get("error", {}).get("code")) == (400 if code else 200, code)
    picture = [{"type": "image_url", "image_url": {"url": png(60, 40)}}, {"type": "text", "text": BOWL}]
    for good in (BOWL, picture):
        reply = kitchen.post(CHAT, json=asks(good))
        assert reply.status_code == 200, reply.text
        assert reply.json()["usage"]["completion_tokens"] == 6


@pytest.mark.parametrize("thought", ["", "a bowl of noodles"])
def test_a_thought_stands_apart_is_not_shown_when_empty_and_is_never_fed_back(
    kitchen, seeing, monkeypatch, thought
):
    words = seeing._loaded.tokenizer
    said = words.encode(f"<|channel>thought\n{thought}<channel|>what is<turn|>", add_special_tokens=False)
    monkeypatch.setattr(
        sampling.Sampler,
        "draw",
        lambda sampler, _logits: next(sampler.__dict__.setdefault("lines", iter(said))),
    )
    for stream in (False, True):
        reply = kitchen.post(CHAT, json=asks(BOWL, max_tokens=60, stream=stream))
        assert ("reasoning_content" in reply.text) is bool(thought)
        if not stream:
            message = reply.json()["choices"][0]["message"]
            assert message["content"] == "what is"
            assert message.get("reasoning_content", "") == thought
            assert reply.json()["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0
    turns = [
        {"role": "user", "content": BOWL},
        {"role": "assistant", "content": "what is"},
        {"role": "user", "content": "a bowl"},
    ]
    counts = set()
    for more in ({}, {"reasoning_content": thought}):
        history = [turns[0], turns[1] | more, turns[2]]
        reply = kitchen.post(CHAT, json={"messages": history, "max_tokens": 60})
        counts.add(reply.json()["usage"]["prompt_tokens"])
    assert len(counts) == 1


def test_every_plane_of_unicode_is_read_as_it_is_and_answered(seeing, embedded):
    for engine, adapters in ((seeing, (None,)), (embedded, ("", "house"))):
        for adapter in adapters:
            assert isinstance(ask(engine, PLANES, 4, adapter=adapter)[1], Done)
            events: queue.SimpleQueue = queue.SimpleQueue()
            engine.submit(Order((), 4, text=PLANES, top_logprobs=1, adapter=adapter), events.put)
            heard = [events.get(timeout=60)]
            while isinstance(heard[-1], Delta):
                heard.append(events.get(timeout=60))
            assert isinstance(heard[-1], Done)
            tokenizer = engine._loaded.tokenizer.backend_tokenizer
            read = tokenizer.decode(list(heard[0].prompt), skip_special_tokens=True)
            assert read.strip() == PLANES
