"""When a page asks for its fonts: the small ones at its top, the large ones after it is first painted.

Without a hint a browser asks for a font when it has read the rules and laid out the text, and what it set
until then moves when the font arrives. That is worth it for the Latin letters. Korean and Japanese fonts are
ten times as large, a local font keeps their lines in place, and no phone should wait for them to show a word.
"""

import dataclasses
import hashlib
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


# The rules go behind the head, which instant navigation leaves alone. A browser that has had these fonts gets
# the rules at once, so that its pages do not change their look when they open.
SCRIPT = """(() => {
const rules = document.getElementById("later").textContent, key = "bowl-fonts", version = "%s";
const style = Object.assign(document.createElement("style"), { textContent: rules });
const add = () => document.documentElement.append(style);
let known; try { known = localStorage.getItem(key) === version } catch {}
if (known) return add();
new PerformanceObserver((_, painted) => {
painted.disconnect(); add();
document.fonts.ready.then(() => { try { localStorage.setItem(key, version) } catch {} });
}).observe({ type: "paint", buffered: true });
})()"""
LATER = "assets/fonts/later.css"


def add(site: pathlib.Path, slices: Iterable[Slice]) -> None:
    """Add the hints to every page below `site`, and the rules of the fonts that come later.

    A hint is given for the slices of a page's running text and of its headings.
    """
    rules = sheets.packed((site / LATER).read_text("utf-8"))
    script = SCRIPT % hashlib.sha256(rules.encode()).hexdigest()[:8]
    slices = list(slices)
    for name, shown in glyphs.of_site(site).items():
        page = site / name
        text = page.read_text("utf-8")
        if sheets.STYLE not in text:  # a page that looks after itself, or no page
            continue
        up = "../" * (len(pathlib.PurePath(name).parts) - 1)
        wanted = [
            each.path for each in slices if each.characters & (shown.display if each.display else shown.text)
        ]
        hints = "".join(
            f'<link rel="preload" href="{html.escape(up + path)}" as="font" type="font/woff2" crossorigin>'
            for path in wanted
        )
        here = sheets.moved(rules, LATER, pathlib.PurePosixPath(name).parent.as_posix())
        afterwards = (
            f'<style id="later" media="not all">{here}</style><script>{script}</script>'
            f'<noscript><link rel="stylesheet" href="{up}{LATER}"></noscript>'
        )
        text = text.replace(sheets.STYLE, hints + sheets.STYLE, 1)
        page.write_text(text.replace("</head>", afterwards + "</head>", 1), "utf-8")
