"""A strip as HTML for a page (`figure`) and as one SVG file (`sheet`).

Both come from the same panels: `compose` sets every bubble in the language and draws the scene. The
type is never smaller than 14 px on a phone: `SMALLEST_PX` at a panel width of `PHONE_PX`.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass

from comics import balloon, drawing, layout, transcript, words
from comics.balloon import Lettering
from comics.errors import FitError
from comics.geometry import polygon
from comics.ink import INK, PALETTE, Outlines
from comics.strip import HEIGHT, WIDTHS, Strip
from comics.typeface import Typeface, face_rule
from comics.typeset import CAPTION, Setting, fit

Translate = Callable[[str], str]
SMALLEST_PX, PHONE_PX = 14.0, 320.0
# Around each panel, inside its own picture: two of them are a gutter.
GUTTER = 9
# The drawing ends this far outside the border's straight line; the rest of the gutter is paper.
BLEED = 4
ROUND = 'stroke-linecap="round" stroke-linejoin="round"'
BORDER = 6.0
SHEET_MARGIN, TITLE_HEIGHT, TITLE_SIZES = 12, 92, (28.0, 46.0)
SHEET_WIDTH = WIDTHS[0] + WIDTHS[1] + 4 * GUTTER + 2 * SHEET_MARGIN


@dataclass(frozen=True)
class Drawn:
    """One panel: its SVG content, its width, what a screen reader says, and its bubbles."""

    content: str
    width: int
    label: str
    balloons: tuple[balloon.Balloon, ...]


def family(strip: Strip, language: str) -> str:
    """The name of the font that a strip embeds: each strip and language has its own part of it."""
    return f"strip-{strip.id}-{language}"


def compose(
    strip: Strip, language: str, translate: Translate, typeface: Typeface, outlines: Outlines
) -> list[Drawn]:
    """Every panel of a strip in a language.

    Raises:
        FitError: a text does not fit its bubble, or the font lacks a glyph; it names strip, panel and bubble.
    """
    drawn = []
    for number, (panel, width) in enumerate(zip(strip.panels, WIDTHS, strict=True), 1):
        balloons = []
        for index, bubble in enumerate(panel.bubbles, 1):
            try:
                placed = balloon.settle(
                    bubble,
                    translate(bubble.text),
                    Lettering(language, typeface, SMALLEST_PX * width / PHONE_PX),
                    panel.scene,
                    (width, HEIGHT),
                    seed=10 * number + index,
                )
            except FitError as error:
                raise FitError(
                    f'strip "{strip.id}", panel {number}, bubble {index}, language {language}: {error}.'
                ) from None
            balloons.append(placed)
        try:
            layout.check(panel, balloons, width)
        except FitError as error:
            raise FitError(f'strip "{strip.id}", panel {number}, language {language}: {error}.') from None
        bubbles = "".join(balloon.draw(placed, family(strip, language)) for placed in balloons)
        drawn.append(
            Drawn(
                _cut(drawing.scene(panel.scene, width, HEIGHT, outlines), width)
                + bubbles
                + _border(width, seed=number + 20),
                width,
                transcript.label(panel, number, translate),
                tuple(balloons),
            )
        )
    return drawn


def _cut(scene: str, width: int) -> str:
    """The scene without what lies outside its panel: a picture in the picture, the cheapest way to clip."""
    frame = f"{-BLEED} {-BLEED} {width + 2 * BLEED} {HEIGHT + 2 * BLEED}"
    x, y, wide, high = frame.split()
    return f'<svg x="{x}" y="{y}" width="{wide}" height="{high}" viewBox="{frame}">{scene}</svg>'


def _border(width: int, seed: int) -> str:
    """The panel's border, slightly out of true, and paper over what sticks out of it."""
    edge = polygon([(0, 0), (width, 0), (width, HEIGHT), (0, HEIGHT)], 5, seed=seed, amount=2.2)
    mat = f"M{-GUTTER} {-GUTTER}H{width + GUTTER}V{HEIGHT + GUTTER}H{-GUTTER}Z"
    line = f'<path d="{edge}" fill="none" stroke="{INK}" stroke-width="{BORDER:g}"'
    return (
        f'<path d="{mat}{edge}" fill="{PALETTE["paper"]}" fill-rule="evenodd"/>'
        f'{line} transform="translate(1.4 1.8)"/>{line}/>'
    )


def _view(width: int) -> str:
    return f"{-GUTTER} {-GUTTER} {width + 2 * GUTTER} {HEIGHT + 2 * GUTTER}"


def _title(strip: Strip, language: str, translate: Translate, typeface: Typeface) -> Setting:
    """The title, set for the width of a sheet."""
    room = (SHEET_WIDTH - 2.0 * SHEET_MARGIN, float(TITLE_HEIGHT))
    try:
        return fit(translate(strip.title), language, typeface, room, sizes=TITLE_SIZES, outline=CAPTION)
    except FitError as error:
        raise FitError(f'strip "{strip.id}", title, language {language}: {error}.') from None


def texts(strip: Strip, translate: Translate) -> list[str]:
    """Everything that is lettered: the title and the bubbles."""
    return [translate(strip.title), *(translate(b.text) for panel in strip.panels for b in panel.bubbles)]


def figure(
    strip: Strip, language: str, translate: Translate, typeface: Typeface, *, deferred: bool = False
) -> str:
    """A strip as an HTML figure on one line: title, four pictures in a grid, transcript.

    Raises:
        FitError: a text does not fit its bubble, or the font lacks a glyph.
    """
    outlines = Outlines(f"{strip.id}-")
    _title(strip, language, translate, typeface)  # refuse here what the sheet would refuse
    panels = compose(strip, language, translate, typeface, outlines)
    rule = face_rule(typeface, texts(strip, translate), family(strip, language))
    pictures = "".join(
        f'<svg class="strip-panel" viewBox="{_view(panel.width)}" role="img" {ROUND} '
        f'aria-label="{html.escape(panel.label)}">{panel.content}</svg>'
        for panel in panels
    )
    art = (
        f'<svg class="strip-defs" aria-hidden="true" width="0" height="0"><style>{rule}</style>'
        f'{outlines.definitions()}</svg><div class="strip-panels">{pictures}</div>'
    )
    lettered = "" if deferred else f' style="font-family:{family(strip, language)}"'
    return (
        f'<figure class="strip" id="strip-{strip.id}" lang="{language}">'
        f'<figcaption class="strip-title"{lettered}>{html.escape(translate(strip.title))}</figcaption>'
        + (f'<div class="strip-art"><noscript>{art}</noscript></div>' if deferred else art)
        + f'<details class="strip-transcript"><summary>{html.escape(translate(words.TRANSCRIPT))}</summary>'
        f"{transcript.as_html(strip, translate)}</details></figure>"
    )


def sheet(strip: Strip, language: str, translate: Translate, typeface: Typeface) -> str:
    """A strip as one standalone SVG picture, title included.

    Raises:
        FitError: a text does not fit its bubble, or the font lacks a glyph.
    """
    outlines = Outlines(f"{strip.id}-")
    panels = compose(strip, language, translate, typeface, outlines)
    rule = face_rule(typeface, texts(strip, translate), family(strip, language))
    setting = _title(strip, language, translate, typeface)
    title = "".join(
        f'<tspan x="{SHEET_WIDTH / 2:g}" y="{TITLE_HEIGHT / 2 + y + 3:g}">{html.escape(line)}</tspan>'
        for line, y in zip(setting.lines, setting.baselines(), strict=True)
    )
    height = TITLE_HEIGHT + 2 * (HEIGHT + 2 * GUTTER) + SHEET_MARGIN
    pictures = ""
    for i, panel in enumerate(panels):
        x = SHEET_MARGIN + GUTTER if i % 2 == 0 else SHEET_WIDTH - SHEET_MARGIN - GUTTER - panel.width
        y = TITLE_HEIGHT + GUTTER + i // 2 * (HEIGHT + 2 * GUTTER)
        label = html.escape(panel.label, quote=False)
        pictures += f'<g transform="translate({x} {y})"><title>{label}</title>{panel.content}</g>'
    name, words_only = html.escape(translate(strip.title)), html.escape(transcript.plain(strip, translate))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {SHEET_WIDTH} {height}" width="{SHEET_WIDTH}" '
        f'height="{height}" lang="{language}" role="img" {ROUND}><title>{name}</title>'
        f"<desc>{words_only}</desc><style>{rule}</style>{outlines.definitions()}"
        f'<path d="M0 0H{SHEET_WIDTH}V{height}H0Z" fill="{PALETTE["paper"]}"/>'
        f'<text font-family="{family(strip, language)}" font-size="{setting.size:g}" fill="{INK}" '
        f'text-anchor="middle">{title}</text>{pictures}</svg>'
    )
