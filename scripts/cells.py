"""Code cells of the pages: Python with its colours and what it really prints, run while the page is built.

`docs/parts/code_cell.html` lays one out, `demos/web/code-cell.js` makes it editable, and `demos/cell.py` runs
it, here and there.
"""

import dataclasses
import html
import re

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from demos import cell
from i18n.errors import SiteError

FENCED = re.compile(r"\s*```python\n(.*?\n)```\s*", re.DOTALL)
# The classes that Material's style sheet colours.
COLOURS = HtmlFormatter(cssclass="highlight", wrapcode=True)


@dataclasses.dataclass(frozen=True)
class Cell:
    """A cell for a page: its code with colours, and its output, both as HTML."""

    code: str
    printed: str


def run(block: str) -> Cell:
    """A cell out of the fence that a page holds it in.

    Raises:
        SiteError: the block is not one fence of Python, or its code fails or prints nothing.
    """
    found = FENCED.fullmatch(block)
    if not found:
        raise SiteError("a code cell is not one fence that starts with ```python; write it as one.")
    done = cell.run(code=found[1])
    if done["error"]:
        raise SiteError(f"line {done['line']} of a code cell fails ({done['error']}); mend that line.")
    if done["full"] or not done["output"]:
        raise SiteError(
            f"a code cell prints {len(str(done['output']))} characters, expected 1 to {cell.LIMIT}; let it "
            "print its result."
        )
    coloured = highlight(found[1], PythonLexer(), COLOURS)
    return Cell(coloured.rstrip(), html.escape(str(done["output"]), quote=False))
