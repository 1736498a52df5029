"""What surrounds the chat: who may ask, how much, what the site and the kitchen's own routes answer."""

import dataclasses
import gzip
import pathlib
import re

import httpx
import pytest
from fastapi.testclient import TestClient

from demos.server.api.app import create_app
from demos.server.engine import Status
from demos.server.settings import Settings
from tests.server.engines import ScriptedEngine, serving

HELLO = {"messages": [{"role": "user", "content": "hello"}]}
CHAT = "/v1/chat/completions"


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine("ramen")


@pytest.fixture
def client(engine: ScriptedEngine, site: pathlib.Path) -> TestClient:
    return TestClient(
        create_app([engine], Settings(max_body_bytes=1000), site), base_url="http://127.0.0.1:8000"
    )


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "a@localhost", "", "::1"]
)
def test_a_foreign_name_for_this_server_is_refused(client, host):
    reply = client.get("/", headers={"Host": host})
    assert reply.status_code == 403
    assert reply.json()["error"]["message"] == (
        f"This server does not answer to the name '{host}': use 127.0.0.1 or ::1 or localhost."
    )


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000"])
def test_its_own_names_are_taken(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9", "https://127.0.0.1:8000"]
)
def test_a_post_from_another_page_is_refused(client, engine, origin):
    reply = client.post(CHAT, json=HELLO, headers={"Origin": origin})
    assert reply.status_code == 403
    assert f"'{origin}'" in reply.json()["error"]["message"]
    assert engine.orders == []


def test_a_post_from_its_own_page_is_taken(client):
    assert client.post(CHAT, json=HELLO, headers={"Origin": "http://127.0.0.1:8000"}).status_code == 200


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length(engine, site, announced):
    body = b'{"messages": "' + b"x" * 5000
    with serving(create_app([engine], Settings(max_image_body_bytes=1000), site)) as address:
        content = body if announced else iter([body])
        reply = httpx.post(address + CHAT, content=content, headers={"Content-Type": "application/json"})
    assert reply.status_code == 413
    assert reply.json()["error"]["message"] == "The request is too big: at most 1000 bytes are taken."


def test_a_body_of_too_many_parts_is_refused_before_it_is_read_as_json(engine, site):
    client = TestClient(create_app([engine], Settings(), site), base_url="http://localhost")
    body = b'{"messages": [' + b"1," * 300_000 + b"1]}"
    reply = client.post(CHAT, content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 413
    assert reply.json()["error"]["message"] == (
        "The request has too many parts: at most 262144 commas are taken."
    )


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/v1/nothing", 404, "There is nothing at /v1/nothing."),
        ("POST", "/v1/nothing", 404, "There is nothing at /v1/nothing."),
        ("GET", CHAT, 405, "/v1/chat/completions does not take GET."),
        (
            "GET",
            "/v1/models/gemini",
            404,
            "There is no model 'gemini' on the menu: this kitchen cooks 'scripted'.",
        ),
    ],
)
def test_every_error_under_v1_is_openai_shaped(client, method, path, status, sentence):
    reply = client.request(method, path)
    assert reply.status_code == status
    assert reply.json()["error"]["message"] == sentence
    assert set(reply.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (rb'{"messages": [{"role": "user", "content": "\ud800"}]}', "messages[0].content"),
        (
            rb'{"messages": [{"role": "user", "content": [{"type": "text", "text": "\udfff"}]}]}',
            "messages[0].content[0].text",
        ),
        (rb'{"model": "\ud800", "messages": [{"role": "user", "content": "x"}]}', "model"),
    ],
)
def test_half_a_character_is_refused_by_field(client, body, field):
    reply = client.post(CHAT, content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == field
    assert "half a character (a lone surrogate) is no text" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "field"), [({}, "messages"), ({"messages": [{"role": "user"}]}, "messages[0].content")]
)
def test_a_missing_field_is_named(client, body, field):
    reply = client.post(CHAT, json=body)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"] == f"'{field}' is missing."


def test_models_lists_the_bowl_with_its_honest_label_and_where_it_runs(client, engine):
    model = client.get("/v1/models").json()["data"][0]
    assert model["id"] == "scripted"
    assert model["label"] == "Scripted (test, int8 on CPU)"
    assert model["license"] == "MIT"
    assert model["runs_on"] == dataclasses.asdict(engine.hardware)
    assert client.get("/v1/models/scripted").json() == model


@pytest.mark.parametrize(
    ("status", "health"),
    [
        (Status("loading", 0.4, "Reading the weights"), 503),
        (Status("ready", 1.0, "Ready"), 200),
        (Status("failed", 0.1, "Joining", "The package is damaged."), 503),
    ],
)
def test_the_page_hears_what_health_says_but_always_as_200(client, engine, status, health):
    engine.status = status
    engine.hardware = None
    reply = client.get("/health")
    assert (reply.status_code, reply.json()["status"]) == (health, status.state)
    kitchen = client.get("/api/kitchen")
    assert kitchen.status_code == 200
    said = kitchen.json()
    assert (said["state"], said["progress"], said["step"], said["reason"]) == (
        status.state,
        status.progress,
        status.step,
        status.reason,
    )
    assert said["model"]["label"] == "Scripted (test)"
    assert said["gemini"] == {"configured": False}
    assert said["memory_bytes"] > 0


def test_the_kitchen_tells_device_threads_and_tokens(client):
    said = client.get("/api/kitchen").json()
    assert (said["device"], said["dtype"], said["threads"], said["tokens_generated"]) == ("cpu", "int8", 1, 0)


@pytest.mark.parametrize(
    ("path", "kind", "start"),
    [
        ("/", "text/html; charset=utf-8", "<h1>Two bowls"),
        ("/side-by-side/", "text/html; charset=utf-8", "side by side"),
        ("/ko/", "text/html; charset=utf-8", "두 그릇"),
        ("/assets/app.css", "text/css; charset=utf-8", "body"),
        ("/assets/demo.js", "text/javascript; charset=utf-8", "export"),
    ],
)
def test_files_have_their_types(client, path, kind, start):
    reply = client.get(path)
    assert (reply.status_code, reply.headers["content-type"]) == (200, kind)
    assert reply.text.startswith(start)


def test_a_folder_without_its_slash_leads_to_the_page(client):
    assert client.get("/side-by-side").url.path == "/side-by-side/"


@pytest.mark.parametrize(
    ("path", "pages"),
    [
        ("/sitemap.xml", ["http://localhost:8123/", "http://localhost:8123/side-by-side/"]),
        ("/ko/sitemap.xml", ["http://localhost:8123/ko/"]),
    ],
)
def test_a_sitemap_lists_the_pages_of_its_language_at_the_address_the_reader_used(client, path, pages):
    reply = client.get(path, headers={"Host": "localhost:8123"})
    assert re.findall("<loc>(.*?)</loc>", reply.text) == pages


@pytest.mark.parametrize(
    ("path", "text"), [("/nowhere", "Not here"), ("/ko/nowhere/deep", "없어요"), ("/fr/x", "Not here")]
)
def test_a_missing_page_is_answered_in_the_readers_language(client, path, text):
    reply = client.get(path)
    assert (reply.status_code, reply.text) == (404, text)


@pytest.mark.parametrize(
    "path", ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/assets/..%5c..%5csecret", "//etc/passwd"]
)
def test_no_path_leads_out_of_the_site(engine, site, path):
    (site.parent / "secret").write_text("secret")
    with serving(create_app([engine], Settings(), site)) as address:
        reply = httpx.get(httpx.URL(address).copy_with(raw_path=path.encode()))
    assert reply.status_code == 404
    assert "secret" not in reply.text
    assert "root:" not in reply.text


@pytest.mark.parametrize(
    "path", ["/%00", "/a%00b.html", "/%00/sitemap.xml", "/" + 300 * "a", 400 * "/abcdefghi"]
)
def test_a_path_that_no_file_can_have_is_only_missing(client, path):
    reply = client.get(path)
    assert (reply.status_code, reply.text) == (404, "Not here")


def test_pages_are_revalidated_and_fingerprinted_files_kept(client):
    page = client.get("/")
    assert page.headers["cache-control"] == "no-cache"
    assert client.get("/", headers={"If-None-Match": page.headers["etag"]}).status_code == 304
    assert "immutable" in client.get("/assets/main.0123abcd.min.js").headers["cache-control"]


def test_pages_are_compressed_and_streams_are_not(client):
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    stream = client.post(CHAT, json=HELLO | {"stream": True}, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in stream.headers
    assert gzip.compress(page.content) != page.content


def test_every_reply_says_how_it_may_be_used(client):
    for path in ("/", "/nowhere", "/v1/models", "/api/kitchen"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_api_describes_itself_without_pages_from_elsewhere(client):
    assert "/v1/chat/completions" in client.get("/v1/openapi.json").json()["paths"]
    assert client.get("/v1/docs").status_code == 404
    assert client.get("/docs").status_code == 404
