"""Source marks of one page: small numbers in order of first use, and the list they lead to."""

import dataclasses
from collections.abc import Mapping

from i18n.data import Source
from i18n.facts import Book


@dataclasses.dataclass(frozen=True)
class Cited:
    """A source with its number on this page.

    `days` is the shelf life of a value that it stands for here and that is past it, 0 while all are fresh.
    """

    number: int
    source: Source
    days: int = 0


class Citations:
    """The sources a page has cited so far. One per page; the template asks for marks as it renders."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._numbers: dict[str, int] = {}
        self._days: dict[str, int] = {}

    def mark(self, keys: Mapping[str, int]) -> list[Cited]:
        """The sources behind these keys, numbered, in number order; each key with its `days`.

        Raises:
            SiteError: there is no such source.
        """
        cited = []
        for key, days in keys.items():
            source = self._book.source(key)
            self._days[key] = max(days, self._days.get(key, 0))
            cited.append(Cited(self._numbers.setdefault(key, len(self._numbers) + 1), source, days))
        return sorted(cited, key=lambda each: each.number)

    def listed(self) -> list[Cited]:
        """Every source cited so far, in number order."""
        return [
            Cited(number, self._book.source(key), self._days[key]) for key, number in self._numbers.items()
        ]
