"""What the tests of the kitchen share: a scripted engine, a real socket, a patient question."""

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import uvicorn
from starlette.types import ASGIApp

from demos.server.api import listen
from demos.server.engine import (
    Delta,
    Done,
    Engine,
    Event,
    Hardware,
    Listener,
    Message,
    ModelCard,
    Order,
    Status,
    Timings,
)
from demos.server.local import menu
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")
TIMINGS = Timings(5, 10.0, 3, 20.0, 100.0, 12.0)


def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do it in a thread of its own: Playwright's event loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work, *args, **kwargs).result()


class Scripted:
    """A ticket that remembers whether it was cancelled."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()

    def cancel(self) -> None:
        self.cancelled.set()


class ScriptedEngine:
    """Says its lines, one per `step`: a test decides when a token comes, so nothing depends on timing."""

    def __init__(self, *lines: str) -> None:
        self.card = ModelCard("scripted", "Scripted", "test", 12, "MIT", "https://example.org/mit")
        self.status = Status("ready", 1.0, "Ready")
        self.hardware: Hardware | None = Hardware("cpu", "int8", 1)
        self.tokens_generated = 0
        self.lines = lines
        self.orders: list[Order] = []
        self.refusal: Exception | None = None
        self.ending: Event = Done("stop", TIMINGS)
        self.go_on = threading.Semaphore(10**6)
        self.tickets: list[Scripted] = []

    def submit(self, order: Order, listener: Listener) -> Scripted:
        if self.refusal:
            raise self.refusal
        self.orders.append(order)
        self.tickets.append(Scripted())
        threading.Thread(target=self._play, args=(listener, self.tickets[-1]), daemon=True).start()
        return self.tickets[-1]

    def _play(self, listener: Listener, ticket: Scripted) -> None:
        for line in self.lines:
            self.go_on.acquire()
            if ticket.cancelled.is_set():
                return
            self.tokens_generated += 1
            listener(Delta(line))
        listener(self.ending)

    def close(self) -> None:
        """Nothing to put away."""


@contextmanager
def serving(app: ASGIApp, settings: Settings | None = None) -> Iterator[str]:
    """The app on a real socket, with uvicorn as `make serve` sets it up; gives its address."""
    with socket.create_server((listen.HOST, 0)) as reserved:
        server = uvicorn.Server(listen.config(app, settings or Settings()))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [reserved]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{reserved.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()


def ask(engine: LocalEngine, text: str, max_tokens: int = 24, **choices: object) -> tuple[str, Event]:
    """One question, the whole answer, and how it ended."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine.submit(Order((Message("user", text),), max_tokens, **choices), events.put)
    answer = ""
    while isinstance(event := events.get(timeout=60), Delta):
        assert event.text
        answer += event.text
    return answer, event


def told(engine: Engine, order: Order, patience_s: float = 60.0) -> list[Event]:
    """All events of an order."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine.submit(order, events.put)
    found = [events.get(timeout=patience_s)]
    while isinstance(found[-1], Delta):
        found.append(events.get(timeout=patience_s))
    return found


def until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


@contextmanager
def started(source: menu.Source, settings: Settings, patience_s: float = 100) -> Iterator[LocalEngine]:
    """A loaded engine, closed afterwards."""
    with running(LocalEngine(source, settings), patience_s) as engine:
        yield engine


@contextmanager
def running(engine: LocalEngine, patience_s: float = 100) -> Iterator[LocalEngine]:
    """An engine, loaded, and closed afterwards."""
    engine.start()
    try:
        status = engine.wait_loaded(patience_s)
        assert status.state == "ready", status.reason
        yield engine
    finally:
        engine.close()
        assert engine.wait_closed(30)
