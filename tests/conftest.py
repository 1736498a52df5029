"""What all tests share: each leaves logging as it found it; a site is built once, whoever asks first.

`make test` runs two workers at a time (pytest-xdist), and a file as a whole in one of them: what is set up
for a file is set up once, and tests that share something outside of it (the fridge of the real kitchen) take
turns by standing in one file.
"""

import logging
import os
import pathlib
from collections.abc import Iterator

import filelock
import pytest

from scripts import site as site_builder

ADDRESS = "https://example.org/some/sub/path/"


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
