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
from typing import Literal

from i18n import glyphs, sheets

Kind = Literal["text", "bold", "display"]


@dataclasses.dataclass(frozen=True)
class Slice:
    """A font file of a built tree.

    Attributes:
        path: below the tree.
        kind: of running text, of bold text or of headings.
        first: whether a page asks for it before it is painted.
        characters: what it sets.
    """

    path: str
    kind: Kind
    first: bool
    characters: frozenset[str]


# A page's own slices are fetched first and then added in one step: each one that arrives by itself has the
# whole page laid out again. The rest of the rules wait for a letter that needs them. The first paint of all
# may be the background alone; the one of text is waited for. A browser that has had these fonts gets all at
# once, so that its pages do not change their look when they open.
SCRIPT = """(() => {
const later = document.getElementById("later"), key = "bowl-fonts", version = "%s";
const now = later.dataset.now.split(" ").filter(Boolean);
const read = ({ style }) => {
const [family, src, weight, unicodeRange] =
["font-family", "src", "font-weight", "unicode-range"].map((name) => style.getPropertyValue(name));
const face = new FontFace(family.replaceAll('"', ""), src, { weight, unicodeRange, display: "swap" });
return { face, first: now.some((name) => src.includes(name)) };
};
const faces = [...later.sheet.cssRules].map(read);
const add = () => faces.forEach(({ face }) => document.fonts.add(face));
let known; try { known = localStorage.getItem(key) === version } catch {}
if (known) return add();
new PerformanceObserver((entries, painted) => {
if (!entries.getEntriesByName("first-contentful-paint").length) return;
painted.disconnect();
Promise.allSettled(faces.filter(({ first }) => first).map(({ face }) => face.load())).then(add).then(() => {
try { localStorage.setItem(key, version) } catch {}
});
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
        characters = {"text": shown.text, "bold": shown.bold, "display": shown.display}
        wanted = [each for each in slices if each.characters & characters[each.kind]]
        hints = "".join(
            f'<link rel="preload" href="{html.escape(up + path)}" as="font" type="font/woff2" crossorigin>'
            for path in (each.path for each in wanted if each.first)
        )
        now = " ".join(pathlib.PurePath(each.path).stem for each in wanted if not each.first)
        here = sheets.moved(rules, LATER, pathlib.PurePosixPath(name).parent.as_posix())
        afterwards = (
            f'<style id="later" media="not all" data-now="{now}">{here}</style><script>{script}</script>'
            f'<noscript><link rel="stylesheet" href="{up}{LATER}"></noscript>'
        )
        text = text.replace(sheets.STYLE, hints + sheets.STYLE, 1)
        page.write_text(text.replace("</head>", afterwards + "</head>", 1), "utf-8")
