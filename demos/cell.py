"""Runs the Python of a code cell and says what it printed: at build time, and in the reader's browser.

Whatever the code does is an answer, not an error. Nothing ends code that never ends: whoever calls this in a
browser ends the worker instead. Standard library only.
"""

import contextlib
import io
import sys
import traceback
from collections.abc import Iterator

NAME = "<cell>"
# Characters of output that are kept; code that goes on printing is ended there.
LIMIT = 20_000


class _Full(BaseException):
    """The paper is full. No `except Exception` of a cell catches it."""


class _Paper(io.StringIO):
    def write(self, text: str) -> int:
        room = LIMIT - self.tell()
        super().write(text[:room])
        if len(text) > room:
            raise _Full
        return len(text)


@contextlib.contextmanager
def _own_kitchen() -> Iterator[None]:
    """Let the code import a kitchen of its own: the calculators of the page go on with theirs."""
    kept = {name: module for name, module in sys.modules.items() if _of_the_kitchen(name)}
    for name in kept:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if _of_the_kitchen(name)]:
            del sys.modules[name]
        sys.modules.update(kept)


def _of_the_kitchen(name: str) -> bool:
    # With the package around it, which would hand out its own `kitchen` to `from demos import kitchen`.
    return name == "demos" or name.split(".")[:2] == ["demos", "kitchen"]


def run(*, code: str) -> dict[str, str | int | bool]:
    """What a cell prints, and the last line of the traceback of what ended it ("" for the end of the code).

    Both its streams count, in the order they are written. What it changes in a module of `demos.kitchen`
    ends with it.

    `line` is the line of the cell that the error came from (0 where there is none), `full` whether the
    output was cut off after LIMIT characters.
    """
    paper = _Paper()
    error, line, full = "", 0, False
    try:
        with _own_kitchen(), contextlib.redirect_stdout(paper), contextlib.redirect_stderr(paper):
            # The reader's own code in the reader's own browser; ours while a page is built.
            exec(compile(code, NAME, "exec"), {"__name__": "__main__"})  # noqa: S102
    except _Full:
        full = True
    except BaseException as caught:  # noqa: BLE001 - a cell may well call exit()
        error = traceback.format_exception_only(caught)[-1].strip()
        line = _line(caught)
    return {"output": paper.getvalue(), "error": error, "line": line, "full": full}


def _line(caught: BaseException) -> int:
    if isinstance(caught, SyntaxError) and caught.filename == NAME:
        return caught.lineno or 0
    frames = traceback.extract_tb(caught.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == NAME), 0)
