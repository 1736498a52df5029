"""An order from its request to its last event: placed, followed, and cancelled when its client goes.

Between engines, which call from their own threads, and asyncio. Knows nothing of OpenAI's shapes.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from demos.server.api.metrics import Metrics
from demos.server.engine import Delta, Done, Engine, Event, Failed, ModelCard, Order, Ticket
from demos.server.errors import UnknownAdapterError, UnsupportedError

WAITING, RUNNING = "waiting", "running"


def check(order: Order, card: ModelCard) -> None:
    """Refuse what the model cannot do, before anything is cooked.

    Raises:
        UnsupportedError: it takes no pictures, does not think, gives no odds or takes no raw text.
        UnknownAdapterError: it has no such adapter.
    """
    who = f"The model '{card.id}'"
    if card.images is False and any(message.images for message in order.messages):
        raise UnsupportedError(
            f"{who} does not take pictures: send text alone.",
            param="messages",
            code="images_not_supported",
        )
    if order.thinking and card.thinking is False:
        raise UnsupportedError(
            f"{who} does not think before it answers: leave out 'reasoning_effort' and 'enable_thinking'.",
            param="reasoning_effort",
            code="thinking_not_supported",
        )
    if order.top_logprobs is not None and card.logprobs is False:
        raise UnsupportedError(
            f"{who} does not tell the odds of its tokens: leave out 'logprobs'.",
            param="logprobs",
            code="logprobs_not_supported",
        )
    if order.text is not None and not card.texts:
        raise UnsupportedError(
            f"{who} takes conversations only: use /v1/chat/completions.",
            param="prompt",
            code="text_not_supported",
        )
    if order.adapter and order.adapter not in card.adapters:
        names = "', '".join(card.adapters)
        there = f"there are '{names}'" if names else "it has none"
        raise UnknownAdapterError(f"{who} has no adapter '{order.adapter[:100]}': {there}.")


class Placed:
    """An order that an engine took. Iterate over it once, for its events up to `Done` or `Failed`.

    It is cancelled as soon as the client has gone, also before the iteration began, and in any case when
    the iteration ends; then the iteration just stops.
    """

    def __init__(self, engine: Engine, request: Request, metrics: Metrics) -> None:
        """Prepare; `place` makes one."""
        self._model = engine.card.id
        self._request = request
        self._metrics = metrics
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._first: Event | None = None
        self._ticket: Ticket | None = None
        self._watching: asyncio.Task[None] | None = None
        self._gone = False
        self._state = WAITING
        self._outcome = "left"

    def hear(self, event: Event) -> None:
        """Take an event, from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it everybody who listened
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    def begin(self, ticket: Ticket) -> None:
        """Follow the order, and whether somebody still waits for it."""
        self._ticket = ticket
        self._count(1)
        self._watching = asyncio.create_task(self._watch())

    def end(self) -> None:
        """Cancel what still runs and stop counting it. Safe to call again."""
        if self._ticket is None:
            return
        self._ticket.cancel()
        self._ticket = None
        self._count(-1)
        self._metrics.answers.labels(self._model, self._outcome).inc()
        if self._watching:
            self._watching.cancel()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """The events, none of them after the client has gone."""
        try:
            while (event := await self._next()) is not None:
                if self._state == WAITING:
                    self._count(-1)
                    self._state = RUNNING
                    self._count(1)
                if isinstance(event, Done):
                    self._outcome = event.finish_reason
                    self._metrics.done(self._model, event)
                elif isinstance(event, Failed):
                    self._outcome = "failed"
                yield event
                if not isinstance(event, Delta):
                    return
        finally:
            self.end()

    async def begins(self) -> bool:
        """Wait for the first event, which iterating gives again: False when there will be no answer."""
        self._first = await self._next()
        return not isinstance(self._first, Failed | None)

    async def _next(self) -> Event | None:
        event, self._first = self._first, None
        if event is None and not self._gone:
            event = await self._events.get()
        return event

    async def _watch(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        self._watching = None
        self._gone = True
        self._events.put_nowait(None)
        self.end()

    def _count(self, change: int) -> None:
        self._metrics.orders.labels(self._model, self._state).inc(change)


async def place(engine: Engine, order: Order, request: Request, metrics: Metrics) -> Placed:
    """Place an order, whose events then wait to be read.

    Raises:
        KitchenError: the model cannot do this, or cannot do it now: see `check` and `Engine.submit`.
    """
    check(order, engine.card)
    placed = Placed(engine, request, metrics)
    # Reading a long conversation into tokens takes a while: not on the event loop.
    placed.begin(await run_in_threadpool(engine.submit, order, placed.hear))
    return placed
