"""What the server tells about itself: counts for Prometheus, a log, and no word that anybody said."""

import io
import json
import logging
import pathlib

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from demos.server import log
from demos.server.api.app import create_app
from demos.server.engine import Delta, Failed
from demos.server.settings import Settings
from tests.server.fake import DONE, PLAIN, FakeEngine

CHAT = "/v1/chat/completions"
SECRET = "my grandmother's broth"  # noqa: S105
HELLO = {"messages": [{"role": "user", "content": SECRET}]}


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine([Delta("ra"), Delta("men"), DONE])


@pytest.fixture
def client(engine: FakeEngine, site: pathlib.Path) -> TestClient:
    app = create_app([engine, FakeEngine([DONE], PLAIN)], Settings(), site)
    return TestClient(app, base_url="http://localhost")


@pytest.fixture
def lines() -> io.StringIO:
    """What is logged, as `set_up` has it written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(log.JsonLines())
    log.LOG.addHandler(handler)
    log.LOG.setLevel(logging.INFO)
    yield written
    log.LOG.removeHandler(handler)
    log.LOG.setLevel(logging.NOTSET)


def samples(client: TestClient) -> dict[tuple[str, ...], float]:
    """Each sample's value by its name and the values of its labels."""
    reply = client.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(reply.text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_requests_are_counted_by_route_and_status_and_never_by_address(client):
    for path in ("/", "/ko/", "/nowhere", "/v1/models/fake", f"/v1/models/{SECRET}", "/v1/what", "/api/what"):
        client.get(path)
    client.get("/", headers={"Host": "evil.example"})
    client.request("BREW", "/v1/models")
    found = samples(client)
    name = "two_bowls_requests_total"
    counts = {labels[1:]: value for labels, value in found.items() if labels[0] == name}
    assert counts == {
        ("GET", "site", "200"): 2,
        ("GET", "site", "404"): 1,
        ("GET", "site", "403"): 1,
        ("GET", "/v1/models/{model_id}", "200"): 1,
        ("GET", "/v1/models/{model_id}", "404"): 1,
        ("GET", "unknown", "404"): 2,
        ("other", "/v1/models", "405"): 1,
    }


def test_answers_are_counted_with_their_tokens_and_times(client):
    client.post(CHAT, json=HELLO).raise_for_status()
    client.post(CHAT, json=HELLO | {"stream": True}).raise_for_status()
    found = samples(client)
    assert found["two_bowls_answers_total", "fake", "stop"] == 2
    assert found["two_bowls_prompt_tokens_total", "fake"] == 10
    assert found["two_bowls_cached_prompt_tokens_total", "fake"] == 4
    assert found["two_bowls_generated_tokens_total", "fake"] == 4
    assert found["two_bowls_generated_tokens_total", "plain"] == 0
    assert found["two_bowls_first_token_seconds_count", "fake"] == 2
    assert found["two_bowls_first_token_seconds_sum", "fake"] == pytest.approx(0.024)
    assert found["two_bowls_token_seconds_sum", "fake"] == pytest.approx(0.02)
    assert found["two_bowls_orders", "fake", "waiting"] == found["two_bowls_orders", "fake", "running"] == 0
    assert found["two_bowls_memory_bytes",] > 1e6


def test_a_failed_answer_counts_as_one(client, engine):
    engine.events = [Delta("ra"), Failed("The bowl broke.")]
    client.post(CHAT, json=HELLO)
    assert samples(client)["two_bowls_answers_total", "fake", "failed"] == 1


def test_two_apps_count_apart(client, site):
    other = TestClient(create_app([FakeEngine([DONE])], Settings(), site), base_url="http://localhost")
    client.post(CHAT, json=HELLO)
    assert ("two_bowls_answers_total", "fake", "stop") not in samples(other)


def test_metrics_have_no_word_of_what_was_said(client):
    client.post(CHAT, json=HELLO | {"model": SECRET})
    client.post(CHAT, json=HELLO)
    assert "grandmother" not in client.get("/metrics").text


def test_a_log_line_has_the_route_the_status_and_the_id_that_the_client_got(client, lines):
    reply = client.post(f"{CHAT}?q={SECRET}", json=HELLO, headers={"Authorization": f"Bearer {SECRET}"})
    entry = json.loads(lines.getvalue())
    assert (entry["level"], entry["event"]) == ("info", "request")
    assert (entry["method"], entry["route"], entry["status"]) == ("POST", CHAT, 200)
    assert entry["id"] == reply.headers["x-request-id"]
    assert set(entry) == {"time", "level", "event", "id", "method", "route", "status", "ms"}


def test_a_bug_is_logged_with_the_way_it_took_and_without_what_it_quotes(client, engine, lines):
    engine.refusal = ValueError(f"cannot read {SECRET}")
    assert client.post(CHAT, json=HELLO).status_code == 500
    bug, request = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert (bug["level"], bug["event"], bug["error"]) == ("error", "a request failed", "ValueError")
    assert any(frame.startswith("demos/server/api/orders.py:") for frame in bug["stack"])
    assert request["status"] == 500
    assert "grandmother" not in lines.getvalue()


def test_logging_is_set_up_once_for_everything(monkeypatch, capsys):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    level = log.LOG.level
    try:
        log.set_up("problems")
        log.LOG.info("a request")
        logging.getLogger("anything").warning("Careful: %s", "hot")
        log.set_up("requests")
        log.LOG.info("a request")
    finally:
        log.LOG.setLevel(level)
        root.setLevel(logging.WARNING)
    events = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert events == ["Careful: hot", "a request"]
