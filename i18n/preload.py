"""Asks for the fonts of a page at its top, so that its lines are set once and stay.

Without the hint a browser asks for a font when it has read the rules and laid out the text, and what it
set until then moves when the font arrives.
"""

import dataclasses
import html
import pathlib
from collections.abc import Iterable

from i18n import glyphs, sheets


@dataclasses.dataclass(frozen=True)
class Slice:
    """A font file of a built tree, whether it is of the display face, and the characters that it sets."""

    path: str
    display: bool
    characters: frozenset[str]


def add(site: pathlib.Path, slices: Iterable[Slice]) -> None:
    """Add the hints to every page below `site`: the slices of its running text and of its headings."""
    slices = list(slices)
    for name, shown in glyphs.of_site(site).items():
        page = site / name
        if page.suffix != ".html":
            continue
        up = "../" * (len(pathlib.PurePath(name).parts) - 1)
        wanted = [
            each.path for each in slices if each.characters & (shown.display if each.display else shown.text)
        ]
        hints = "".join(
            f'<link rel="preload" href="{html.escape(up + path)}" as="font" type="font/woff2" crossorigin>'
            for path in wanted
        )
        text = page.read_text("utf-8")
        page.write_text(text.replace(sheets.STYLE, hints + sheets.STYLE, 1), "utf-8")
