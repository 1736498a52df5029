"""The restaurant: engines that pass orders on to the Gemini API, one for each model on its menu.

    budget = Budget(0.50)
    restaurant = gemini.engines(menu, key.find(os.environ, settings_file), budget)   # [] without a key

`menu` comes from `scripts.restaurant.menu(...)`, which reads docs/data; its first model is the default one.
The engines share one thread, which starts at once, imports the SDK (most of a second, during which they are
"loading") and ends when all of them are closed. Nothing is sent before an order comes. `budget` holds the
running total: `spent_usd`, `unreported_usd`, `held_usd`, `limit_usd`. `Key.source` says where the key was
found; nothing here or elsewhere shows the key.

Everything that goes wrong with an order reaches its listener as `Failed`, with the status and the code that
`failures` and `answer` name ("budget_spent", "key_rejected", ...): `submit` waits for nothing. A
ticket that is cancelled closes the request. This project's tests do not call the live API:
`python -m scripts.try_gemini` does, with your key.
"""

import asyncio
import datetime as dt
import logging
import threading
import time
import traceback
import urllib.parse
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from demos.server.distant.engine import CLOSING, Distant
from demos.server.distant.hosted import HostedModel
from demos.server.distant.key import Key
from demos.server.distant.meter import Meter
from demos.server.distant.patience import Patience
from demos.server.engine import Event, Failed, Listener, Order, Status
from demos.server.errors import NotReadyError
from demos.server.gemini.budget import Budget

if TYPE_CHECKING:
    from demos.server.gemini.answer import Restaurant

LOG = logging.getLogger(__name__)
ADDRESS = "https://generativelanguage.googleapis.com"
STARTING = "Starting the client of the Gemini API"
CLOSED = "The server is closing and passes no more orders on to the Gemini API."
AT_ONCE = 8
"""Orders of one model that may be under way."""


def utc_today() -> dt.date:
    """The day for prices and last days."""
    return dt.datetime.now(dt.UTC).date()


def engines(
    menu: Sequence[HostedModel],
    key: Key | None,
    budget: Budget,
    *,
    address: str = ADDRESS,
    patience: Patience | None = None,
    today: Callable[[], dt.date] = utc_today,
) -> list["GeminiEngine"]:
    """An engine for every model on the menu, in its order; none without a key.

    Args:
        menu: the models.
        key: pays at Google's.
        budget: what may be spent.
        address: of the API; its host is where the page says that words go.
        patience: how long to wait for what, None for the defaults.
        today: the day, for prices and last days.
    """
    if key is None or not menu:
        return []
    line = Line(key, budget, address, patience or Patience(), today, users=len(menu))
    return [GeminiEngine(model, line) for model in menu]


class Job:
    """An order under way: the `Ticket` that `GeminiEngine.submit` gives."""

    def __init__(self, line: "Line", listener: Listener) -> None:
        """Take an order."""
        self._line = line
        self._listener = listener
        self._ended = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        """Hang up: the request is closed, and the listener hears nothing more."""
        if not self._ended.is_set():
            self._ended.set()
            self._line.call(self._hang_up)

    def tell(self, event: Event) -> None:
        """Pass on what happened, unless nobody listens any more."""
        if not self._ended.is_set():
            self._listener(event)

    def run(self, work: Coroutine[Any, Any, None], then: Callable[[], None]) -> None:
        """Begin, on the line's loop; `then` is called at the end."""
        if self._ended.is_set():
            work.close()
            then()
            return
        self._task = asyncio.get_running_loop().create_task(work)
        self._task.add_done_callback(lambda _task: then())

    def end(self, event: Event) -> None:
        """End it from this side, on the line's loop."""
        self.tell(event)
        self._ended.set()
        self._hang_up()

    def _hang_up(self) -> None:
        if self._task is not None:
            self._task.cancel()


class Line:
    """The thread that holds the connection to the API, for all engines together."""

    def __init__(
        self,
        key: Key,
        budget: Budget,
        address: str,
        patience: Patience,
        today: Callable[[], dt.date],
        *,
        users: int,
    ) -> None:
        """Start it; it ends when all its users have left."""
        self._key, self.key_source = key, key.source
        self.budget = budget
        self.address = address
        self._patience = patience
        self._today = today
        self._users = users
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._settled = threading.Event()
        self.host = urllib.parse.urlsplit(address).netloc
        self.status = Status("loading", 0.0, STARTING)
        self.restaurant: Restaurant | None = None
        # A daemon: closing a terminal must not wait for an import.
        self._thread = threading.Thread(target=self._run, name="gemini", daemon=True)
        self._thread.start()

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have something done on the loop; nothing happens when it has ended."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(function, *arguments)

    def leave(self) -> None:
        """One user less."""
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._loop is not None and self._stop is not None:
                self._loop.call_soon_threadsafe(self._stop.set)

    def wait_settled(self, timeout_s: float | None = None) -> Status:
        """Wait until the client has started, or could not."""
        self._settled.wait(timeout_s)
        return self.status

    def wait_closed(self, timeout_s: float | None = None) -> bool:
        """Wait until the thread has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._hold())
        except Exception as error:  # noqa: BLE001 - the page must hear of it
            # Not the exception's own text: it can quote an address with a password, or the key.
            LOG.error("%s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400
            sentence = (
                f"The client of the Gemini API could not be started ({type(error).__name__}): is "
                "google-genai installed, and does HTTPS_PROXY name an address?"
            )
            self.status = Status("failed", 0.0, STARTING, sentence, code="client_failed")
        self._settled.set()

    async def _hold(self) -> None:
        from demos.server.gemini import answer, sdk  # noqa: PLC0415 - the SDK takes its time

        async with sdk.client(self._key, self.address, self._patience) as client:
            self.restaurant = answer.Restaurant(
                client, self.host, self._key, self.budget, self._patience, self._today
            )
            stop = asyncio.Event()
            with self._lock:
                self._loop, self._stop = asyncio.get_running_loop(), stop
                if self._users == 0:
                    stop.set()
            self.status = Status("ready", 1.0, "Ready")
            self._settled.set()
            await stop.wait()
            with self._lock:
                self._loop = None
            answers = asyncio.all_tasks() - {asyncio.current_task()}
            for task in answers:
                task.cancel()
            await asyncio.gather(*answers, return_exceptions=True)


class GeminiEngine(Distant[Job]):
    """An `Engine` whose model runs at Google's. Answers several orders at once."""

    def __init__(self, model: HostedModel, line: Line) -> None:
        """Put a model on the menu."""
        self.model = model
        self.address, self.budget, self.key_source = line.address, line.budget, line.key_source
        self._line = line
        super().__init__(model.card(line.host), AT_ONCE, CLOSED)

    @property
    def status(self) -> Status:
        """Loading while the client starts."""
        return self._line.status

    def wait_loaded(self, timeout_s: float | None = None) -> Status:
        """Wait until orders can be taken, or never will be."""
        return self._line.wait_settled(timeout_s)

    def wait_closed(self, timeout_s: float | None = None) -> bool:
        """Wait until the thread of all engines has ended, as it does when all of them are closed."""
        return self._line.wait_closed(timeout_s)

    def submit(self, order: Order, listener: Listener) -> Job:
        """Pass an order on: see `Engine.submit`. Nothing here waits for the network."""
        meter = Meter(time.perf_counter())
        restaurant = self._line.restaurant
        if self._line.status.state != "ready" or restaurant is None:
            status = self._line.status
            raise NotReadyError(
                status.reason or f"The restaurant is not open yet: {STARTING}.", code=status.code
            )
        job = Job(self._line, listener)
        with self._admitted(job):
            self._line.call(self._begin, job, restaurant, order, meter)
        return job

    def close(self) -> None:
        """End what is under way and take no more orders. Returns at once."""
        jobs = self._ended()
        if jobs is None:
            return
        for job in jobs:
            self._line.call(job.end, Failed(CLOSING, 503, "closing"))
        self._line.leave()

    def _begin(self, job: Job, restaurant: "Restaurant", order: Order, meter: Meter) -> None:
        from demos.server.gemini import answer  # noqa: PLC0415 - loaded by now

        asked = answer.Asked(self.model, order, job.tell, meter, self._count, self._sent)
        job.run(answer.answer(restaurant, asked), lambda: self._forget(job))

    def _sent(self, size: int) -> None:
        self.sent_bytes += size

    def _count(self, tokens: int) -> None:
        self._tokens_generated += tokens
