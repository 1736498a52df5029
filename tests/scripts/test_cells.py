"""Code cells: what a page shows is what the code prints, and code that fails never reaches a page."""

import html
import importlib
import re

import pytest

from demos import cell
from demos.kitchen import cost
from i18n.errors import SiteError
from scripts import cells


def fenced(code: str) -> str:
    return f"\n```python\n{code}\n```\n"


def test_a_cell_has_its_code_in_colours_and_what_it_prints():
    made = cells.run(fenced('# sum\nprint("<b>", 1 + 1)'))
    assert made.printed == "&lt;b&gt; 2\n"
    assert '<span class="c1"># sum</span>' in made.code
    assert html.unescape(re.sub(r"<[^>]+>", "", made.code)).strip() == '# sum\nprint("<b>", 1 + 1)'


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ("print(1)", "a code cell is not one fence that starts with ```python; write it as one."),
        (
            fenced("x = 1\nprint(x / 0)"),
            "line 2 of a code cell fails (ZeroDivisionError: division by zero); mend that line.",
        ),
        (
            fenced("x = 1"),
            "a code cell prints 0 characters, expected 1 to 20000; let it print its result.",
        ),
    ],
)
def test_a_cell_that_is_none_is_one_sentence(block, sentence):
    with pytest.raises(SiteError) as refused:
        cells.run(block)
    assert str(refused.value) == sentence


def test_output_is_kept_up_to_a_limit_even_where_the_code_catches_everything():
    done = cell.run(code="try:\n  while True: print('noodles')\nexcept Exception: print('caught')")
    assert done["full"]
    assert len(done["output"]) == cell.LIMIT
    assert done["error"] == ""


@pytest.mark.parametrize(
    ("code", "error", "line"),
    [
        ("print('a')\nraise SystemExit(3)", "SystemExit: 3", 2),
        ("x = 1\nif x\n  pass", "SyntaxError: expected ':'", 2),
        ("def f():\n  return [][0]\nf()", "IndexError: list index out of range", 2),
        ("import nothing_of_this_name", "ModuleNotFoundError: No module named 'nothing_of_this_name'", 1),
    ],
)
def test_whatever_ends_a_cell_is_the_last_line_of_its_traceback_and_where_it_was(code, error, line):
    done = cell.run(code=code)
    assert (done["error"], done["line"]) == (error, line)


def test_a_cell_starts_with_nothing_of_the_one_before():
    cell.run(code="kept = 1")
    assert cell.run(code="print(kept)")["error"] == "NameError: name 'kept' is not defined"


@pytest.mark.parametrize(
    "imported", ["import demos.kitchen.cost as c", "from demos.kitchen import cost as c"]
)
def test_what_a_cell_does_to_the_kitchen_stays_in_the_cell(imported):
    code = f"{imported}\nc.cost = c.MILLION = None\n{imported}\nprint(c.MILLION)"
    reckoned = cost.cost
    assert cell.run(code=code)["output"] == "None\n"
    assert (cost.cost, cost.MILLION) == (reckoned, 1_000_000)
    assert importlib.import_module("demos.kitchen.cost") is cost
    assert cell.run(code=f"{imported}\nprint(c.MILLION)")["output"] == "1000000\n"


def test_what_a_cell_says_to_stderr_stands_among_what_it_prints():
    code = "import sys\nprint(1)\nprint(2, file=sys.stderr)\nprint(3)"
    assert cell.run(code=code)["output"] == "1\n2\n3\n"
