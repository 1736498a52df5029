"""What all tests share: each leaves logging as it found it; the site that knows its address is built once."""

import logging
import pathlib
from collections.abc import Iterator

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
def public(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The site built for `ADDRESS`."""
    work = tmp_path_factory.mktemp("public")
    return site_builder.build(site=work / "site", work=work, address=ADDRESS)
