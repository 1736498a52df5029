"""What the kitchen is tested with: the site's own data, and a table of prediction against measurement.

The table stands at the end of the test output, so that a deviation is seen also where all is well.
"""

import functools
import itertools
import pathlib
from collections.abc import Callable

import pytest

from demos.kitchen.cost import Price
from demos.kitchen.fit import Device, Model
from i18n import facts
from scripts import kitchen

ROOT = pathlib.Path(__file__).parents[2]
DEVIATION = "deviation"


@pytest.fixture(scope="session")
def book() -> facts.Book:
    return facts.load(ROOT)


@pytest.fixture(scope="session")
def published(book: facts.Book) -> list[Price]:
    return kitchen.prices(book.prices.prices)


@pytest.fixture(scope="session")
def gemma(book: facts.Book) -> dict[str, Model]:
    return kitchen.gemma(book)


@pytest.fixture(scope="session")
def devices(book: facts.Book) -> dict[str, Device]:
    return kitchen.devices(book)


@pytest.fixture
def show(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Adds a line to the table; it travels with the report, for the test may run in another process."""
    return functools.partial(record_property, DEVIATION)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = itertools.chain.from_iterable(terminalreporter.stats.values())
    noted = itertools.chain.from_iterable(getattr(report, "user_properties", ()) for report in reports)
    lines = {str(line) for name, line in noted if name == DEVIATION}
    if lines:
        terminalreporter.section("Gemma at home: predicted and measured")
        for line in sorted(lines):
            terminalreporter.write_line(line)
