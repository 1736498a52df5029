"""The data of the pages, loaded and checked: quoted by id, in the words and digits of a language.

A page never types a figure that stands in docs/data; it quotes the id and gets the value together with the
sources that say so. The day is handed in by the caller: only then is a value stale or a model shut down.
"""

import dataclasses
import datetime as dt
import pathlib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from i18n import data, derived, formatting, marked_yaml, passages, seasoning
from i18n.catalog import Translate
from i18n.data import Fact, Source, Value
from i18n.errors import SiteError
from i18n.languages import Language
from i18n.marked_yaml import Text
from i18n.passages import Command

QUOTED = re.compile(r"%\((\w+)\)s")


@dataclasses.dataclass(frozen=True)
class Quote:
    """A value ready for a page, and the keys of the sources that say so."""

    text: str
    sources: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Book:
    """All data of the pages. `values` has every id that can be quoted, those of `facts` among them."""

    facts: Mapping[str, Fact]
    sources: Mapping[str, Source]
    models: data.Models
    prices: data.Prices
    benchmarks: data.Benchmarks
    speeds: data.Speeds
    devices: data.Devices
    electricity: data.Electricity
    commands: Mapping[str, Command]
    comparison: passages.Comparison
    myths: tuple[passages.Myth, ...]
    seasoned: seasoning.Starters
    seasonings: tuple[seasoning.Seasoning, ...]
    demos: tuple[passages.Demo, ...]
    tastings: tuple[passages.Tasting, ...]
    pots: tuple[passages.Pot, ...]
    recipes: tuple[passages.Recipe, ...]
    values: Mapping[str, Value]

    def quote(self, key: str, language: Language, translate: Translate) -> Quote:
        """A value in the words and digits of a language.

        Raises:
            SiteError: there is no such value.
        """
        value = self.value(key)
        return Quote(written(value, language, translate), value.sources)

    def value(self, key: str) -> Value:
        """A fact, or a value of a table.

        Raises:
            SiteError: there is no such value.
        """
        if key not in self.values:
            raise SiteError(f'there is no fact "{key}" in docs/data/facts.yml; add it or correct the id.')
        return self.values[key]

    def label(self, model: str) -> str:
        """The name of a model by its key: Gemma 4 E2B, Gemini 3.8 Flash."""
        if model in self.models.gemini:
            return self.models.gemini[model].label
        return f"Gemma 4 {self.models.gemma[model].label}"

    def command(self, key: str) -> Command:
        """An example to copy.

        Raises:
            SiteError: there is no such example.
        """
        if key not in self.commands:
            raise SiteError(
                f'there is no command "{key}" in docs/data/commands.yml; add it or correct the id.'
            )
        return self.commands[key]

    def lines(self, key: str) -> str:
        """An example as it is typed, every quoted value filled in."""
        text = "\n".join(self.command(key).lines)
        return QUOTED.sub(lambda match: str(self.value(match[1]).value), text)

    def source(self, key: str) -> Source:
        """A source.

        Raises:
            SiteError: there is no such source.
        """
        if key not in self.sources:
            raise SiteError(
                f'there is no source "{key}" in docs/data/sources.yml; add it or correct the key.'
            )
        return self.sources[key]


def written(value: Value, language: Language, translate: Translate) -> str:
    """A value as the readers of a language write it."""
    content = value.value
    if isinstance(content, Text):
        return translate(content)
    if isinstance(content, str):
        return content
    if isinstance(content, dt.date):
        return formatting.date(content, language)
    writers = {
        "": formatting.number,
        "usd": formatting.dollars,
        "gigabyte": formatting.gigabytes,
        "count": formatting.short,
        "percent": formatting.percent,
    }
    return writers[value.unit](content, language)


def load(root: pathlib.Path) -> Book:
    """Every data file, with every key that one names known to the others.

    Raises:
        SiteError: a file has another shape, or names a source, model or value that does not exist.
    """
    folder = root / "docs" / "data"
    facts = marked_yaml.load(folder / "facts.yml", data.Facts, root).facts
    models = marked_yaml.load(folder / "models.yml", data.Models, root)
    benchmarks = marked_yaml.load(folder / "benchmarks.yml", data.Benchmarks, root)
    speeds = marked_yaml.load(folder / "speeds.yml", data.Speeds, root)
    devices = marked_yaml.load(folder / "devices.yml", data.Devices, root)
    electricity = marked_yaml.load(folder / "electricity.yml", data.Electricity, root)
    tables = derived.values(models, benchmarks, speeds, devices, electricity)
    book = Book(
        facts=facts,
        sources=marked_yaml.load(folder / "sources.yml", data.Sources, root).sources,
        models=models,
        prices=marked_yaml.load(folder / "prices.yml", data.Prices, root),
        benchmarks=benchmarks,
        speeds=speeds,
        devices=devices,
        electricity=electricity,
        commands=marked_yaml.load(folder / "commands.yml", passages.Commands, root).commands,
        comparison=marked_yaml.load(folder / "comparison.yml", passages.Comparison, root),
        myths=marked_yaml.load(folder / "myths.yml", passages.Myths, root).myths,
        seasoned=marked_yaml.load(folder / "starters.yml", seasoning.Starters, root),
        seasonings=marked_yaml.load(folder / "seasonings.yml", seasoning.Seasonings, root).seasonings,
        demos=marked_yaml.load(folder / "demos.yml", passages.Demos, root).demos,
        tastings=marked_yaml.load(folder / "tastings.yml", passages.Tastings, root).tastings,
        pots=marked_yaml.load(folder / "pots.yml", passages.Pots, root).pots,
        recipes=marked_yaml.load(folder / "recipes.yml", passages.Recipes, root).recipes,
        values={**tables, **facts},
    )
    wrong = [*_twice(facts, tables), *_unknown_sources(book), *_unknown_models(book), *_unknown_values(book)]
    if wrong:
        raise SiteError(wrong)
    return book


def stale_values(book: Book, today: dt.date) -> dict[str, int]:
    """The ids of values past their shelf life, with its days.

    Prices have the ids that they are quoted by, though which of them is quoted depends on the day.
    """
    found = {key: value.shelf for key, value in book.values.items() if value.stale(today)}
    if _past(book.prices.checked, "price", today):
        names = ("input", "output", "cached", "year")
        keys = [f"{row.key}_{name}" for row in book.prices.prices for name in names]
        found.update(dict.fromkeys(keys, data.SHELF_DAYS["price"]))
    return found


def stale(book: Book, today: dt.date) -> list[str]:
    """One sentence for every fact and every table that has to be checked again."""
    found = [
        f'docs/data/facts.yml: "{key}" was checked on {fact.checked} and keeps for {fact.shelf} days; check '
        "its sources again and set the new date."
        for key, fact in book.facts.items()
        if fact.stale(today)
    ]
    tables: tuple[tuple[str, dt.date, data.Kind], ...] = (
        ("prices", book.prices.checked, "price"),
        ("models", book.models.checked, "status"),
        ("benchmarks", book.benchmarks.checked, "speed"),
        ("speeds", book.speeds.checked, "speed"),
        ("electricity", book.electricity.checked, "speed"),
        ("devices", book.devices.checked, "spec"),
    )
    return found + [
        f"docs/data/{name}.yml was checked on {checked} and keeps for {data.SHELF_DAYS[kind]} days; check "
        "its sources again and set the new date."
        for name, checked, kind in tables
        if _past(checked, kind, today)
    ]


def on(book: Book, today: dt.date) -> str:
    """Everything about a day that shows on a page: prices, the status of models, what is stale."""
    prices = [
        (book.prices.now(model.id, today), book.prices.next(model.id, today))
        for model in book.models.gemini.values()
    ]
    status = [model.status(today) for model in book.models.gemini.values()]
    return f"{prices} {status} {sorted(stale_values(book, today))}"


def _past(checked: dt.date, kind: data.Kind, today: dt.date) -> bool:
    return today > checked + dt.timedelta(days=data.SHELF_DAYS[kind])


def _twice(facts: Mapping[str, Fact], tables: Mapping[str, Value]) -> Iterable[str]:
    for key in facts:
        if key in tables:
            yield f'docs/data/facts.yml: "{key}" stands in a table already; take it out here.'


def _unknown_sources(book: Book) -> Iterable[str]:
    for file, owner, keys in _cited(book):
        for key in keys:
            if key not in book.sources:
                yield (
                    f'docs/data/{file}: {owner} names the source "{key}", which is not in '
                    "docs/data/sources.yml; add it there or correct the key."
                )


def _unknown_models(book: Book) -> Iterable[str]:
    models = {**book.models.gemma, **book.models.gemini}
    ids = {model.id for model in book.models.gemini.values()}
    named: list[tuple[str, str, Iterable[str]]] = [
        (file, owner, {key for key in keys if key not in known})
        for file, owner, keys, known in (
            *_compared(book, models),
            *(("speeds.yml", key, [speed.model], models) for key, speed in book.speeds.speeds.items()),
            *(
                ("models.yml", key, filter(None, [model.answered_by]), models)
                for key, model in book.models.gemini.items()
            ),
            *(("prices.yml", row.model, [row.model], ids) for row in book.prices.prices),
        )
    ]
    for file, owner, unknown in named:
        for key in sorted(unknown):
            yield (
                f'docs/data/{file}: {owner} names the model "{key}", which is not in docs/data/models.yml; '
                "add it there or correct the name."
            )


def _compared(
    book: Book, models: Collection[str]
) -> Iterable[tuple[str, str, Iterable[str], Collection[str]]]:
    known = {*models, *book.benchmarks.older}
    for key, test in book.benchmarks.benchmarks.items():
        yield "benchmarks.yml", key, test.scores, known


def _unknown_values(book: Book) -> Iterable[str]:
    for key, command in book.commands.items():
        for name in QUOTED.findall("\n".join(command.lines)):
            if name not in book.values:
                yield (
                    f'docs/data/commands.yml: {key} quotes "{name}", and there is no such value; add it or '
                    "correct the id."
                )


def _cited(book: Book) -> Iterable[tuple[str, str, Iterable[str]]]:
    yield "models.yml", "hosted_sources", book.models.hosted_sources
    tables: tuple[tuple[str, Mapping[str, _Sourced]], ...] = (
        ("facts.yml", book.facts),
        ("models.yml", book.models.gemma),
        ("models.yml", book.models.gemini),
        ("prices.yml", {price.model: price for price in book.prices.prices}),
        ("speeds.yml", book.speeds.speeds),
        ("devices.yml", book.devices.devices),
        ("electricity.yml", book.electricity.electricity),
        ("commands.yml", book.commands),
        ("myths.yml", {myth.id: myth for myth in book.myths}),
    )
    for file, rows in tables:
        for key, row in rows.items():
            yield file, key, row.sources
    for key, test in book.benchmarks.benchmarks.items():
        yield "benchmarks.yml", key, test.gemini_sources + test.gemma_sources
    for line in book.comparison.rows:
        yield "comparison.yml", line.id, line.gemini.sources + line.gemma.sources


class _Sourced(Protocol):
    @property
    def sources(self) -> tuple[str, ...]: ...
