"""What the tests of the restaurant share: two models, an open restaurant before the stand-in, a question."""

import datetime as dt
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from demos.kitchen.cost import Price
from demos.server.distant.hosted import HostedModel
from demos.server.distant.key import Key
from demos.server.distant.patience import Patience
from demos.server.engine import Delta, Done, Event, Failed, Message, Order
from demos.server.gemini import engine as gemini
from demos.server.gemini.budget import Budget
from demos.server.gemini.engine import GeminiEngine
from tests.server.gemini_api import Api

SECRET = "AIzaSy-not-a-real-key-0123456789abcdefg"  # noqa: S105 - it opens nothing
DAY = dt.date(2026, 11, 22)
HYDROGEN = HostedModel(
    "gemini-4-hydrogen",
    "Gemini 4 Hydrogen",
    (Price("gemini-4-hydrogen", 1.50, 7.50, cached_input=0.075),),
    free_tier=True,
    thinking=("low", "medium", "high", "xhigh"),
    thinking_default="high",
)
GEMMA = HostedModel(
    "gemma-4-26b-a4b-it",
    "Gemma 4 26B A4B",
    (Price("gemma-4-26b-a4b-it", 0.0, 0.0),),
    version="v1beta",
    free_tier=True,
    thinking=("minimal", "high"),
    sampling=True,
)
QUICK = Patience(connect=2.0, silence=2.0, whole=10.0, wait=1.5, tries=3, pause=0.01)


@dataclass
class Heard:
    """What a listener heard."""

    texts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    end: Event | None = None

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def thought(self) -> str:
        return "".join(self.thoughts)

    @property
    def done(self) -> Done:
        assert isinstance(self.end, Done), self.end
        return self.end

    @property
    def failed(self) -> Failed:
        assert isinstance(self.end, Failed), self.end
        return self.end


@contextmanager
def opened(
    api: Api,
    *models: HostedModel,
    budget: Budget | None = None,
    patience: Patience = QUICK,
    day: dt.date = DAY,
    address: str | None = None,
) -> Iterator[list[GeminiEngine]]:
    """The restaurant, closed afterwards."""
    engines = gemini.engines(
        models or (HYDROGEN, GEMMA),
        Key(SECRET, "GEMINI_API_KEY"),
        budget or Budget(),
        address=address or api.address,
        patience=patience,
        today=lambda: day,
    )
    try:
        status = engines[0].wait_loaded(30)
        assert status.state == "ready", status.reason
        yield engines
    finally:
        for engine in engines:
            engine.close()
        assert engines[0].wait_closed(10)


def order(text: str = "What is ramen?", max_tokens: int = 64, **choices: object) -> Order:
    """A question of one turn."""
    return replace(Order((Message("user", text),), max_tokens), **choices)


def ask(engine: GeminiEngine, asked: Order | str = "What is ramen?", **choices: object) -> Heard:
    """Ask, and hear it to the end."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine.submit(order(asked, **choices) if isinstance(asked, str) else asked, events.put)
    heard = Heard()
    while isinstance(event := events.get(timeout=20), Delta):
        assert event.text or event.thought
        heard.texts += [event.text] * bool(event.text)
        heard.thoughts += [event.thought] * bool(event.thought)
    heard.end = event
    return heard
