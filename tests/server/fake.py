"""An engine for the tests of the gateway: it plays a list of events to every order.

Its seats are numbered, as a real engine's, so that many clients at once meet a full house.
"""

import dataclasses
import threading
from collections.abc import Sequence

from demos.server.engine import (
    Delta,
    Done,
    Event,
    Failed,
    Hardware,
    Listener,
    ModelCard,
    Odds,
    Order,
    Status,
    Timings,
)
from demos.server.errors import BusyError

DONE = Done("stop", Timings(5, 10.0, 3, 20.0, 100.0, 12.0), cached_tokens=2, thought_tokens=1)
CLOSING = Failed("The kitchen is closing, so the answer ends here.", 503, "closing")
ALL = ModelCard(
    "fake",
    "Fake",
    "test",
    12,
    "MIT",
    "https://example.org/mit",
    images=True,
    thinking=True,
    logprobs=True,
    adapters=("house",),
)
PLAIN = ModelCard("plain", "Plain")
ODDS = (
    Odds("ra", b"ra", -0.5, (Odds("ra", b"ra", -0.5), Odds("no", b"no", float("-inf")))),
    Odds("\ufffd", b"\xeb\x9d", -1.25),
)


@dataclasses.dataclass
class FakeTicket:
    """Remembers whether it was cancelled."""

    cancelled: threading.Event = dataclasses.field(default_factory=threading.Event)

    def cancel(self) -> None:
        self.cancelled.set()


class FakeEngine:
    """Plays `events`; a `gate` that is not open holds each of them back."""

    def __init__(self, events: Sequence[Event], card: ModelCard = ALL, seats: int = 1000) -> None:
        self.card = card
        self.status = Status("ready", 1.0, "Ready")
        self.hardware: Hardware | None = Hardware("cpu", "int8", 1)
        self.tokens_generated = 0
        self.events = events
        self.orders: list[Order] = []
        self.tickets: list[FakeTicket] = []
        self._closing = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.refusal: Exception | None = None
        self._seats = threading.BoundedSemaphore(seats)
        self._changing = threading.Lock()
        self.running = 0

    def submit(self, order: Order, listener: Listener) -> FakeTicket:
        if self.refusal:
            raise self.refusal
        if not self._seats.acquire(blocking=False):
            raise BusyError("Every seat is taken.")
        ticket = FakeTicket()
        with self._changing:
            self.orders.append(order)
            self.tickets.append(ticket)
            self.running += 1
        threading.Thread(target=self._play, args=(listener, ticket), daemon=True).start()
        return ticket

    def _play(self, listener: Listener, ticket: FakeTicket) -> None:
        for event in self.events:
            while not self.gate.wait(0.02) and not ticket.cancelled.is_set():
                pass
            if ticket.cancelled.is_set():
                break
            if self._closing.is_set():
                listener(CLOSING)
                break
            with self._changing:
                self.tokens_generated += isinstance(event, Delta)
            listener(event)
        with self._changing:
            self.running -= 1
        self._seats.release()

    def close(self) -> None:
        """End what is running, as a real engine does."""
        self._closing.set()
        self.gate.set()
