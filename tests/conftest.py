"""What all tests share: each leaves logging as it found it; a site is built once, whoever asks first.

`make test` runs two workers at a time (pytest-xdist). What must not run beside itself, or would be set up
twice, goes to one of them as a group: each file, and all tests that cook with the real model.
"""

import logging
import os
import pathlib
from collections.abc import Iterator

import filelock
import pytest

from scripts import site as site_builder

ADDRESS = "https://example.org/some/sub/path/"
# Fixtures that hold the real model: it takes both cores, half a minute to load, and has one fridge.
REAL_MODEL = {"tests/server/conftest.py": "embedded", "tests/site/conftest.py": "kitchen"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the tests, before pytest-xdist looks."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group("model" if cooks(item) else item.nodeid.partition("::")[0]))


def cooks(item: pytest.Item) -> bool:
    """Whether the test uses the real model."""
    return any(
        fixture.baseid == home.rpartition("/")[0]
        for home, name in REAL_MODEL.items()
        for fixture in item._fixtureinfo.name2fixturedefs.get(name, ())
    )


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Without the handlers that a command set up: they write to a stream that ended with the test."""
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    for handler in set(root.handlers) - set(before):
        if type(handler) is logging.StreamHandler:  # pytest's own are of other kinds
            root.removeHandler(handler)


@pytest.fixture(scope="session")
def together(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The folder that the workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def built(together: pathlib.Path) -> pathlib.Path:
    """The real site, built from this working tree; `make test` has built it already."""
    with filelock.FileLock(together / "built.lock"):
        return site_builder.build()


@pytest.fixture(scope="session")
def public(together: pathlib.Path) -> pathlib.Path:
    """The site built for `ADDRESS`."""
    work = together / "public"
    with filelock.FileLock(together / "public.lock"):
        return site_builder.build(site=work / "site", work=work, address=ADDRESS)
