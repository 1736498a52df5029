"""Every status that the OpenAPI document promises, for each route, is caused once and seen."""

import asyncio
import pathlib
import shutil
import sys
import threading
from collections import namedtuple
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demos.server.api import restaurant, toppings
from demos.server.api.app import create_app
from demos.server.engine import Delta, Failed, Status
from demos.server.settings import Settings
from demos.server.topping.kept import Kept, Topping
from demos.server.topping.trainer import Trainer
from tests.server import bar
from tests.server.engines import aside
from tests.server.fake import DONE, FakeEngine
from tests.server.restaurant import HYDROGEN

SECRET = "open sesame, please"  # noqa: S105 - of the tests
JSON = {"Content-Type": "application/json"}
MESSAGES = [{"role": "user", "content": "what"}]
HANGS = (sys.executable, "-c", "import time; input(); time.sleep(60)")
CHAT, TEXT, LETTER = "/v1/chat/completions", "/v1/completions", "/api/restaurant/letter"
TRAIN, TOPPING = "/api/toppings", "/api/toppings/{name}"
GOOD: dict[str, dict[str, Any]] = {
    CHAT: {"messages": MESSAGES},
    TEXT: {"prompt": "what"},
    LETTER: {"model": HYDROGEN.id, "messages": MESSAGES},
    TRAIN: {"name": "pirate", "examples": 4 * [{"question": "what", "answer": "noodles"}]},
}
"""A body that is taken, for each route that reads one."""


@dataclass
class Kitchen:
    """Everything about one server that a cause may change before it asks."""

    site: pathlib.Path
    trains: Any
    patch: pytest.MonkeyPatch
    engine: FakeEngine = field(default_factory=lambda: FakeEngine([Delta("noodles"), DONE]))
    settings: Settings = field(default_factory=Settings)
    closing: threading.Event = field(default_factory=threading.Event)
    command: tuple[str, ...] = bar.ENDS_AT_ONCE
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | bytes | None = None
    name: str = "pirate"
    before: list[tuple[str, str]] = field(default_factory=list)
    menu: Callable[[], Any] = lambda: [HYDROGEN]

    def app(self) -> FastAPI:
        """The whole API over them."""
        cooks = [self.engine]
        self.trainer = Trainer([self.trains] if self.trains else cooks, self.command)
        routes = [toppings.router(self.trainer), restaurant.router(cooks, self.menu, self.settings)]
        return create_app(cooks, self.settings, self.site, routes, self.closing)

    def ask(self, method: str, path: str) -> httpx.Response:
        """The reply, after what has to be asked before."""
        client = TestClient(self.app(), base_url="http://localhost", raise_server_exceptions=False)
        for each_method, each_path in [*self.before, (method, path)]:
            body = GOOD.get(each_path) if self.body is None else self.body
            sent = {"content": body} if isinstance(body, bytes) else {"json": body} if body else {}
            place = each_path.format(name=self.name, model_id=self.name)
            reply = client.request(each_method, place, headers=JSON | self.headers, **sent)
        if self.trainer.progress:
            self.trainer.close()
            assert self.trainer._course.wait(10)
        return reply

    def trickle(self, method: str, path: str) -> httpx.Response:
        """The reply to a body that never comes."""

        async def never() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(60)

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app())
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, content=never(), headers=JSON)

        return aside(asyncio.run, ask())


def raising(error: Exception) -> Callable[..., Any]:
    def broken(*_: object, **__: object) -> Any:
        raise error

    return broken


def keep(kitchen: Kitchen) -> None:
    """A topping that can be deleted."""
    kept = kitchen.trains.base[1]
    kept.partial(kitchen.name).mkdir(parents=True)
    kept.keep(Topping(kitchen.name, "2026-01-01T00:00:00+00:00", 4, (1.0,)))


def no_disk(kitchen: Kitchen) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil has it
    kitchen.patch.setattr(shutil, "disk_usage", lambda _path: usage(10, 9, 1))
    kitchen.patch.setattr(Kept, "remove", raising(OSError(28, "No space left on device")))


def fails_elsewhere(status: int) -> Callable[[Kitchen], None]:
    return lambda k: setattr(k.engine, "events", [Failed("It failed elsewhere.", status, "api_failed")])


def breaks(kitchen: Kitchen) -> None:
    """A bug wherever an operation does its work, and no process for a training."""
    kitchen.engine.refusal = ZeroDivisionError()
    kitchen.menu = raising(ZeroDivisionError())
    kitchen.command = ("/nowhere/at/all",)
    kitchen.patch.setattr(Kept, "remove", raising(ZeroDivisionError()))


def loads(kitchen: Kitchen) -> None:
    kitchen.engine.status = Status("loading", 0.5, "Reading the weights")
    kitchen.closing.set()


def too_often(kitchen: Kitchen) -> None:
    kitchen.settings = Settings(requests_per_minute=1)
    kitchen.before = [("POST", TEXT)]


def knows_nobody(kitchen: Kitchen) -> None:
    kitchen.name = "nobody"
    kitchen.body = {**GOOD[CHAT], **GOOD[TEXT], "model": "nobody"}


def unreadable(kitchen: Kitchen) -> None:
    """And a kitchen that takes no toppings, whatever is asked about them."""
    kitchen.body, kitchen.trains = b"{", None


CAUSES: dict[int, Callable[[Kitchen], None]] = {
    200: lambda _kitchen: None,
    202: lambda _kitchen: None,
    204: keep,
    400: unreadable,
    401: lambda k: setattr(k, "settings", Settings(token=SECRET)),
    402: fails_elsewhere(402),
    403: lambda k: k.headers.update(Host="evil.example"),
    404: knows_nobody,
    408: lambda k: setattr(k, "settings", Settings(sender_timeout_s=0.05)),
    409: lambda k: (setattr(k, "name", "house"), setattr(k, "body", {**GOOD[TRAIN], "name": "house"})),
    413: lambda k: k.headers.update({"Content-Length": str(10**9)}),
    429: too_often,
    500: breaks,
    502: fails_elsewhere(502),
    503: loads,
    504: fails_elsewhere(504),
    507: no_disk,
}
"""How each status comes about, whatever the route."""
FIRST: dict[tuple[str, str, int], Callable[[Kitchen], None]] = {
    ("GET", "/v1/models/{model_id}", 200): lambda k: setattr(k, "name", "fake"),
    ("GET", f"{TOPPING}/training", 200): lambda k: setattr(k, "before", [("POST", TRAIN)]),
    ("POST", f"{TOPPING}/cancel", 200): lambda k: (
        setattr(k, "before", [("POST", TRAIN)]),
        setattr(k, "command", HANGS),
    ),
}
"""What has to be there before in the few that need something."""


def documented() -> list[tuple[str, str, int]]:
    """Route and status, as the document has them."""
    with pytest.MonkeyPatch.context() as patch:
        document = Kitchen(pathlib.Path(), None, patch).app().openapi()
    return [
        (method.upper(), path, int(status))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for status in operation["responses"]
    ]


@pytest.fixture(scope="module")
def trains(tmp_path_factory):
    """The tiny model that can get toppings."""
    folder = tmp_path_factory.mktemp("statuses")
    with bar.cooking(bar.save(folder / "tiny"), folder / "cache") as engine:
        yield engine


@pytest.mark.parametrize(
    ("method", "path", "status"), documented(), ids=lambda value: str(value).replace("/", "|")
)
def test_a_status_of_the_document_is_seen(trains, site, monkeypatch, method, path, status):  # noqa: PLR0917
    kitchen = Kitchen(site, trains, monkeypatch)
    CAUSES[status](kitchen)
    if first := FIRST.get((method, path, status)):
        first(kitchen)
    reply = (kitchen.trickle if status == 408 else kitchen.ask)(method, path)
    assert reply.status_code == status, reply.text
    if status >= 400 and path != "/health":
        error = reply.json()["error"]
        assert error["message"].endswith(".")
        assert error["code"]
    if status in {429, 503} and path != "/health":
        assert int(reply.headers["retry-after"]) >= 1
