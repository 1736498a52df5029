"""A strip as HTML for a page (`figure`) and as one SVG file (`sheet`).

Both come from the same panels: `compose` sets every bubble in the language and draws the scene. The
type is never smaller than 14 px on a phone: `SMALLEST_PX` at a panel width of `PHONE_PX`.
"""

import dataclasses
import html
import math
from collections.abc import Callable
from dataclasses import dataclass

from comics import balloon, drawing, layout, transcript, words
from comics.balloon import Lettering
from comics.errors import FitError
from comics.geometry import polygon
from comics.ink import INK, PALETTE
from comics.strip import HEIGHT, WIDTHS, Inset, Panel, Strip
from comics.typeface import Typeface, face_rule
from comics.typeset import CAPTION, Setting, fit

Translate = Callable[[str], str]
SMALLEST_PX, PHONE_PX = 14.0, 320.0
# The largest type of a strip that nobody shouts is at most this many times its smallest.
EVENNESS = 1.15
# Around each panel, inside its own picture: two of them are a gutter.
GUTTER = 9
# The drawing ends this far outside the border's straight line; the rest of the gutter is paper.
EDGE = 4
ROUND = 'stroke-linecap="round" stroke-linejoin="round"'
BORDER, INSET_BORDER = 6.0, 4.4
SHEET_MARGIN, TITLE_HEIGHT, TITLE_SIZES = 12, 92, (28.0, 46.0)
SHEET_WIDTH = WIDTHS[0] + WIDTHS[1] + 4 * GUTTER + 2 * SHEET_MARGIN
SHEET_HEIGHT = TITLE_HEIGHT + 2 * (HEIGHT + 2 * GUTTER) + SHEET_MARGIN


@dataclass(frozen=True)
class Drawn:
    """One panel: its scene back to front, what lies over it, its width, and what a screen reader says."""

    scene: tuple[str, ...]
    over: str
    width: int
    bleeds: bool
    label: str
    balloons: tuple[balloon.Balloon, ...]

    @property
    def content(self) -> str:
        """All of it, for a picture that ends where the gutter does."""
        return "".join(self.scene) + self.over


@dataclass(frozen=True)
class Piece:
    """A part of a sheet as SVG content in its own coordinates.

    `box` holds it (left, top, width, height); `at` is where the corner of that box lies on the sheet.
    """

    content: str
    box: tuple[float, float, float, float]
    at: tuple[float, float]


def family(strip: Strip, language: str) -> str:
    """The name of the font that a strip embeds: each strip and language has its own part of it."""
    return f"strip-{strip.id}-{language}"


def compose(strip: Strip, language: str, translate: Translate, typeface: Typeface) -> list[Drawn]:
    """Every panel of a strip in a language.

    Raises:
        FitError: a text does not fit its bubble, or the font lacks a glyph; it names strip, panel and bubble.
    """
    drawn = []
    for index, balloons in enumerate(_lettered(strip, language, translate, typeface)):
        panel, width = strip.panels[index], WIDTHS[index]
        bubbles = "".join(balloon.draw(placed, family(strip, language)) for placed in balloons)
        drawn.append(
            Drawn(
                drawing.scene(panel.scene, width, HEIGHT, edge=_edge(panel)),
                _frame(panel, index) + bubbles,
                width,
                panel.bleed,
                transcript.label(panel, index + 1, translate),
                tuple(balloons),
            )
        )
    return drawn


def _lettered(
    strip: Strip, language: str, translate: Translate, typeface: Typeface
) -> list[list[balloon.Balloon]]:
    """The bubbles of every panel, set, settled and out of each other's way."""
    lettered = (language, translate, typeface)
    first = [
        [_settled(strip, p, b, lettered) for b in range(len(panel.bubbles))]
        for p, panel in enumerate(strip.panels)
    ]
    spoken = [placed.setting.size for row in first for placed in row if placed.bubble.kind != "shout"]
    largest = min(spoken, default=math.inf) * EVENNESS
    for number, panel in enumerate(strip.panels):
        for index, placed in enumerate(first[number]):
            if placed.bubble.kind != "shout" and placed.setting.size > largest:
                first[number][index] = _settled(
                    strip, number, index, (language, translate, typeface), largest
                )
        try:
            layout.check(panel, first[number], WIDTHS[number])
        except FitError as error:
            place = f'strip "{strip.id}", panel {number + 1}, language {language}'
            raise error.at(place, number + 1, int(error.values.get("bubble", 0))) from None
    return first


def _settled(
    strip: Strip,
    panel: int,
    index: int,
    lettered: tuple[str, Translate, Typeface],
    largest: float = math.inf,
) -> balloon.Balloon:
    """One bubble, set in no larger type than asked for."""
    language, translate, typeface = lettered
    width, bubble, scene = WIDTHS[panel], strip.panels[panel].bubbles[index], strip.panels[panel].scene
    try:
        return balloon.settle(
            dataclasses.replace(bubble, size=min(bubble.size, largest)),
            translate(bubble.text),
            Lettering(language, typeface, SMALLEST_PX * width / PHONE_PX),
            scene,
            (width, HEIGHT),
            seed=10 * (panel + 1) + index + 1,
        )
    except FitError as error:
        place = f'strip "{strip.id}", panel {panel + 1}, bubble {index + 1}, language {language}'
        raise error.at(place, panel + 1, index + 1) from None


def _frame(panel: Panel, index: int) -> str:
    """What lies between a panel's scene and its bubbles: its insets and its border."""
    insets = "".join(_inset(inset, seed=10 * index + i + 41) for i, inset in enumerate(panel.insets))
    return insets + ("" if panel.bleed else _border(WIDTHS[index], seed=index + 21))


def _edge(panel: Panel) -> int:
    """How far a panel's background goes on around it."""
    return GUTTER + SHEET_MARGIN if panel.bleed else EDGE


def _cut(scene: str, left: float, top: float, right: float, bottom: float) -> str:
    """A scene without what lies outside a box: a picture in the picture, the cheapest way to clip."""
    box = f"{left:g} {top:g} {right - left:g} {bottom - top:g}"
    x, y, width, height = box.split()
    return f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{box}">{scene}</svg>'


def _inset(inset: Inset, seed: int) -> str:
    """A small picture in a panel, with its border."""
    x, y, width, height = inset.place
    scene = _cut("".join(drawing.scene(inset.scene, width, height, edge=0)), 0, 0, width, height)
    edge = polygon([(0, 0), (width, 0), (width, height), (0, height)], 4, seed=seed, amount=1.2)
    line = f'<path d="{edge}" fill="none" stroke="{INK}" stroke-width="{INSET_BORDER:g}"'
    return f'<g transform="translate({x:g} {y:g})">{scene}{line} transform="translate(1.2 1.5)"/>{line}/></g>'


def _border(width: int, seed: int) -> str:
    """The panel's border, slightly out of true, and paper over what sticks out of it."""
    edge = polygon([(0, 0), (width, 0), (width, HEIGHT), (0, HEIGHT)], 5, seed=seed, amount=2.2)
    far = GUTTER + 1  # beyond the picture, whose last row of pixels would else be half covered
    mat = f"M{-far} {-far}H{width + far}V{HEIGHT + far}H{-far}Z"
    line = f'<path d="{edge}" fill="none" stroke="{INK}" stroke-width="{BORDER:g}"'
    return (
        f'<path d="{mat}{edge}" fill="{PALETTE["paper"]}" fill-rule="evenodd"/>'
        f'{line} transform="translate(1.4 1.8)"/>{line}/>'
    )


def _origin(index: int) -> tuple[int, int]:
    """Where a panel's upper left corner is on a sheet."""
    x = SHEET_WIDTH - SHEET_MARGIN - GUTTER - WIDTHS[index] if index % 2 else SHEET_MARGIN + GUTTER
    return x, TITLE_HEIGHT + GUTTER + index // 2 * (HEIGHT + 2 * GUTTER)


def _seen(index: int, *, bleed: bool) -> tuple[int, int, int, int]:
    """How far a panel's scene is seen on a sheet: left, top, right and bottom, from the panel's corner."""
    left = top = right = bottom = EDGE
    if bleed:
        # Out to the edge of the sheet; towards its neighbours and the title it ends with its own gutter.
        left, right = (GUTTER, GUTTER + SHEET_MARGIN)[:: 1 if index % 2 else -1]
        top, bottom = GUTTER, GUTTER + SHEET_MARGIN * (index // 2)
    return -left, -top, WIDTHS[index] + right, HEIGHT + bottom


def views() -> list[tuple[int, int, int, int]]:
    """Where each panel with its gutter lies on a sheet: left, top, width and height."""
    return [
        (x - GUTTER, y - GUTTER, width + 2 * GUTTER, HEIGHT + 2 * GUTTER)
        for width, (x, y) in zip(WIDTHS, map(_origin, range(len(WIDTHS))), strict=True)
    ]


def _placed(panel: Drawn, index: int) -> str:
    """A panel at its place on a sheet, where nothing but its own box hides what sticks out of it."""
    (x, y), seen = _origin(index), _seen(index, bleed=panel.bleeds)
    scene = "".join(_cut(part, *seen) for part in panel.scene)
    label = html.escape(panel.label, quote=False)
    return f'<g transform="translate({x} {y})"><title>{label}</title>{scene}{panel.over}</g>'


def scenery(strip: Strip) -> list[Piece]:
    """A strip's sheet without its words, which is the same in every language: one piece for each panel."""
    pieces = []
    for index, (panel, width) in enumerate(zip(strip.panels, WIDTHS, strict=True)):
        (x, y), (left, top, right, bottom) = _origin(index), _seen(index, bleed=panel.bleed)
        if not panel.bleed:
            # Within the border's paper, or a last row of pixels would show the scene that it hides.
            left, top, right, bottom = 1 - GUTTER, 1 - GUTTER, width + GUTTER - 1, HEIGHT + GUTTER - 1
        scene = "".join(drawing.scene(panel.scene, width, HEIGHT, edge=_edge(panel)))
        box = (left, top, right - left, bottom - top)
        pieces.append(Piece(scene + _frame(panel, index), box, (x + left, y + top)))
    return pieces


def lettering(strip: Strip, language: str, translate: Translate, typeface: Typeface) -> list[Piece]:
    """The words of a strip's sheet: the title, then one piece for each bubble.

    Raises:
        FitError: a text does not fit its bubble, or the font lacks a glyph.
    """
    pieces = [
        Piece(_heading(strip, language, translate, typeface), (0, 0, SHEET_WIDTH, TITLE_HEIGHT), (0, 0))
    ]
    for index, balloons in enumerate(_lettered(strip, language, translate, typeface)):
        x, y = _origin(index)
        for placed in balloons:
            left, top, width, height = balloon.extent(placed)
            content = balloon.draw(placed, family(strip, language))
            pieces.append(Piece(content, (left, top, width, height), (x + left, y + top)))
    return pieces


def _view(width: int) -> str:
    return f"{-GUTTER} {-GUTTER} {width + 2 * GUTTER} {HEIGHT + 2 * GUTTER}"


def _title(strip: Strip, language: str, translate: Translate, typeface: Typeface) -> Setting:
    """The title, set for the width of a sheet."""
    room = (SHEET_WIDTH - 2.0 * SHEET_MARGIN, float(TITLE_HEIGHT))
    try:
        return fit(translate(strip.title), language, typeface, room, sizes=TITLE_SIZES, outline=CAPTION)
    except FitError as error:
        raise error.at(f'strip "{strip.id}", title, language {language}') from None


def texts(strip: Strip, translate: Translate) -> list[str]:
    """Everything that is lettered: the title and the bubbles."""
    return [translate(strip.title), *(translate(b.text) for panel in strip.panels for b in panel.bubbles)]


def figure(
    strip: Strip, language: str, translate: Translate, typeface: Typeface, *, deferred: bool = False
) -> str:
    """A strip as an HTML figure on one line: title, four pictures in a grid, transcript.

    Args:
        strip: what is drawn.
        language: its code, for the rules of line breaking.
        translate: gives the words.
        typeface: the lettering.
        deferred: keep the pictures in a `noscript`, where some thousand shapes cost a browser nothing until
            `demos/web/comic-strip.js` takes them out; the page then letters the title.

    Raises:
        FitError: a text does not fit its bubble, or the font lacks a glyph.
    """
    _title(strip, language, translate, typeface)  # refuse here what the sheet would refuse
    panels = compose(strip, language, translate, typeface)
    rule = face_rule(typeface, texts(strip, translate), family(strip, language))
    pictures = "".join(
        f'<svg class="strip-panel" viewBox="{_view(panel.width)}" role="img" {ROUND} '
        f'aria-label="{html.escape(panel.label)}">{panel.content}</svg>'
        for panel in panels
    )
    art = (
        f'<svg class="strip-defs" aria-hidden="true" width="0" height="0"><style>{rule}</style>'
        f'</svg><div class="strip-panels">{pictures}</div>'
    )
    lettered = "" if deferred else f' style="font-family:{family(strip, language)}"'
    return (
        f'<figure class="strip" id="strip-{strip.id}" lang="{language}">'
        f'<figcaption class="strip-title"{lettered}>{html.escape(translate(strip.title))}</figcaption>'
        + (f'<div class="strip-art"><noscript>{art}</noscript></div>' if deferred else art)
        + f'<details class="strip-transcript"><summary>{html.escape(translate(words.TRANSCRIPT))}</summary>'
        f"{transcript.as_html(strip, translate)}</details></figure>"
    )


def _heading(strip: Strip, language: str, translate: Translate, typeface: Typeface) -> str:
    setting = _title(strip, language, translate, typeface)
    lines = "".join(
        f'<tspan x="{SHEET_WIDTH / 2:g}" y="{TITLE_HEIGHT / 2 + y + 3:g}">{html.escape(line)}</tspan>'
        for line, y in zip(setting.lines, setting.baselines(), strict=True)
    )
    return (
        f'<text font-family="{family(strip, language)}" font-size="{setting.size:g}" fill="{INK}" '
        f'text-anchor="middle">{lines}</text>'
    )


def sheet(strip: Strip, language: str, translate: Translate, typeface: Typeface) -> str:
    """A strip as one standalone SVG picture, title included.

    Raises:
        FitError: a text does not fit its bubble, or the font lacks a glyph.
    """
    panels = compose(strip, language, translate, typeface)
    rule = face_rule(typeface, texts(strip, translate), family(strip, language))
    pictures = "".join(_placed(panel, i) for i, panel in enumerate(panels))
    name, words_only = html.escape(translate(strip.title)), html.escape(transcript.plain(strip, translate))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SHEET_WIDTH} {SHEET_HEIGHT}" '
        f'width="{SHEET_WIDTH}" height="{SHEET_HEIGHT}" lang="{language}" role="img" {ROUND}>'
        f"<title>{name}</title><desc>{words_only}</desc><style>{rule}</style>"
        f'<path d="M0 0H{SHEET_WIDTH}V{SHEET_HEIGHT}H0Z" fill="{PALETTE["paper"]}"/>'
        f"{_heading(strip, language, translate, typeface)}{pictures}</svg>"
    )
