"""One style sheet for a built language: what its pages link in their heads, joined in that order and packed.

A phone waits for every sheet before it paints, so one small file beats many. The name carries a hash, and all
pages link the same file, so it stays in the browser's cache, and in place when Material swaps pages.
"""

import hashlib
import pathlib
import posixpath
import re

LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)">\s*')
FOLDER = "assets/stylesheets"
KEPT = "assets/fonts/fonts.css"  # the page for wrong addresses links it by itself
# Strings stay as they are; comments go, and so does white space around what separates.
PACKED = re.compile(r"""("[^"]*"|'[^']*')|/\*.*?\*/|\s*([{};,])\s*|(\s)\s*""", re.DOTALL)
ADDRESS = re.compile(r"""url\((["']?)(?!data:|#|/|[a-z]+:)([^"')]+)\1\)""")


def join(site: pathlib.Path) -> pathlib.Path:
    """Join the sheets that the home page of a built language links, in every page that links the same.

    Returns the path of the joined sheet.
    """
    sheets = _linked(site / "index.html", site)
    text = "".join(_moved(packed((site / sheet).read_text("utf-8")), sheet) for sheet in sheets)
    joined = site / FOLDER / f"bowls.{hashlib.sha256(text.encode()).hexdigest()[:8]}.css"
    joined.write_text(text, "utf-8")
    for page in site.rglob("*.html"):
        if _linked(page, site) == sheets:
            up = "../" * (len(page.relative_to(site).parts) - 1)
            link = f'<link rel="stylesheet" href="{up}{FOLDER}/{joined.name}">'
            first, *rest = LINK.split(page.read_text("utf-8"))
            page.write_text(first + link + "".join(rest[1::2]), "utf-8")
    for sheet in sheets:
        if sheet != KEPT:
            (site / sheet).unlink()
            (site / f"{sheet}.map").unlink(missing_ok=True)
    return joined


def packed(css: str) -> str:
    """A style sheet without comments and without white space that means nothing."""
    return PACKED.sub(lambda found: found[1] or found[2] or (" " if found[3] else ""), css).replace(";}", "}")


def _linked(page: pathlib.Path, site: pathlib.Path) -> list[str]:
    """The sheets of a page, as paths below the site's root."""
    here = page.relative_to(site).parent.as_posix()
    return [posixpath.normpath(posixpath.join(here, href)) for href in LINK.findall(page.read_text("utf-8"))]


def _moved(css: str, sheet: str) -> str:
    """The same rules in the joined sheet's folder."""
    way = posixpath.relpath(posixpath.dirname(sheet), FOLDER)
    return ADDRESS.sub(lambda found: f'url("{posixpath.normpath(posixpath.join(way, found[2]))}")', css)
