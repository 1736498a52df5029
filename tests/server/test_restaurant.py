"""What the page learns before it asks: the restaurant's menu, and the very request that would leave."""

import base64
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient

from demos.server.api import restaurant
from demos.server.api.app import create_app
from demos.server.engine import Counts, Delta
from demos.server.settings import Settings
from scripts import try_gemini
from tests.server import gemini_api
from tests.server.engines import aside
from tests.server.fake import DONE, FakeEngine
from tests.server.gemini_api import Api
from tests.server.restaurant import GEMMA, HYDROGEN, SECRET, opened

RED = "data:image/png;base64," + base64.b64encode(try_gemini.PICTURE).decode()
CHAT = "/v1/chat/completions"
ORDER = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "라면? 🍜"},
        {"role": "assistant", "content": "네."},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": RED}},
                {"type": "text", "text": 'ramen \\ "ラーメン"?'},
            ],
        },
    ],
    "max_tokens": 33,
    "temperature": 0.5,
    "seed": 7,
    "stream": True,
    "stream_options": {"continuous_usage_stats": True},
}


@contextmanager
def served(tmp_path, engines, hosted=lambda: ()) -> Iterator[TestClient]:
    settings = Settings()
    app = create_app(engines, settings, tmp_path, [restaurant.router(engines, hosted, settings)])
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def api():
    with gemini_api.serving(SECRET) as stand_in:
        yield stand_in


@pytest.mark.parametrize("model", [HYDROGEN, GEMMA], ids=lambda model: model.id)
@pytest.mark.parametrize("effort", [None, "none", "high"])
def test_the_letter_that_is_shown_is_the_request_that_is_sent(api: Api, tmp_path, model, effort):
    order = ORDER | {"model": model.id} | ({"reasoning_effort": effort} if effort else {})

    def asked() -> tuple[dict, str, list]:
        with opened(api, model) as engines, served(tmp_path, engines) as client:
            letter = client.post(restaurant.LETTER, json=order).raise_for_status().json()
            assert api.requests == []
            told = client.post(CHAT, json=order).raise_for_status().text
            return letter, told, client.get("/api/kitchen").json()["sent"]

    letter, told, sent = aside(asked)
    (request,) = api.requests
    assert gemini_api.camel(letter["body"]) == request.body
    assert letter["path"] == request.path
    assert letter["bytes"] == int(request.headers["content-length"])
    assert f"http://{letter['host']}" == api.address
    assert f'"sent_bytes":{letter["bytes"]}' in told
    assert sent == [{"host": letter["host"], "bytes": letter["bytes"]}]


def test_a_closed_restaurant_shows_its_menu_and_sends_nothing_anywhere(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0.2)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")

        def looked() -> tuple[dict, dict]:
            with served(tmp_path, [FakeEngine([DONE])], lambda: [HYDROGEN, GEMMA]) as client:
                letter = client.post(restaurant.LETTER, json=ORDER | {"model": GEMMA.id})
                return client.get("/api/restaurant").json(), letter.raise_for_status().json()

        menu, letter = aside(looked)
        with pytest.raises(TimeoutError):
            proxy.accept()
    assert (menu["open"], menu["budget"]) == (False, None)
    assert [model["id"] for model in menu["models"]] == [HYDROGEN.id, GEMMA.id]
    assert menu["models"][0]["price"] == {"input": 1.5, "output": 7.5, "cached_input": 0.075, "until": None}
    assert letter["host"] == menu["host"] == "generativelanguage.googleapis.com"
    assert letter["path"] == f"/v1beta/models/{GEMMA.id}:streamGenerateContent?alt=sse"


def test_a_letter_to_a_model_that_is_not_there_is_refused(tmp_path):
    def asked() -> dict:
        with served(tmp_path, [FakeEngine([DONE])], lambda: [HYDROGEN, GEMMA]) as client:
            return client.post(restaurant.LETTER, json=ORDER | {"model": "gemini-0"}).json()["error"]

    problem = aside(asked)
    assert problem["code"] == "model_not_found"
    assert problem["message"] == (
        "There is no model 'gemini-0' at the restaurant: it cooks 'gemini-4-hydrogen', 'gemma-4-26b-a4b-it'."
    )


def test_an_open_restaurant_tells_what_may_still_be_spent(api: Api, tmp_path):
    def asked() -> tuple[dict, str]:
        with opened(api) as engines, served(tmp_path, engines) as client:
            client.post(CHAT, json=ORDER | {"model": HYDROGEN.id}).raise_for_status()
            return client.get("/api/restaurant").json(), client.get("/metrics").text

    menu, metrics = aside(asked)
    (told,) = re.findall(r'two_bowls_budget_usd{state="spent"} (.+)', metrics)
    assert float(told) == menu["budget"]["spent_usd"]
    assert 'two_bowls_budget_usd{state="limit"} 0.5' in metrics
    assert menu["open"] is True
    spent = 7 * 1.5e-6 + 14 * 7.5e-6  # the usage of gemini_api.ramen at HYDROGEN's prices
    assert menu["budget"] == {
        "limit_usd": 0.5,
        "spent_usd": pytest.approx(spent),
        "unreported_usd": 0,
        "held_usd": 0,
    }


def test_each_chunk_tells_the_counts_so_far_where_that_is_asked(tmp_path):
    engine = FakeEngine([Delta("ra", counts=Counts(5, 1)), Delta("men", counts=Counts(5, 2)), DONE])
    order = {"messages": ORDER["messages"][:2], "stream": True}

    def asked(**more: object) -> str:
        with served(tmp_path, [engine]) as client:
            return client.post(CHAT, json=order | more).text

    told = aside(asked, stream_options={"continuous_usage_stats": True})
    assert [f'"completion_tokens":{n}' in told for n in (1, 2, 3)] == [True] * 3
    assert '"completion_tokens":1' not in aside(asked)
