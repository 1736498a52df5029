"""The page's words for the server's reasons and steps against what the server can say."""

import ast
import pathlib
import re
from collections.abc import Iterator

from demos.server.api import replies

ROOT = pathlib.Path(__file__).parents[2]
PAGE = (ROOT / "demos" / "web" / "kitchen" / "reasons.js").read_text("utf-8")
SERVER = [ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "demos" / "server").rglob("*.py"))]
REPORTS = {"report", "Status"}
STATES = {"loading", "ready", "failed"}
NEVER_SHOWN = {"Ready"}


def keys(name: str) -> set[str]:
    """The names in one of the page's two tables."""
    table = PAGE.partition(f"const {name} = ")[2].partition("});")[0]
    return {quoted or bare for quoted, bare in re.findall(r'^  (?:"(.+?)"|(\w+)): t\(', table, re.MULTILINE)}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the server's code, with the name of what is called."""
    for tree in SERVER:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield (
                    (node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")),
                    node,
                )


def words(node: ast.AST) -> Iterator[str]:
    """The texts that an expression may be."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def codes() -> set[str]:
    """Every code that an error of the server can have."""
    found = {code for _, code, _ in replies.KINDS.values()} | set(replies.CODES.values())
    for name, call in calls():
        if name == "Failed" and len(call.args) == 3:
            found |= set(words(call.args[2]))
        for keyword in call.keywords:
            if keyword.arg == "code" and isinstance(keyword.value, ast.Constant) and keyword.value.value:
                found.add(keyword.value.value)
    for tree in SERVER:
        for node in ast.walk(tree):
            match node:  # a row of a table of failures: sentence, status, code
                case ast.Tuple([_, ast.Constant(int()), ast.Constant(str(code))]):
                    found.add(code)
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MODEL_FAILED":
                found |= set(words(node.value))
    return found


def steps() -> set[str]:
    """Every step that a loading model can be at: texts in reports, or named there."""
    found = set()
    for name, call in calls():
        if name in REPORTS or name.endswith("report"):
            found |= {word for argument in call.args for word in words(argument)}
    named = {
        target.id: node.value.value
        for tree in SERVER
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found |= {
        named[argument.id]
        for name, call in calls()
        if name in REPORTS
        for argument in call.args
        if isinstance(argument, ast.Name) and isinstance(named.get(argument.id), str)
    }
    return found - STATES - NEVER_SHOWN


def test_every_code_of_the_server_has_the_pages_words_and_no_other_has():
    assert keys("REASONS") == codes()


def test_every_step_of_the_server_has_the_pages_words_and_no_other_has():
    assert keys("STEPS") == steps()
