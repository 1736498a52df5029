"""What the calculators of the pages reckon with: one JSON for a language, made from docs/data at build time.

The same rows as the tables of the pages, through scripts/kitchen.py. No figure of its own.
"""

import dataclasses
import datetime as dt
from typing import Any

from babel.units import format_unit

from demos.kitchen import fit
from i18n.facts import Book
from i18n.languages import SOURCE, Language
from scripts import guide, kitchen, receipt


def figures(book: Book, language: Language, today: dt.date) -> dict[str, Any]:
    """Everything that `demos.kitchen.orders` is asked with, and the names that its results are shown under.

    Raises:
        SiteError: a data file has a figure that cannot be, or lacks a row.
    """
    row, steps = kitchen.tariff(book, language.code)
    _, (in_dollars, *_) = kitchen.tariff(book, SOURCE.code)
    weighed = machine(book, receipt.WEIGHED)
    return {
        "receipt": {
            "workload": dataclasses.asdict(kitchen.WORKLOAD),
            "model": receipt.THINKER,
            "day": today.isoformat(),
            "prices": [plain(price) for price in kitchen.prices(book.prices.prices)],
            "names": {model.id: model.label for model in book.models.gemini.values()},
            "machines": [machine(book, key) for key in receipt.AT_HOME],
            "electricity": {"currency": row.currency, "steps": [step.per_kwh for step in steps]},
            "weighed": {
                "name": weighed["name"],
                "rate": weighed["rates"][0],
                "watts": weighed["watts"],
                "per_kwh": in_dollars.per_kwh,
            },
            "years": receipt.YEARS,
            "currency": receipt.exchange(book, language)[0],
            "exchange": {money: book.value(fact).value for money, fact in receipt.RATES.items()},
        },
        "fit": _fit(book),
    }


def _fit(book: Book) -> dict[str, Any]:
    """The machines and sizes, what is chosen first, and how full that pot is, in per cent of its scale."""
    devices, models = kitchen.devices(book), kitchen.gemma(book)
    device, model = devices[guide.EXAMPLE[0]], models[guide.EXAMPLE[1]]
    needed = fit.memory(model, guide.PRECISION, guide.TOKENS)
    scale = max(needed.total.high, device.usable) / 100
    parts = {
        "weights": needed.weights.high,
        "context": needed.context,
        "runtime": needed.runtime.high,
        "usable": device.usable,
    }
    return {
        "devices": {key: plain(each) for key, each in devices.items()},
        "models": {key: plain(each) for key, each in models.items()},
        "names": {key: each.name for key, each in devices.items()},
        "sizes": {key: each.name for key, each in models.items()},
        "longest": max(each.context for each in models.values()),
        "precision": guide.PRECISION,
        "tokens": guide.TOKENS,
        "device": guide.EXAMPLE[0],
        "model": guide.EXAMPLE[1],
        "pot": {name: round(gigabytes / scale, 2) for name, gigabytes in parts.items()},
    }


def machine(book: Book, key: str) -> dict[str, Any]:
    """A measurement of docs/data/speeds.yml with its device: rates from slow to fast, watts."""
    speed = book.speeds.speeds[key]
    return {
        "name": speed.machine,
        "rates": [speed.decode, speed.decode_to or speed.decode],
        "watts": book.devices.devices[receipt.AT_HOME[key]].power,
    }


def megabytes(size: int, language: Language) -> str:
    """A download as the reader writes it: 6740049 bytes -> 6.7 MB."""
    return str(format_unit(round(size / 1e6, 1), "digital-megabyte", "short", locale=language.locale))


def plain(value: Any) -> dict[str, Any]:
    """A row of the kitchen as JSON has it, days as 2026-11-22."""
    return {
        name: field.isoformat() if isinstance(field, dt.date) else field
        for name, field in dataclasses.asdict(value).items()
    }
