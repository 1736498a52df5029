"""The model that replicas serve; and Ray's own deprecated calls are no errors of ours."""

import pathlib

import pytest

from tests.server import gemma4


def pytest_configure(config: pytest.Config) -> None:
    """Before Ray is imported."""
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning")


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> pathlib.Path:
    """A tiny random Gemma 4."""
    return gemma4.save(tmp_path_factory.mktemp("gemma4"))
