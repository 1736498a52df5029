"""From docs/data to the restaurant: which hosted models are on the menu today, and at which prices.

No figure of its own. On the menu is what is stable, open to everyone and priced today: not what has been
announced to end (its requests already go to another model), not previews, and not what costs more per token
in a long prompt, which no bill here could know beforehand. First comes the default, the newest one that has a
free tier. Gemma on the Gemini API closes the menu: the restaurant cooks the packet.
"""

import datetime as dt

from demos.kitchen.cost import Price
from demos.server.distant.hosted import HostedModel
from i18n import data
from i18n.facts import Book
from scripts import kitchen

TERMS = ("Gemini API Additional Terms of Service", "https://ai.google.dev/gemini-api/terms")
GEMMA_LEVELS = ("minimal", "high")
SAMPLING_FACT = "gemini_sampling_deprecated"


def menu(book: Book, today: dt.date) -> list[HostedModel]:
    """The hosted models, the default one first.

    Raises:
        SiteError: a price is no price, or the day on which the sampling settings were deprecated is missing.
    """
    deprecated = book.value(SAMPLING_FACT).value
    prices = kitchen.prices(row for row in book.prices.prices if row.long_above is None)
    gemini = [
        _gemini(row, prices, sampling=isinstance(deprecated, dt.date) and row.released < deprecated)
        for row in sorted(book.models.gemini.values(), key=lambda row: row.released, reverse=True)
        if _served(row, today) and any(price.model == row.id and price.in_force(today) for price in prices)
    ]
    default = [model for model in gemini if model.free_tier][:1]
    return [*default, *(model for model in gemini if model not in default), *_gemma(book.models)]


def _served(row: data.GeminiModel, today: dt.date) -> bool:
    """Whether everyone may build on it today."""
    restricted = row.restricted is not None and row.restricted <= today
    return row.released <= today and row.status(today) == "stable" and not restricted


def _gemini(row: data.GeminiModel, prices: list[Price], *, sampling: bool) -> HostedModel:
    return HostedModel(
        row.id,
        row.label,
        tuple(price for price in prices if price.model == row.id),
        free_tier=row.free_tier,
        thinking=row.thinking,
        thinking_default=row.thinking_default,
        sampling=sampling,
        shutdown=row.shutdown,
        license=TERMS[0],
        license_url=TERMS[1],
    )


def _gemma(models: data.Models) -> list[HostedModel]:
    """The sizes of Gemma that the API serves, which have no paid tier and stand in v1beta only."""
    return [
        HostedModel(
            row.hosted,
            f"Gemma 4 {row.label}",
            (Price(row.hosted, 0.0, 0.0),),
            version="v1beta",
            free_tier=True,
            thinking=GEMMA_LEVELS,
            sampling=True,
            parameters=row.total,
            license=row.license,
        )
        for row in models.gemma.values()
        if row.hosted is not None
    ]
