"""The receipt of the 10,000 requests a day, written for a language: at API prices, and at home.

Everything is reckoned by demos/kitchen from docs/data; here it is only chosen and written out.
"""

import dataclasses
import datetime as dt
import functools

from demos.kitchen import cost, home
from demos.kitchen.fit import Range
from i18n import data, formatting
from i18n.catalog import Translate
from i18n.errors import SiteError
from i18n.facts import Book
from i18n.languages import SOURCE, Language
from scripts import kitchen
from scripts.figures import Figures, rounded
from scripts.kitchen import WORKLOAD

# Measurements of docs/data/speeds.yml that the receipt shows, each with the device that it ran on.
AT_HOME = {
    "rtx_3090_moe": "rtx_3090",
    "rtx_3090_dense": "rtx_3090",
    "mac_mini": "apple_m4_pro",
    "rtx_4090": "rtx_4090",
    "pi": "raspberry_pi_5",
}
# The machine whose price is weighed against the API, and how soon it should have paid for itself.
WEIGHED = "rtx_3090_moe"
YEARS = 1
# What readers of a language pay with, and the values of docs/data that say what a dollar costs in it.
MONEY = {"ko": "KRW", "ja": "JPY"}
RATES = {"KRW": "exchange_krw", "JPY": "exchange_jpy"}
# An example of thinking, in tokens an answer, and the model it is shown for.
THINKING = 1_000
THINKER = "gemini-3.8-flash"


@dataclasses.dataclass(frozen=True)
class Line:
    """A model at the price of today. `batch`, `next_day` and `next_year` are empty where there is none.

    `preview` is whether it is only a preview that day, `share` its year in per cent of the dearest one.

    `own` is the year in the reader's own money, empty where that is the dollar.

    `worth` is what the weighed machine may cost to have paid for itself in time, empty for never.
    """

    name: str
    model: str
    key: str
    preview: bool
    share: float
    day: str
    month: str
    year: str
    own: str
    batch: str
    next_day: str
    next_year: str
    worth: str


@dataclasses.dataclass(frozen=True)
class Home:
    """A Gemma on a machine. `kwh` and `year` are empty where no page says what the machine draws.

    `cited` are the ids of the values that the row is reckoned from.
    """

    size: str
    machine: str
    rate: str
    hours: str
    possible: bool
    kwh: str
    year: str
    cited: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Receipt:
    """Both tables, what they leave out, and the figures of the sentences around them.

    `rate` is what a dollar costs in the reader's own money, empty where that is the dollar.
    """

    lines: tuple[Line, ...]
    homes: tuple[Home, ...]
    weighed: Home
    left_out: str
    home_left_out: str
    month_days: str
    day_hours: str
    rate: str
    country: str
    kwh_price: str
    kwh_cited: tuple[str, ...]
    tokens: str
    thinking: str
    thinker: str
    thinker_year: str
    thinking_year: str
    formulas: tuple[str, ...]


def receipt(book: Book, language: Language, translate: Translate, today: dt.date) -> Receipt:
    """The receipt of a day.

    Raises:
        SiteError: a data file has a figure that cannot be, or lacks a row that the receipt shows.
    """
    figures = Figures(language, translate)
    row, steps = kitchen.tariff(book, language.code)
    homes = {key: _home(book, key, steps, figures) for key in AT_HOME}
    bills = kitchen.bills(book.prices, today)
    if not bills:
        raise SiteError(f"docs/data/prices.yml: no model has a price on {today}; add one that is in force.")
    thinker = next((bill for bill in bills if bill.price.model == THINKER), bills[0])
    thoughtful = cost.cost(dataclasses.replace(WORKLOAD, thinking_tokens=THINKING), thinker.price)
    machine = _machine(book, WEIGHED, book.speeds.speeds[WEIGHED].decode)
    _, (in_dollars, *_) = kitchen.tariff(book, SOURCE.code)
    weigh = functools.partial(_worth, machine, in_dollars)
    names = {model.id: model for model in book.models.gemini.values()}
    dearest = max(bill.now.year for bill in bills)
    money, rate = exchange(book, language)
    return Receipt(
        lines=tuple(
            _line(
                bill,
                names[bill.price.model],
                weigh(bill.price),
                dearest,
                language=language,
                today=today,
                own=figures.money(cost.exchanged(bill.now.year, rate), money) if rate else "",
            )
            for bill in bills
        ),
        homes=tuple(homes.values()),
        weighed=homes[WEIGHED],
        left_out=figures.listed(bills[0].now.left_out),
        home_left_out=figures.listed(home.running(WORKLOAD, machine, steps[0]).left_out),
        month_days=formatting.number(cost.DAYS_PER_MONTH, language),
        day_hours=formatting.number(home.HOURS_PER_DAY, language),
        rate=figures.price(rate, money) if rate else "",
        country=translate(row.country),
        kwh_price=_per_kwh(row, steps, figures),
        kwh_cited=tuple(_electricity_ids(book, row)),
        tokens=formatting.number(WORKLOAD.written, language),
        thinking=formatting.number(THINKING, language),
        thinker=names[thinker.price.model].label,
        thinker_year=formatting.dollars(thinker.now.year, language),
        thinking_year=formatting.dollars(thoughtful.year, language),
        formulas=tuple(translate(formula) for formula in home.FORMULAS),
    )


def _line(
    bill: cost.Bill,
    model: data.GeminiModel,
    worth: float | None,
    dearest: float,
    *,
    language: Language,
    today: dt.date,
    own: str,
) -> Line:
    return Line(
        name=model.label,
        model=model.id,
        share=round(100 * bill.now.year / dearest, 1),
        preview=model.status(today) == "preview",
        key=data.price_key(bill.price.model),
        day=formatting.dollars(bill.now.day, language),
        month=formatting.dollars(bill.now.month, language),
        year=formatting.dollars(bill.now.year, language),
        own=own,
        batch=formatting.dollars(bill.batch.year, language) if bill.batch else "",
        next_day=formatting.date(bill.next.start, language) if bill.next and bill.next.start else "",
        next_year=formatting.dollars(bill.then.year, language) if bill.then else "",
        worth=formatting.dollars(rounded(worth), language) if worth is not None else "",
    )


def exchange(book: Book, language: Language) -> tuple[str, float | None]:
    """What readers of a language pay with, and what a dollar costs in it, if a fact says so."""
    money = MONEY.get(language.code, "EUR")
    return money, float(str(book.value(RATES[money]).value)) if money in RATES else None


def _worth(machine: home.Machine, electricity: home.Electricity, price: cost.Price) -> float | None:
    return home.affordable(WORKLOAD, price, machine, electricity, YEARS)


def _home(book: Book, key: str, steps: tuple[home.Electricity, ...], figures: Figures) -> Home:
    speed = book.speeds.speeds[key]
    device = AT_HOME[key]
    rates = Range(speed.decode, speed.decode_to or speed.decode)
    slow, fast = (_machine(book, key, rate) for rate in (rates.low, rates.high))
    cheap, dear = min(steps, key=lambda step: step.per_kwh), max(steps, key=lambda step: step.per_kwh)
    least, most = home.running(WORKLOAD, fast, cheap), home.running(WORKLOAD, slow, dear)
    model = speed.model.removeprefix("gemma_")
    cited = [f"{model}_rate_{key}"]
    kwh = year = ""
    if least.kwh is not None and most.kwh is not None:
        kwh = figures.span(Range(least.kwh, most.kwh), figures.tenths)
        cited.append(f"{device}_power")
    if least.year is not None and most.year is not None:
        year = figures.span(Range(least.year, most.year), lambda value: figures.money(value, least.currency))
    return Home(
        size=book.models.gemma[speed.model].label,
        machine=speed.machine,
        rate=figures.span(rates, figures.tenths),
        hours=figures.span(Range(least.hours, most.hours), figures.tenths),
        possible=most.possible,
        kwh=kwh,
        year=year,
        cited=tuple(cited),
    )


def _machine(book: Book, key: str, rate: float) -> home.Machine:
    row = book.devices.devices[AT_HOME[key]]
    return home.Machine(row.name, rate, watts=row.power)


def _per_kwh(row: data.Tariff, steps: tuple[home.Electricity, ...], figures: Figures) -> str:
    """The price of a kilowatt-hour, or its range over the steps of a tariff."""
    prices = [step.per_kwh for step in steps]
    return figures.span(Range(min(prices), max(prices)), lambda value: figures.price(value, row.currency))


def _electricity_ids(book: Book, row: data.Tariff) -> list[str]:
    key = next(key for key, each in book.electricity.electricity.items() if each is row)
    if len(row.tiers) == 1:
        return [f"electricity_{key}"]
    return [f"electricity_{key}_{number}" for number in range(1, len(row.tiers) + 1)]
