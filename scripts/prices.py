"""What pages say about money: docs/data/prices.yml through demos/kitchen/cost, written for a language."""

import dataclasses
import datetime as dt

from demos.kitchen import cost
from i18n import facts, formatting
from i18n.facts import Quote
from i18n.languages import Language

WORKLOAD = cost.Workload(requests=10_000, input_tokens=500, output_tokens=200)


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
    now: Tariff
    next: Tariff | None
    source: str


def models(prices: facts.Prices, language: Language, today: dt.date) -> list[Model]:
    """Every model that has a price today, in the order of the file.

    Raises:
        ValueError: one model has two prices today.
    """
    rows = [cost.Price(row.model, row.input, row.output, row.start, row.end) for row in prices.prices]
    sources = {row.model: row.source for row in prices.prices}
    found = []
    for price in cost.in_force(rows, today):
        later = [row for row in rows if row.model == price.model and row.start and row.start > today]
        following = min(later, key=lambda row: row.start or today, default=None)
        found.append(
            Model(
                name=price.model,
                now=_tariff(price, language),
                next=_tariff(following, language) if following else None,
                source=sources[price.model],
            )
        )
    return found


def quotes(prices: facts.Prices, language: Language, today: dt.date) -> dict[str, Quote]:
    """The same by id, for texts: `gemini_4_argon_input`, `_output`, `_year`, and the workload's figures."""
    found = {
        f"workload_{field.name}": Quote(formatting.number(getattr(WORKLOAD, field.name), language), ())
        for field in dataclasses.fields(WORKLOAD)
    }
    for model in models(prices, language, today):
        key = model.name.replace("-", "_").replace(".", "_")
        for name in ("input", "output", "year"):
            found[f"{key}_{name}"] = Quote(getattr(model.now, name), (model.source,))
    return found


def _tariff(price: cost.Price, language: Language) -> Tariff:
    return Tariff(
        input=formatting.dollars(price.input, language),
        output=formatting.dollars(price.output, language),
        year=formatting.dollars(cost.cost(WORKLOAD, price).year, language),
        start=formatting.date(price.start, language) if price.start else "",
    )
