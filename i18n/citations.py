"""Source marks of one page: small numbers in order of first use, and the list they lead to."""

import dataclasses
from collections.abc import Iterable

from i18n.facts import Book, Source


@dataclasses.dataclass(frozen=True)
class Cited:
    """A source with its number on this page."""

    number: int
    source: Source


class Citations:
    """The sources a page has cited so far. One per page; the template asks for marks as it renders."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._numbers: dict[str, int] = {}

    def mark(self, keys: Iterable[str]) -> list[Cited]:
        """The sources behind these keys, numbered, without repeats, in number order.

        Raises:
            SiteError: there is no such source.
        """
        cited = []
        for key in dict.fromkeys(keys):
            source = self._book.source(key)
            cited.append(Cited(self._numbers.setdefault(key, len(self._numbers) + 1), source))
        return sorted(cited, key=lambda each: each.number)

    def listed(self) -> list[Cited]:
        """Every source cited so far, in number order."""
        return [Cited(number, self._book.source(key)) for key, number in self._numbers.items()]
