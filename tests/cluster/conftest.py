"""Ray's own deprecated calls are no errors of ours."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Before Ray is imported."""
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning")
