"""The picture that other sites show beside a link to a page: 1200 x 630, one for each page and language.

    card(title, language, typeface)    # as SVG

Same bowls and lettering as the site. Drawn with resvg, kept in `build/cards/` under a hash of the drawing.
"""

import dataclasses
import functools
import hashlib
import html
import pathlib
import re

import yaml

from comics import export
from comics.errors import FitError
from comics.typeface import Typeface
from comics.typeset import Outline, fit
from i18n import phrases
from i18n.errors import SiteError
from i18n.languages import Language

ROOT = pathlib.Path(__file__).resolve().parent.parent
BOWLS = ROOT / "docs" / "parts" / "bowls.svg"
CACHE = ROOT / "build" / "cards"
NAME = "Two Bowls"
WIDTH, HEIGHT = 1200, 630
# The title's room, from (60, 70), and its largest and smallest size.
ROOM, SIZES = (560.0, 400.0), (40.0, 92.0)
COLOURS = 64
# How the typesetter breaks every language here, and what stands for a space where a space is a mere break.
BY_SPACES, SPACE = "ko", "\u00a0"
# Not every comic font has these.
PLAIN = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "·": ",", "\u00a0": " "})
SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">
<path d="M0 0H{width}V{height}H0Z" fill="#fff4e0"/><path d="M0 606H{width}V{height}H0Z" fill="#ee6c4a"/>
<path d="M0 606H{width}" stroke="#2b2036" stroke-width="6"/>
<g transform="translate(636 104) scale(.92)">{bowls}</g>
<g font-family="card" fill="#2b2036"><text font-size="{size:g}">{lines}</text>
<path d="M60 516h232a14 14 0 0 1 14 14v32a14 14 0 0 1-14 14H60a14 14 0 0 1-14-14v-32a14 14 0 0 1 14-14Z"/>
<text x="176" y="559" font-size="40" text-anchor="middle" fill="#fff4e0">{name}</text></g>
</svg>"""


def card(title: str, language: Language, typeface: Typeface) -> str:
    """The picture as SVG.

    Raises:
        FitError: the title does not fit at the smallest size, or the font lacks a letter.
    """
    text, face = _breakable(title.translate(PLAIN), language, typeface)
    setting = fit(text, BY_SPACES, face, ROOM, sizes=SIZES, outline=Outline(power=200, margin=0))
    middle = 70 + ROOM[1] / 2
    written = [
        line if face is typeface else line.replace(" ", "").replace(SPACE, " ") for line in setting.lines
    ]
    lines = "".join(
        f'<tspan x="60" y="{middle + y:g}">{html.escape(line.strip())}</tspan>'
        for line, y in zip(written, setting.baselines(), strict=True)
    )
    return SVG.format(
        width=WIDTH, height=HEIGHT, bowls=_bowls(), size=setting.size, lines=lines, name=html.escape(NAME)
    )


def _breakable(title: str, language: Language, typeface: Typeface) -> tuple[str, Typeface]:
    """The title with its line breaks as the site's headings have them, and a typeface that can write that.

    The typesetter breaks at spaces. So a break becomes a space of no width, and a space another character.
    """
    broken = re.sub(r"</?span[^>]*>", "", phrases.broken(title, language))
    if "<wbr>" not in broken:
        return title, typeface
    spaces = {" ": 0, SPACE: typeface.advances[" "]}
    text = broken.replace(" ", f" {SPACE}").replace("<wbr>", " ")
    return text, dataclasses.replace(typeface, advances={**typeface.advances, **spaces})


@functools.cache
def _bowls() -> str:
    """The home page's picture, for a picture of its own size."""
    return BOWLS.read_text("utf-8").replace("<svg ", '<svg width="600" height="420" ', 1)


def png(title: str, language: Language, typeface: Typeface) -> bytes:
    """The picture as PNG, in few colours.

    Raises:
        FitError: the title does not fit at the smallest size, or the font lacks a letter.
    """
    svg = card(title, language, typeface)
    kept = CACHE / (hashlib.sha256(svg.encode() + typeface.font).hexdigest()[:24] + ".png")
    if not kept.is_file():
        drawn = export.png(svg, typeface, [title.translate(PLAIN), NAME], "card", WIDTH)
        CACHE.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(export.flat(drawn, COLOURS))
    return kept.read_bytes()


def write(docs: pathlib.Path, language: Language, typeface: Typeface) -> None:
    """Write `assets/cards/<page>.png` for every page of a staged docs folder.

    Raises:
        SiteError: a title does not fit its picture.
    """
    folder = docs / "assets" / "cards"
    folder.mkdir(parents=True, exist_ok=True)
    for page in sorted(docs.rglob("*.md")):
        name = page.relative_to(docs).with_suffix("").as_posix()
        meta = yaml.safe_load(page.read_text("utf-8").split("---\n", 2)[1])
        try:
            picture = png(meta.get("headline") or meta["title"], language, typeface)
        except FitError as error:
            raise SiteError(
                f"docs/{name}.md: the headline on its {language.english} card: {error}."
            ) from None
        (folder / f"{name.replace('/', '-')}.png").write_bytes(picture)
