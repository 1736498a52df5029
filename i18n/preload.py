"""Asks for the fonts of a page along with its style sheet, so that its lines are set once and stay.

Without the hint a browser meets a font's address only when it has read the style sheet and laid out the text;
what it set until then moves when the font arrives.
"""

import dataclasses
import html
import pathlib
from collections.abc import Iterable

from i18n import glyphs

SHEET = '<link rel="stylesheet"'


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
        page.write_text(text.replace(SHEET, hints + SHEET, 1), "utf-8")
