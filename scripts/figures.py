"""Figures that the kitchen reckons, as a reader sees them: rounded, with ranges, in a language."""

import dataclasses
import math
from collections.abc import Callable, Iterable

from babel.lists import format_list
from babel.numbers import format_currency

from demos.kitchen.fit import Range
from demos.kitchen.words import RANGE
from i18n import formatting
from i18n.catalog import Translate
from i18n.languages import Language

ESTIMATED_DIGITS = 2
# How readers write the money of their own country in a sentence; CLDR has only the sign.
OWN_CURRENCY = {("ko", "KRW"): "#,##0.##원", ("ja", "JPY"): "#,##0.##円"}


def rounded(value: float, digits: int = ESTIMATED_DIGITS) -> float:
    """To so many significant digits: 17234 -> 17000, 0.0456 -> 0.046."""
    if value == 0:
        return 0.0
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


@dataclasses.dataclass(frozen=True)
class Figures:
    """Writes figures for one language."""

    language: Language
    translate: Translate

    def estimate(self, value: float) -> str:
        """An estimate, to two significant digits."""
        return formatting.number(rounded(value), self.language)

    def tenths(self, value: float) -> str:
        """A figure with one decimal."""
        return formatting.number(round(value, 1), self.language)

    def money(self, value: float, currency: str) -> str:
        """Money that is estimated, to two significant digits: $110, 130,000원."""
        return self.price(rounded(value), currency)

    def price(self, value: float, currency: str) -> str:
        """Money as it is given: $0.18, 214.6원."""
        digits = OWN_CURRENCY.get((self.language.code, currency), "¤#,##0.##")
        locale = self.language.locale
        return str(format_currency(value, currency, digits, locale=locale, currency_digits=False))

    def gigabytes(self, span: Range) -> str:
        """2.6–5.8 GB."""
        return self.span(
            span, self.tenths, lambda value: formatting.gigabytes(round(value, 1), self.language)
        )

    def span(
        self, span: Range, low: Callable[[float], str], high: Callable[[float], str] | None = None
    ) -> str:
        """A range, or one figure where both ends are written alike. The unit goes with the high end."""
        high = high or low
        if low(span.low) == low(span.high):
            return high(span.high)
        return self.translate(RANGE) % {"low": low(span.low), "high": high(span.high)}

    def listed(self, texts: Iterable[str]) -> str:
        """Texts of the catalog as a list in a sentence."""
        written = [self.translate(text) for text in texts]
        if self.language.code == "ko":  # CLDR's last "및" reads like an official form
            return ", ".join(written)
        return str(format_list(written, locale=self.language.locale))
