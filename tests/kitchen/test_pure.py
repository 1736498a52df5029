"""The kitchen runs in a browser, too: standard library only, no reading, no writing, no clock."""

import ast
import pathlib

import pytest

KITCHEN = pathlib.Path(__file__).parents[2] / "demos" / "kitchen"
ALLOWED = {"collections", "dataclasses", "datetime", "demos", "math", "typing"}
REFUSED = {"open", "print", "input", "today", "now", "utcnow"}


@pytest.mark.parametrize("path", sorted(KITCHEN.glob("*.py")), ids=lambda path: path.name)
def test_the_kitchen_imports_nothing_but_the_standard_library_and_itself(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add(node.module)
    assert {name.partition(".")[0] for name in found} <= ALLOWED
    assert all(name.startswith("demos.kitchen") for name in found if name.startswith("demos"))


@pytest.mark.parametrize("path", sorted(KITCHEN.glob("*.py")), ids=lambda path: path.name)
def test_the_kitchen_neither_reads_nor_writes_nor_asks_the_time(path):
    calls = {
        node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not calls & REFUSED
