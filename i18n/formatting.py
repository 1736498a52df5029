"""Numbers, money and dates as the readers of a language write them (Babel and CLDR do the work)."""

import datetime as dt

from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from babel.units import format_unit

from i18n.languages import Language

CENTS_BELOW = 100


def number(value: float, language: Language) -> str:
    """1048576 -> 1,048,576."""
    return str(format_decimal(value, locale=language.locale))


def short(value: float, language: Language) -> str:
    """A large count in short: 2.3B, 23억, 23億."""
    return str(format_compact_decimal(value, locale=language.locale, fraction_digits=1))


def dollars(value: float, language: Language) -> str:
    """US dollars, with cents below a hundred: $4.25, $1,551."""
    digits = "¤#,##0.00" if value < CENTS_BELOW else "¤#,##0"
    return str(format_currency(value, "USD", digits, locale=language.locale, currency_digits=False))


def price(value: float, language: Language) -> str:
    """US dollars for a million tokens, to a tenth of a cent where it has one: $0.75, $0.075."""
    return str(format_currency(value, "USD", "¤#,##0.00#", locale=language.locale, currency_digits=False))


def percent(value: float, language: Language) -> str:
    """50 -> 50%."""
    return str(format_percent(value / 100, locale=language.locale))


def share(value: float, language: Language) -> str:
    """A probability to two significant digits: 0.4321 -> 43%, 0.0178 -> 1.8%."""
    return str(format_percent(value, "@@%", locale=language.locale))


def gigabytes(value: float, language: Language) -> str:
    """2.9 GB, 2.9GB."""
    return str(format_unit(value, "digital-gigabyte", "short", locale=language.locale))


def date(value: dt.date, language: Language) -> str:
    """November 12, 2026; 2026년 11월 12일; 2026年11月12日."""
    return str(format_date(value, "long", locale=language.locale))
