"""Lines of a project file for a page that explains it, read while the page is built: they cannot drift.

Knows nothing of the files: a page names the first line by a part of it and says how many it wants.
"""

import html
import pathlib
import textwrap

from i18n.errors import SiteError


def lines(root: pathlib.Path, name: str, first: str, count: int = 1) -> str:
    """`count` lines of a file from the first one that holds `first`, as HTML, their common indentation cut.

    Raises:
        SiteError: the file is not there, or no line of it holds that text.
    """
    path = root / name
    if not path.is_file():
        raise SiteError(f"there is no file {name} to quote; correct the name.")
    text = path.read_text("utf-8").splitlines()
    start = next((at for at, line in enumerate(text) if first in line), None)
    if start is None:
        raise SiteError(f'no line of {name} holds "{first}"; quote another one.')
    return html.escape(textwrap.dedent("\n".join(text[start : start + count])), quote=False)
