"""What a workload takes on a machine of one's own: hours, electricity, hardware, and when that pays.

    hours a day  = written tokens / tokens per second / 3600 (+ input tokens / prefill rate / 3600, if known)
    kWh a day    = (hours x watts + (24 - hours) x idle watts) / 1000
    money a day  = kWh x price per kWh + purchase price / (years x 365)

One request at a time, at a constant rate. Money is in the currency of the electricity. A machine that
would need more than 24 hours a day cannot do the work; the hours say by how much.
"""

import dataclasses

from demos.kitchen.cost import DAYS_PER_MONTH, DAYS_PER_YEAR, Price, Workload, cost
from demos.kitchen.errors import KitchenError, amount
from demos.kitchen.words import _

HOURS_PER_DAY = 24
SECONDS_PER_HOUR = 3600
WATTS_PER_KILOWATT = 1000

FORMULAS = (
    _("seconds = tokens ÷ tokens per second"),
    _("kWh = hours × kilowatts"),
    _("saved = API bill − kWh × price per kWh"),
)
NO_HARDWARE = _("the machine itself")
NO_IDLE = _("power while it waits")
NO_PREFILL = _("reading the questions")
NO_THINKING = _("thinking")
NO_WORK = _("your time")


@dataclasses.dataclass(frozen=True)
class Machine:
    """A machine with a model on it: how fast it writes (and reads), what it draws, what it cost.

    `watts` is the draw while it works, None where it is not known; `price` is spread evenly over `years`.

    Raises:
        KitchenError: a figure is not a number of 0 or more, or a rate or the years are 0.
    """

    name: str
    tokens_per_second: float
    watts: float | None = None
    idle_watts: float = 0.0
    prefill_tokens_per_second: float | None = None
    price: float = 0.0
    years: float = 3.0

    def __post_init__(self) -> None:
        for name in ("tokens_per_second", "years"):
            amount(getattr(self, name), f"{name} of {self.name}", positive=True)
        if self.prefill_tokens_per_second is not None:
            amount(self.prefill_tokens_per_second, f"prefill_tokens_per_second of {self.name}", positive=True)
        for name in ("idle_watts", "price") + (("watts",) if self.watts is not None else ()):
            amount(getattr(self, name), f"{name} of {self.name}")


@dataclasses.dataclass(frozen=True)
class Electricity:
    """Money per kilowatt-hour, in any currency.

    Raises:
        KitchenError: the price is not a number of 0 or more.
    """

    currency: str
    per_kwh: float

    def __post_init__(self) -> None:
        amount(self.per_kwh, f"the price of a kilowatt-hour in {self.currency}")


@dataclasses.dataclass(frozen=True)
class Running:
    """A day of the workload at home. `kwh` and `electricity` are None where the draw is not known."""

    hours: float
    kwh: float | None
    electricity: float | None
    hardware: float
    currency: str
    left_out: tuple[str, ...]

    @property
    def possible(self) -> bool:
        """Whether the day is long enough."""
        return self.hours <= HOURS_PER_DAY

    @property
    def day(self) -> float | None:
        """Electricity and hardware a day."""
        return None if self.electricity is None else self.electricity + self.hardware

    @property
    def month(self) -> float | None:
        """The same for 30 days."""
        return None if self.day is None else self.day * DAYS_PER_MONTH

    @property
    def year(self) -> float | None:
        """The same for 365 days."""
        return None if self.day is None else self.day * DAYS_PER_YEAR


@dataclasses.dataclass(frozen=True)
class BreakEven:
    """When a machine has paid for itself against an API.

    `days` is after how many days of this workload, `requests` from how many requests a day on the machine is
    cheaper at all (its price spread over its years). None means never.
    """

    days: float | None
    requests: float | None


def running(workload: Workload, machine: Machine, electricity: Electricity) -> Running:
    """Hours, kilowatt-hours and money of a day (the formulas stand at the top of the file)."""
    hours = workload.requests * _hours_per_request(workload, machine)
    kwh = None
    if machine.watts is not None:
        waiting = max(0.0, HOURS_PER_DAY - hours)
        kwh = (hours * machine.watts + waiting * machine.idle_watts) / WATTS_PER_KILOWATT
    gaps = {
        NO_PREFILL: machine.prefill_tokens_per_second is None,
        NO_THINKING: not workload.thinking_tokens,
        NO_IDLE: not machine.idle_watts,
        NO_HARDWARE: not machine.price,
        NO_WORK: True,
    }
    return Running(
        hours=hours,
        kwh=kwh,
        electricity=None if kwh is None else kwh * electricity.per_kwh,
        hardware=machine.price / (machine.years * DAYS_PER_YEAR),
        currency=electricity.currency,
        left_out=tuple(text for text, missing in gaps.items() if missing),
    )


def break_even(workload: Workload, price: Price, machine: Machine, electricity: Electricity) -> BreakEven:
    """When the machine is cheaper than the API.

        days     = purchase price / (API money a day - electricity money a day)
        requests = (hardware a day + idle electricity a day) / (API money - electricity money, per request)

    Per request, the electricity is what working draws above idling. Never (None) where electricity costs as
    much as the API, where the machine cannot do that many in a day, or where its draw is not known.

    Raises:
        KitchenError: the electricity is not priced in USD, as the API is, or the workload asks for nothing.
    """
    _comparable(workload, electricity)
    if machine.watts is None:
        return BreakEven(days=None, requests=None)
    at_home, out = running(workload, machine, electricity), cost(workload, price)
    saved = out.day - (at_home.electricity or 0.0)
    days = machine.price / saved if saved > 0 and at_home.possible else None
    hours = _hours_per_request(workload, machine)
    per_hour = electricity.per_kwh / WATTS_PER_KILOWATT
    fixed = at_home.hardware + HOURS_PER_DAY * machine.idle_watts * per_hour
    gain = out.day / workload.requests - hours * (machine.watts - machine.idle_watts) * per_hour
    requests = fixed / gain if gain > 0 else None
    if requests is not None and requests * hours > HOURS_PER_DAY:
        requests = None
    return BreakEven(days=days, requests=requests)


def affordable(
    workload: Workload, price: Price, machine: Machine, electricity: Electricity, years: float
) -> float | None:
    """What the machine may cost so that it has paid for itself after so many years.

        (API money a day - electricity money a day) x 365 x years

    None where that is never: the machine cannot do the work in a day, its draw is not known, or its
    electricity costs as much as the API.

    Raises:
        KitchenError: the electricity is not priced in USD, the workload asks for nothing, or `years` is not
            above 0.
    """
    _comparable(workload, electricity)
    amount(years, "the time to pay off in years", positive=True)
    at_home = running(workload, machine, electricity)
    if at_home.electricity is None or not at_home.possible:
        return None
    saved = cost(workload, price).day - at_home.electricity
    return saved * DAYS_PER_YEAR * years if saved > 0 else None


def _hours_per_request(workload: Workload, machine: Machine) -> float:
    seconds = (workload.output_tokens + workload.thinking_tokens) / machine.tokens_per_second
    if machine.prefill_tokens_per_second is not None:
        seconds += (workload.input_tokens - workload.cached_tokens) / machine.prefill_tokens_per_second
    return seconds / SECONDS_PER_HOUR


def _comparable(workload: Workload, electricity: Electricity) -> None:
    if electricity.currency != "USD":
        raise KitchenError(
            f"the API is priced in USD and the electricity in {electricity.currency}: "
            "give the electricity in USD to compare them"
        )
    if not workload.requests:
        raise KitchenError("the workload asks for 0 requests a day: give at least 1 to compare costs")
