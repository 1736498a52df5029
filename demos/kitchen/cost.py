"""What a workload costs at API prices in force on a date. What a machine of one's own takes: `home`.

    USD a day = (fresh input x input price + cached input x cached price
                 + (answer + thinking) x output price) / 1,000,000

Tokens are per request times requests a day, prices USD per million tokens. Thinking is billed as output.
In batch, input and output cost the share that the price names (half); no cached price is known there, so
cached tokens count as fresh ones. A month has 30 days, a year 365, and the price never changes in it.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable

from demos.kitchen.errors import KitchenError, amount
from demos.kitchen.words import _

MILLION = 1_000_000
DAYS_PER_MONTH = 30
DAYS_PER_YEAR = 365

NO_TAXES = _("taxes")
NO_THINKING = _("thinking")
NO_STORAGE = _("the fee for keeping a cache")
NO_TOOLS = _("search and other tools")


@dataclasses.dataclass(frozen=True)
class Price:
    """USD per million tokens of one model, from `start` up to and including `end` (None: open).

    `cached_input` is None where no price for cached input is known, `batch` (the share of the price that a
    batch pays, 0.5 for half) where no batch price is known.

    Raises:
        KitchenError: a price is not a number of 0 or more, or it ends before it starts.
    """

    model: str
    input: float
    output: float
    start: dt.date | None = None
    end: dt.date | None = None
    cached_input: float | None = None
    batch: float | None = None

    def __post_init__(self) -> None:
        for name in ("input", "output", "cached_input", "batch"):
            value = getattr(self, name)
            if value is not None or name in {"input", "output"}:
                amount(value, f"the {name} price of {self.model}")
        if self.start and self.end and self.end < self.start:
            raise KitchenError(
                f"the price of {self.model} starts on {self.start} and ends on {self.end}: "
                "let it end on its first day or later"
            )

    def in_force(self, day: dt.date) -> bool:
        """Whether this is the price on that day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclasses.dataclass(frozen=True)
class Workload:
    """What one day asks for: requests, and the tokens of each: sent, answered, thought, read from a cache.

    `cached_tokens` are those of the `input_tokens` that a cache already holds.

    Raises:
        KitchenError: a count is not a whole number of 0 or more, or more is cached than sent.
    """

    requests: int
    input_tokens: int
    output_tokens: int
    thinking_tokens: int = 0
    cached_tokens: int = 0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            amount(getattr(self, field.name), f"{field.name} of the workload", whole=True)
        if self.cached_tokens > self.input_tokens:
            raise KitchenError(
                f"the workload caches {self.cached_tokens} of {self.input_tokens} input tokens: "
                "cache no more than a request sends"
            )

    @property
    def written(self) -> int:
        """Tokens a day that a model writes: answers and thinking."""
        return self.requests * (self.output_tokens + self.thinking_tokens)


@dataclasses.dataclass(frozen=True)
class Cost:
    """USD a day by what they pay for, and the msgids of what they leave out."""

    input: float
    cached: float
    output: float
    thinking: float
    left_out: tuple[str, ...] = ()

    @property
    def day(self) -> float:
        """USD a day."""
        return self.input + self.cached + self.output + self.thinking

    @property
    def month(self) -> float:
        """USD for 30 days."""
        return self.day * DAYS_PER_MONTH

    @property
    def year(self) -> float:
        """USD for 365 days."""
        return self.day * DAYS_PER_YEAR


@dataclasses.dataclass(frozen=True)
class Bill:
    """What a workload costs with one model: today, in batch, and at the next announced price."""

    price: Price
    now: Cost
    batch: Cost | None
    next: Price | None
    then: Cost | None


def cost(workload: Workload, price: Price, *, batch: bool = False) -> Cost:
    """The money that this workload takes at this price (the formula stands at the top of the file).

    Raises:
        KitchenError: the workload reads from a cache, or runs in batch, and the price for that is not known.
    """
    cached = 0 if batch else workload.cached_tokens
    if batch and price.batch is None:
        raise KitchenError(f"no batch price is known for {price.model}: reckon it without batch")
    if cached and price.cached_input is None:
        raise KitchenError(f"no price for cached input is known for {price.model}: set cached_tokens to 0")
    share = (price.batch or 0.0) if batch else 1.0
    per_token = workload.requests * share / MILLION
    left_out = [NO_TAXES, NO_TOOLS]
    if not workload.thinking_tokens:
        left_out.insert(0, NO_THINKING)
    if cached:
        left_out.append(NO_STORAGE)
    return Cost(
        input=(workload.input_tokens - cached) * price.input * per_token,
        cached=cached * (price.cached_input or 0.0) * per_token,
        output=workload.output_tokens * price.output * per_token,
        thinking=workload.thinking_tokens * price.output * per_token,
        left_out=tuple(left_out),
    )


def exchanged(dollars: float, rate: float) -> float:
    """Dollars in another money, of which a dollar costs `rate`.

    Raises:
        KitchenError: the rate is not above 0.
    """
    amount(rate, "the rate of exchange", positive=True)
    return dollars * rate


def in_force(prices: Iterable[Price], day: dt.date) -> list[Price]:
    """The prices in force on a day, in their given order.

    Raises:
        KitchenError: one model has two prices on that day.
    """
    found: dict[str, Price] = {}
    for price in prices:
        if price.in_force(day):
            if price.model in found:
                raise KitchenError(
                    f"{price.model} has two prices in force on {day}: give the first an end date"
                )
            found[price.model] = price
    return list(found.values())


def bills(workload: Workload, prices: Iterable[Price], day: dt.date) -> list[Bill]:
    """What the workload costs with every model that has a price on that day, in the order of the prices.

    Raises:
        KitchenError: one model has two prices on that day, or a cached price is missing.
    """
    prices = list(prices)
    found = []
    for price in in_force(prices, day):
        later = [row for row in prices if row.model == price.model and row.start and row.start > day]
        following = min(later, key=lambda row: row.start or day, default=None)
        found.append(
            Bill(
                price=price,
                now=cost(workload, price),
                batch=cost(workload, price, batch=True) if price.batch is not None else None,
                next=following,
                then=cost(workload, following) if following else None,
            )
        )
    return found
