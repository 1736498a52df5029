"""One answer of the Gemini API, from the order to the bill: streamed, counted, paid, and closed.

Runs on the event loop of `demos.server.gemini.engine`, which imports it late: the SDK takes most of a
second. It tells the listener what happens, and logs neither prompts nor answers.

An answer that ends before the API has reported its last token (Stop, a broken connection) is billed by what
the API had reported; what it may have written since then, at the very most, is booked as unreported.
"""

import asyncio
import datetime as dt
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from google import genai
from google.genai import errors, types

from demos.kitchen.cost import Price
from demos.server.distant.hosted import HostedModel, Usage, usd
from demos.server.distant.key import Key
from demos.server.distant.meter import Meter
from demos.server.distant.patience import Patience
from demos.server.engine import Counts, Delta, Done, Event, Failed, Listener, Order
from demos.server.errors import RefusedConversationError
from demos.server.gemini import failures, request, sdk
from demos.server.gemini.budget import Budget, BudgetSpentError

LOG = logging.getLogger(__name__)
BROKEN: Final = "The server stopped at this answer with an error that is in its log: ask again."
CUT: Final = "as long as was asked"
"""How an answer ends that we end: not a word of the API."""


@dataclass(frozen=True)
class Restaurant:
    """What every answer needs besides its order.

    Attributes:
        client: the SDK's.
        host: the machine that it asks.
        key: to blame, and to keep out of sentences.
        budget: pays.
        patience: how long to wait for what.
        today: the day, for prices and last days.
    """

    client: genai.Client
    host: str
    key: Key
    budget: Budget
    patience: Patience
    today: Callable[[], dt.date]


@dataclass(frozen=True)
class Asked:
    """One order on its way.

    Attributes:
        tell: hears what happens.
        meter: begun when the order came.
        count: hears how many more tokens were written.
        sent: hears how many bytes have left.
    """

    model: HostedModel
    order: Order
    tell: Listener
    meter: Meter
    count: Callable[[int], None]
    sent: Callable[[int], None]


async def answer(restaurant: Restaurant, asked: Asked) -> None:
    """Answer an order, and end the answer for its listener, whatever happens.

    Raises:
        asyncio.CancelledError: somebody hung up: the request is closed, and the listener hears nothing more.
    """
    try:
        event = await served(restaurant, asked)
    except Exception as error:  # noqa: BLE001 - the listener must hear how it ends
        event = explained(error, restaurant, asked.model)
    asked.tell(event)


async def served(restaurant: Restaurant, asked: Asked) -> Event:
    """Answer an order and pay for it; how it ended.

    Raises:
        Exception: whatever went wrong on the way, for `explained`.
    """
    model, order, meter = asked.model, asked.order, asked.meter
    day = restaurant.today()
    price = model.price(day)
    if model.shutdown is not None and day >= model.shutdown:
        sentence = f"{model.name} was shut down on {model.shutdown}: choose another model."
        return Failed(sentence, 404, "model_shut_down")
    if price is None:
        sentence = f"No price of {model.name} is known for {day}: bring docs/data/prices.yml up to date."
        return Failed(sentence, 503, "no_price")
    worst = request.worst(order, model)
    try:
        contents, config = request.build(order, model)
        hold = restaurant.budget.hold(usd(worst, price), model.name)
    except RefusedConversationError as error:
        return Failed(str(error), 400, "invalid_value")
    except BudgetSpentError as error:
        return Failed(str(error), 402, "budget_spent")

    end = CUT
    arguments = {"model": model.id, "contents": contents, "config": config}
    call = Call(restaurant.client, arguments, asked, price)
    try:
        async with asyncio.timeout(restaurant.patience.whole):
            end = await call.persist(order.max_tokens, restaurant.patience)
    finally:
        # For those who hung up, too. An end of the API's own comes with all of its counts.
        cost = usd(meter.usage, price) if meter.usage else None
        rest = meter.unreported(worst) if end == CUT or cost is None else Usage()
        hold.settle(cost or 0.0, usd(rest, price))
    return ended(end, model, call, meter, cost)


def ended(end: str, model: HostedModel, call: "Call", meter: Meter, cost: float | None) -> Event:
    """What an end of the API means to the reader."""
    reason = failures.ENDS.get(end)
    if call.blocked or (reason == "content_filter" and not call.said):
        return failures.blocked(end)
    if reason is None and end != CUT:
        return failures.broken_off(end, model)
    usage = meter.usage or Usage()
    return Done(reason or "length", meter.timings(), usage.cached, usage.thought, cost, call.sent_bytes)


def explained(error: Exception, restaurant: Restaurant, model: HostedModel) -> Failed:
    """The error as a sentence. What is no error of the API goes into the log, without the words in it."""
    known = failures.failed(error, model, restaurant.key, restaurant.host)
    if known is None:
        # Not the exception's own text: it can quote the prompt or a header.
        where = "".join(traceback.format_tb(error.__traceback__))
        LOG.error("answering with %s failed: %s\n%s", model.id, type(error).__name__, where)
    return known or Failed(BROKEN, 500, "answer_broken")


def block_of(chunk: types.GenerateContentResponse) -> str | None:
    """Why the filter stopped the question, None where it did not."""
    feedback = chunk.prompt_feedback
    return feedback.block_reason.value if feedback and feedback.block_reason else None


class Call:
    """One order on the wire.

    Attributes:
        said: whether any of the answer has been told, thoughts aside.
        blocked: whether the question itself was stopped by the filter.
        sent_bytes: of the requests that left.
    """

    def __init__(self, client: genai.Client, arguments: dict[str, Any], asked: Asked, price: Price) -> None:
        """Prepare it; nothing is sent yet."""
        self._stream: Any = client.aio.models.generate_content_stream
        self._arguments = arguments
        self._listener = asked.tell
        self._meter = asked.meter
        self._count = asked.count
        self._price = price
        self.said = False
        self.blocked = False
        self.sent_bytes = 0

        def departed(size: int) -> None:
            self.sent_bytes += size
            asked.sent(size)

        sdk.departures.set(departed)

    async def persist(self, max_tokens: int, patience: Patience) -> str:
        """Send it, and again after a pause where the API says that this helps and has not begun to answer.

        Returns:
            How it ended: the API's finish reason, its reason to block the question, or `CUT`.
        """
        tried = 1
        while True:
            self._meter.send()
            try:
                return await self._once(max_tokens)
            except errors.APIError as error:
                self._meter.refused()
                named = failures.pause(error, dt.datetime.now(dt.UTC))
                if named is None or self._meter.begun or tried == patience.tries:
                    raise
                wait = max(named, patience.pause * 2 ** (tried - 1))
                if wait > patience.wait:
                    raise
            await asyncio.sleep(wait)
            tried += 1

    async def _once(self, max_tokens: int) -> str:
        end: str | None = None
        # To hang up is to be interrupted while waiting for more: only then does everything between here and
        # the socket close in its order. Left early, the SDK's nested generators trip over each other.
        try:
            async with asyncio.timeout(None) as interruption:
                async for chunk in await self._stream(**self._arguments):
                    blocked, candidate = block_of(chunk), chunk.candidates[0] if chunk.candidates else None
                    self.blocked = self.blocked or blocked is not None
                    self._tell(candidate, chunk.usage_metadata)
                    end = failures.end_of(candidate.finish_reason if candidate else None) or blocked or end
                    if end is None and self._meter.answered >= max_tokens and interruption.when() is None:
                        interruption.reschedule(asyncio.get_running_loop().time())
        except TimeoutError:
            if not interruption.expired():
                raise
            return CUT
        if end is None:
            raise failures.NoEndError
        return end

    def _tell(self, candidate: types.Candidate | None, counts: Any) -> None:
        """What one chunk holds: some text, some thoughts, the tokens so far."""
        parts = (candidate.content.parts if candidate and candidate.content else None) or []
        text = "".join(part.text for part in parts if part.text and not part.thought)
        thought = "".join(part.text for part in parts if part.text and part.thought)
        self._count(self._meter.take(self._usage(counts), piece=bool(text or thought)))
        self.said = self.said or bool(text)
        if text or thought:
            self._listener(Delta(text, thought, counts=self._so_far()))

    def _so_far(self) -> Counts | None:
        """What the API has reported, None before it has."""
        found = self._meter.usage
        if found is None:
            return None
        cost = usd(found, self._price)
        return Counts(found.prompt, found.output, found.cached, found.thought, cost, self.sent_bytes)

    def _usage(self, counts: types.GenerateContentResponseUsageMetadata | None) -> Usage | None:
        """The API's counts; one that a chunk leaves out is as it was."""
        if counts is None:
            return None
        before = self._meter.usage or Usage()

        def kept(now: int | None, then: int) -> int:
            return then if now is None else now

        return Usage(
            prompt=kept(counts.prompt_token_count, before.prompt),
            answer=kept(counts.candidates_token_count, before.answer),
            thought=kept(counts.thoughts_token_count, before.thought),
            cached=kept(counts.cached_content_token_count, before.cached),
        )
