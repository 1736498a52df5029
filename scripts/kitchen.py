"""From docs/data to demos/kitchen: the rows of the data files as what the kitchen reckons with.

No language here, and no figure of its own; the workload that the pages price stands in `WORKLOAD`.
"""

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator

from demos.kitchen import cost, fit, home
from demos.kitchen.errors import KitchenError
from i18n import data
from i18n.errors import SiteError
from i18n.facts import Book
from i18n.languages import SOURCE

WORKLOAD = cost.Workload(requests=10_000, input_tokens=500, output_tokens=200)
KINDS: dict[str, fit.Kind] = {"all": "dense", "active": "mixture", "effective": "effective"}
# Machines on which the system and the model share the memory.
SHARED = frozenset({"mac", "board"})


def prices(rows: Iterable[data.PriceRow]) -> list[cost.Price]:
    """Every price, in the order of the file. Surcharges for long prompts are left out.

    Raises:
        SiteError: a price is no price.
    """
    with _blamed("prices"):
        return [
            cost.Price(row.model, row.input, row.output, row.start, row.end, row.cached, row.batch)
            for row in rows
        ]


def bills(table: data.Prices, today: dt.date, workload: cost.Workload = WORKLOAD) -> list[cost.Bill]:
    """What a workload costs with every model that has a price today, in the order of the file.

    Raises:
        SiteError: a price is no price, or one model has two today.
    """
    rows = prices(table.prices)
    with _blamed("prices"):
        return cost.bills(workload, rows, today)


def gemma(book: Book) -> dict[str, fit.Model]:
    """The sizes of Gemma 4 by key, smallest first.

    Raises:
        SiteError: a size lacks the figures of its layers, or one of them is impossible.
    """
    return {key: _size(key, row) for key, row in book.models.gemma.items()}


def devices(book: Book) -> dict[str, fit.Device]:
    """The machines by key.

    Raises:
        SiteError: a machine has an impossible figure.
    """
    with _blamed("devices"):
        return {key: _device(row) for key, row in book.devices.devices.items()}


def tariff(book: Book, language: str) -> tuple[data.Tariff, tuple[home.Electricity, ...]]:
    """What a kWh costs where a language is read: the row, and its steps from the first to the last.

    A language without a row of its own reads that of English.

    Raises:
        SiteError: there is no row for English either.
    """
    rows = {row.language: row for row in book.electricity.electricity.values()}
    row = rows.get(language) or rows.get(SOURCE.code)
    if row is None:
        raise SiteError(f'docs/data/electricity.yml: no row has the language "{SOURCE.code}"; add one.')
    return row, tuple(home.Electricity(row.currency, tier.per_kwh) for tier in row.tiers)


def _size(key: str, row: data.GemmaSize) -> fit.Model:
    layers = {
        name: getattr(row, name)
        for name in (
            "kv_heads",
            "head_dim",
            "global_every",
            "global_kv_heads",
            "global_head_dim",
            "shared_layers",
        )
    }
    missing = ", ".join(name for name, value in layers.items() if value is None)
    if missing:
        raise SiteError(f"docs/data/models.yml: {key} lacks {missing}; the memory of a context needs them.")
    figures = row.memory.model_dump(exclude_none=True)
    text = {name.removesuffix("_text"): figures.pop(name) for name in list(figures) if name.endswith("_text")}
    with _blamed("models"):
        return fit.Model(
            name=row.label,
            kind=KINDS[row.share],
            active=row.active,
            memory=figures,
            layers=row.layers,
            global_every=layers["global_every"],
            window=row.window,
            kv_heads=layers["kv_heads"],
            global_kv_heads=layers["global_kv_heads"],
            head_size=layers["head_dim"],
            global_head_size=layers["global_head_dim"],
            context=row.context,
            shared_layers=layers["shared_layers"],
            text_memory=text,
        )


def _device(row: data.Device) -> fit.Device:
    bandwidth = fit.Range(row.bandwidth, row.bandwidth_to or row.bandwidth) if row.bandwidth else None
    return fit.Device(row.name, row.memory, bandwidth, shared=row.kind in SHARED)


@contextlib.contextmanager
def _blamed(file: str) -> Iterator[None]:
    """What the kitchen refuses, as a sentence that names the data file it came from."""
    try:
        yield
    except KitchenError as error:
        raise SiteError(f"docs/data/{file}.yml: {error}.") from None
