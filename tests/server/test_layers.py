"""Which package of the server may know which: the arrows go from `api` to what answers, and never back."""

import ast
import pathlib

import pytest

SERVER = pathlib.Path(__file__).parents[2] / "demos" / "server"
ENGINES = sorted(
    path.name for path in SERVER.iterdir() if path.is_dir() and path.name not in {"api", "__pycache__"}
)


def imported(path: pathlib.Path) -> set[str]:
    """The modules that a file imports, also within functions."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return names | {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}


@pytest.mark.parametrize("package", ENGINES)
def test_no_engine_knows_the_api(package):
    files = list((SERVER / package).rglob("*.py"))
    assert files
    found = {
        path.name: name for path in files for name in imported(path) if name.startswith("demos.server.api")
    }
    assert found == {}
