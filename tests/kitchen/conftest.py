"""What the kitchen is tested with: the site's own data, and a table of prediction against measurement.

The table stands at the end of the test output, so that a deviation is seen also where all is well.
"""

import pathlib

import pytest

from demos.kitchen.cost import Price
from demos.kitchen.fit import Device, Model
from i18n import facts
from scripts import kitchen

ROOT = pathlib.Path(__file__).parents[2]
DEVIATIONS = pytest.StashKey[list[str]]()


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
def show(request: pytest.FixtureRequest):
    """Adds a line to the table."""
    return request.config.stash.setdefault(DEVIATIONS, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash.get(DEVIATIONS, [])
    if lines:
        terminalreporter.section("Gemma at home: predicted and measured")
        for line in sorted(lines):
            terminalreporter.write_line(line)
