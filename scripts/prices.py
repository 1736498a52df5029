"""What pages say about API prices: docs/data/prices.yml through demos/kitchen/cost, in a language."""

import dataclasses
import datetime as dt

from demos.kitchen import cost
from i18n import data, formatting
from i18n.facts import Quote
from i18n.languages import Language
from scripts import kitchen
from scripts.kitchen import WORKLOAD


@dataclasses.dataclass(frozen=True)
class Tariff:
    """One price of a model, written out: per million tokens in and out, and a year of the workload."""

    input: str
    output: str
    year: str
    start: str


@dataclasses.dataclass(frozen=True)
class Model:
    """A model with the price in force and the next one that is announced, if any."""

    name: str
    key: str
    now: Tariff
    next: Tariff | None
    sources: tuple[str, ...]


def models(prices: data.Prices, language: Language, today: dt.date) -> list[Model]:
    """Every model that has a price today, in the order of the file.

    Raises:
        SiteError: a price is no price, or one model has two today.
    """
    sources = {row.model: row.sources for row in prices.prices}
    return [
        Model(
            name=bill.price.model,
            key=data.price_key(bill.price.model),
            now=_tariff(bill.price, bill.now, language),
            next=_tariff(bill.next, bill.then, language) if bill.next and bill.then else None,
            sources=sources[bill.price.model],
        )
        for bill in kitchen.bills(prices, today)
    ]


def quotes(prices: data.Prices, language: Language, today: dt.date) -> dict[str, Quote]:
    """The same by id, for texts: `gemini_4_argon_input`, `_output`, `_year`, and the workload's figures."""
    found = {
        f"workload_{field.name}": Quote(formatting.number(getattr(WORKLOAD, field.name), language), ())
        for field in dataclasses.fields(WORKLOAD)
    }
    for model in models(prices, language, today):
        for name in ("input", "output", "year"):
            found[f"{model.key}_{name}"] = Quote(getattr(model.now, name), model.sources)
    return found


def _tariff(price: cost.Price, year: cost.Cost, language: Language) -> Tariff:
    return Tariff(
        input=formatting.dollars(price.input, language),
        output=formatting.dollars(price.output, language),
        year=formatting.dollars(year.year, language),
        start=formatting.date(price.start, language) if price.start else "",
    )
