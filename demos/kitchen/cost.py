"""What a workload costs at an API price in force on a date.

    cost = tokens / 1,000,000 x price per million tokens, input and output apart

Left out: thinking tokens (billed as output, and not part of a workload unless counted into it), cached
input, taxes, and everything a kitchen of one's own costs.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable

MILLION = 1_000_000
DAYS_PER_MONTH = 30
DAYS_PER_YEAR = 365


@dataclasses.dataclass(frozen=True)
class Price:
    """USD per million tokens of one model, from `start` up to and including `end` (None: open)."""

    model: str
    input: float
    output: float
    start: dt.date | None = None
    end: dt.date | None = None

    def in_force(self, day: dt.date) -> bool:
        """Whether this is the price on that day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclasses.dataclass(frozen=True)
class Workload:
    """What one day asks for: requests, and tokens in and out of each."""

    requests: int
    input_tokens: int
    output_tokens: int


@dataclasses.dataclass(frozen=True)
class Cost:
    """USD for a day, a month of 30 days and a year of 365 days at one unchanging price."""

    day: float

    @property
    def month(self) -> float:
        """USD for 30 days."""
        return self.day * DAYS_PER_MONTH

    @property
    def year(self) -> float:
        """USD for 365 days."""
        return self.day * DAYS_PER_YEAR


def cost(workload: Workload, price: Price) -> Cost:
    """The money this workload takes at this price."""
    tokens_in = workload.requests * workload.input_tokens
    tokens_out = workload.requests * workload.output_tokens
    return Cost(day=(tokens_in * price.input + tokens_out * price.output) / MILLION)


def in_force(prices: Iterable[Price], day: dt.date) -> list[Price]:
    """The prices in force on a day, in their given order.

    Raises:
        ValueError: one model has two prices on that day.
    """
    found: dict[str, Price] = {}
    for price in prices:
        if price.in_force(day):
            if price.model in found:
                raise ValueError(
                    f"{price.model} has two prices in force on {day}: give the first an end date"
                )
            found[price.model] = price
    return list(found.values())
