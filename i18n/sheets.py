"""The style sheets that the pages of a built language link: packed, and written into the pages.

A phone on a slow network waits for every linked sheet before it paints a word. Written into the page in
their order, the rules cost as many bytes as one sheet, and no wait.
"""

import pathlib
import posixpath
import re

LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)">\s*')
STYLE = '<style id="bowls">'
KEPT = "assets/fonts/fonts.css"  # the page for wrong addresses links it by itself
# Strings stay as they are; comments go, and so does white space around what separates.
PACKED = re.compile(r"""("[^"]*"|'[^']*')|/\*.*?\*/|\s*([{};,])\s*|(\s)\s*""", re.DOTALL)
ADDRESS = re.compile(r"""url\((["']?)(?!data:|#|/|[a-z]+:)([^"')]+)\1\)""")


def inline(site: pathlib.Path) -> None:
    """Write the sheets that the home page of a built language links into every page that links the same."""
    sheets = _linked(site / "index.html", site)
    rules = {sheet: packed((site / sheet).read_text("utf-8")) for sheet in sheets}
    for page in site.rglob("*.html"):
        if _linked(page, site) == sheets:
            here = page.relative_to(site).parent.as_posix()
            style = "".join(moved(css, sheet, here) for sheet, css in rules.items())
            first, *rest = LINK.split(page.read_text("utf-8"))
            page.write_text(f"{first}{STYLE}{style}</style>{''.join(rest[1::2])}", "utf-8")
    for sheet in sheets:
        if sheet != KEPT:
            (site / sheet).unlink()
            (site / f"{sheet}.map").unlink(missing_ok=True)


def packed(css: str) -> str:
    """A style sheet without comments and without white space that means nothing."""
    return PACKED.sub(lambda found: found[1] or found[2] or (" " if found[3] else ""), css).replace(";}", "}")


def _linked(page: pathlib.Path, site: pathlib.Path) -> list[str]:
    """The sheets of a page, as paths below the site's root."""
    here = page.relative_to(site).parent.as_posix()
    return [posixpath.normpath(posixpath.join(here, href)) for href in LINK.findall(page.read_text("utf-8"))]


def moved(css: str, sheet: str, here: str) -> str:
    """The rules of a sheet for a page in the folder `here`, both below the site's root."""
    way = posixpath.relpath(posixpath.dirname(sheet), here)
    return ADDRESS.sub(lambda found: f'url("{posixpath.normpath(posixpath.join(way, found[2]))}")', css)
