"""The data of the pages (`docs/data/*.yml`): one typed loader, checked by schema, quoted by id.

A page never types a figure that stands here; it quotes the id and gets the value in its language together
with the sources that say so.
"""

import dataclasses
import datetime as dt
import pathlib
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import pydantic

from i18n import formatting, marked_yaml
from i18n.catalog import Translate
from i18n.errors import SiteError
from i18n.languages import Language
from i18n.marked_yaml import Text

Unit = Literal["", "usd", "gigabyte", "count"]
Key = Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z0-9_]+$")]
Marked = pydantic.InstanceOf[Text]


class _Shape(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Source(_Shape):
    """A public page: its own date if it gives one, and the day we read it."""

    title: str
    url: Annotated[str, pydantic.StringConstraints(pattern=r"^https://")]
    date: dt.date | None = None
    checked: dt.date

    @property
    def host(self) -> str:
        """The host of its address, for readers who want to know whose page it is."""
        return urllib.parse.urlsplit(self.url).hostname or ""


class Sources(_Shape):
    """docs/data/sources.yml."""

    sources: dict[Key, Source]


class Fact(_Shape):
    """One value. `unit` says how to write it; "count" is a large number to be written in short.

    `date` is the date that the sources give for it, None if they give none.
    """

    value: Marked | str | int | float | dt.date
    unit: Unit = ""
    sources: tuple[Key, ...] = pydantic.Field(min_length=1)
    date: dt.date | None = None
    checked: dt.date
    confidence: Literal["high", "med", "low"]


class Facts(_Shape):
    """docs/data/facts.yml."""

    facts: dict[Key, Fact]


class PriceRow(_Shape):
    """USD per million tokens of one model while it is in force."""

    model: str
    input: float
    output: float
    start: dt.date | None = None
    end: dt.date | None = None
    source: Key
    date: dt.date


class Prices(_Shape):
    """docs/data/prices.yml."""

    checked: dt.date
    prices: tuple[PriceRow, ...]


class Tasting(_Shape):
    """One recorded answer of the local model, as measured."""

    language: str
    date: dt.date
    machine: str
    model: str
    prompt: str
    answer: str
    ttft_ms: float
    tokens: int
    tokens_per_second: float


class Tastings(_Shape):
    """docs/data/tastings.yml."""

    tastings: tuple[Tasting, ...]


class Cell(_Shape):
    """What one bowl says in one row. The text may quote facts: `%(id)s`."""

    text: Marked
    sources: tuple[Key, ...] = ()


class Row(_Shape):
    """One row of the comparison, with the same thing said in ramen."""

    id: Key
    title: Marked
    gemini: Cell
    gemma: Cell
    ramen: Marked


class Comparison(_Shape):
    """docs/data/comparison.yml."""

    rows: tuple[Row, ...]


@dataclasses.dataclass(frozen=True)
class Quote:
    """A value ready for a page, and the keys of the sources that say so."""

    text: str
    sources: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Book:
    """All data of the pages."""

    facts: Mapping[str, Fact]
    sources: Mapping[str, Source]
    prices: Prices
    comparison: Comparison
    tastings: tuple[Tasting, ...]

    def quote(self, key: str, language: Language, translate: Translate) -> Quote:
        """A fact in the words and digits of a language.

        Raises:
            SiteError: there is no such fact.
        """
        fact = self.facts.get(key)
        if fact is None:
            raise SiteError(f'there is no fact "{key}" in docs/data/facts.yml; add it or correct the id.')
        return Quote(_written(fact, language, translate), fact.sources)

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


def _written(fact: Fact, language: Language, translate: Translate) -> str:
    value = fact.value
    if isinstance(value, Text):
        return translate(value)
    if isinstance(value, str):
        return value
    if isinstance(value, dt.date):
        return formatting.date(value, language)
    writers = {
        "": formatting.number,
        "usd": formatting.dollars,
        "gigabyte": formatting.gigabytes,
        "count": formatting.short,
    }
    return writers[fact.unit](value, language)


def load(root: pathlib.Path) -> Book:
    """Every data file, with every source key known.

    Raises:
        SiteError: a file has another shape, or names a source that does not exist.
    """
    data = root / "docs" / "data"
    book = Book(
        facts=marked_yaml.load(data / "facts.yml", Facts, root).facts,
        sources=marked_yaml.load(data / "sources.yml", Sources, root).sources,
        prices=load_prices(root),
        comparison=marked_yaml.load(data / "comparison.yml", Comparison, root),
        tastings=marked_yaml.load(data / "tastings.yml", Tastings, root).tastings,
    )
    unknown = [
        f'docs/data/{file}: {owner} names the source "{key}", which is not in docs/data/sources.yml; add it '
        "there or correct the key."
        for file, owner, keys in _cited(book)
        for key in keys
        if key not in book.sources
    ]
    if unknown:
        raise SiteError(unknown)
    return book


def load_prices(root: pathlib.Path) -> Prices:
    """docs/data/prices.yml alone.

    Raises:
        SiteError: it has another shape.
    """
    return marked_yaml.load(root / "docs" / "data" / "prices.yml", Prices, root)


def _cited(book: Book) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    for key, fact in book.facts.items():
        yield "facts.yml", key, fact.sources
    for price in book.prices.prices:
        yield "prices.yml", price.model, (price.source,)
    for row in book.comparison.rows:
        yield "comparison.yml", row.id, row.gemini.sources + row.gemma.sources
