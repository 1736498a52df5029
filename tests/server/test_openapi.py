"""The document against the server: made-up requests get the replies that it promises, and no others."""

import pathlib
from collections.abc import Iterator

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from demos.server.api import restaurant, toppings
from demos.server.api.app import create_app
from demos.server.api.schemas.base import WORDS
from demos.server.engine import Delta
from demos.server.settings import Settings
from demos.server.topping.trainer import Trainer
from tests.server import bar
from tests.server.fake import DONE, ODDS, FakeEngine
from tests.server.restaurant import HYDROGEN

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROUTES = {
    "/api/kitchen": {"get"},
    "/api/restaurant": {"get"},
    "/api/restaurant/letter": {"post"},
    "/api/toppings": {"get", "post"},
    "/api/toppings/{name}": {"delete"},
    "/api/toppings/{name}/cancel": {"post"},
    "/api/toppings/{name}/training": {"get"},
    "/health": {"get"},
    "/metrics": {"get"},
    "/v1/chat/completions": {"post"},
    "/v1/completions": {"post"},
    "/v1/models": {"get"},
    "/v1/models/{model_id}": {"get"},
}

CHANGES = ("/api/restaurant/letter", "/api/toppings", "/v1/chat/completions", "/v1/completions")
ORDERS = ("/v1/chat/completions", "/v1/completions")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """Orders go to a scripted engine; toppings to a tiny one, whose trainings end at once."""
    engine = FakeEngine([Delta("", "Hm."), Delta("ra", odds=ODDS[:1]), Delta("men", odds=ODDS[1:]), DONE])
    settings = Settings(requests_per_minute=10**6)
    folder = tmp_path_factory.mktemp("openapi")
    with bar.cooking(bar.save(folder / "tiny"), folder / "cache") as trains:
        trainer = Trainer([trains], bar.ENDS_AT_ONCE)
        routes = [toppings.router(trainer), restaurant.router([engine], lambda: [HYDROGEN], settings)]
        yield create_app([engine], settings, folder, routes)
        trainer.close()


@pytest.fixture(scope="module")
def api(app):
    return schemathesis.openapi.from_asgi("/v1/openapi.json", app, headers={"Host": "localhost"})


@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [
        *(
            (path, method, GenerationMode.POSITIVE)
            for path, methods in ROUTES.items()
            for method in sorted(methods)
        ),
        *((path, "post", GenerationMode.NEGATIVE) for path in CHANGES),
    ],
)
def test_the_replies_are_those_of_the_document(api, path, method, mode):

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=api[path][method.upper()].as_strategy(generation_mode=mode))
    def holds(case):
        case.headers = {**(case.headers or {}), "Host": "localhost"}
        case.call_and_validate(checks=CHECKS)

    holds()


def test_the_document_has_every_route_and_every_error(app):
    document = TestClient(app, base_url="http://localhost").get("/v1/openapi.json").json()
    assert {path: set(operations) for path, operations in document["paths"].items()} == ROUTES
    for path in ORDERS:
        responses = document["paths"][path]["post"]["responses"]
        assert set(responses) == {"200", *map(str, WORDS)}
        assert set(responses["200"]["content"]) == {"application/json", "text/event-stream"}
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_document_is_only_data(site: pathlib.Path):
    client = TestClient(create_app([FakeEngine([DONE])], Settings(), site), base_url="http://localhost")
    reply = client.get("/v1/openapi.json")
    assert reply.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert reply.headers["cache-control"] == "no-store"
