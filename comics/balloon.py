"""Speech bubbles: where they settle in their place, their rim and tail, and their text as SVG text.

Text stays text. Tails end just outside the speaker's head, on the line to the mouth.
"""

import html
import math
from dataclasses import dataclass

from markupsafe import Markup

from comics import drawing, typeset
from comics.cast import CAST, Ellipse
from comics.geometry import burst, ellipse, number, pair, polygon, spline, superellipse
from comics.ink import INK, PALETTE, svg
from comics.strip import Actor, Bubble, Scene
from comics.typeface import Typeface

RIM = 4.6
TAIL = 15.0
GAP = 7.0
# What ink and the bend of a tail add to a bubble's box.
MARGIN = 12.0
# Spikes reach this much further out than the text's ellipse.
SPIKES = 1.3
OUTLINES = {
    "say": typeset.BUBBLE,
    "think": typeset.BUBBLE,
    "whisper": typeset.BUBBLE,
    "shout": typeset.SHOUT,
    "caption": typeset.CAPTION,
}
FILLS = {"say": "bubble", "think": "bubble", "whisper": "bubble", "shout": "yolk", "caption": "paper"}
# A whisper has a broken rim.
DASHES = "9 8"


@dataclass(frozen=True)
class Lettering:
    """How the bubbles of a panel are lettered: language, typeface, smallest type (drawing units)."""

    language: str
    typeface: Typeface
    smallest: float


@dataclass(frozen=True)
class Balloon:
    """A bubble, set and settled: its middle, and where its tail ends (none for captions)."""

    bubble: Bubble
    setting: typeset.Setting
    x: float
    y: float
    tip: tuple[float, float] | None
    space: float
    seed: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Its upper left corner, width and height, without the tail."""
        a, b = self.setting.a, self.setting.b
        return self.x - a, self.y - b, 2 * a, 2 * b


def settle(
    bubble: Bubble,
    text: str,
    lettering: Lettering,
    scene: Scene,
    panel: tuple[float, float],
    *,
    seed: int,
) -> Balloon:
    """Set a bubble's text and find its middle and the tip of its tail in a panel (width, height).

    Raises:
        FitError: the text does not fit.
    """
    left, top, width, height = bubble.place
    spread = SPIKES if bubble.kind == "shout" else 1.0
    setting = typeset.fit(
        text,
        lettering.language,
        lettering.typeface,
        (width / spread, height / spread),
        sizes=(lettering.smallest, max(bubble.size, lettering.smallest)),
        outline=OUTLINES[bubble.kind],
    )
    half_width, half_height = setting.a * spread, setting.b * spread
    x, y = left + width / 2, top + height / 2
    if bubble.settle in {"left", "right"}:
        x = left + half_width if bubble.settle == "left" else left + width - half_width
    if bubble.settle in {"top", "bottom"}:
        y = top + half_height if bubble.settle == "top" else top + height - half_height
    tip, actor = bubble.tip, scene.actor(bubble.speaker or "")
    if tip is None and actor:
        tip = _tip(actor, scene, panel, (x, y), setting)
    space = 0.0 if lettering.language == "ja" else lettering.typeface.width(" ")
    return Balloon(bubble, setting, x, y, tip, space, seed)


def mouth(actor: Actor, scene: Scene, panel: tuple[float, float]) -> tuple[float, float]:
    """Where an actor's mouth is in the panel."""
    return drawing.on_stage(actor, CAST[actor.character].mouth, scene.camera, *panel)


def head(actor: Actor, scene: Scene, panel: tuple[float, float]) -> list[Ellipse]:
    """An actor's head in the panel, and what is on it, as ellipses."""
    k = actor.scale * (scene.camera.zoom if scene.camera else 1)
    return [
        (*drawing.on_stage(actor, (x, y), scene.camera, *panel), rx * k, ry * k)
        for x, y, rx, ry in CAST[actor.character].head
    ]


def extent(placed: Balloon) -> tuple[float, float, float, float]:
    """The box around a bubble, its rim and its tail: upper left corner, width and height."""
    spread = SPIKES * 1.1 if placed.bubble.kind == "shout" else 1.0
    a, b = placed.setting.a * spread, placed.setting.b * spread
    tip = placed.tip or (placed.x, placed.y)
    left, right = min(placed.x - a, tip[0]) - MARGIN, max(placed.x + a, tip[0]) + MARGIN
    top, bottom = min(placed.y - b, tip[1]) - MARGIN, max(placed.y + b, tip[1]) + MARGIN
    return left, top, right - left, bottom - top


def root(
    middle: tuple[float, float], setting: typeset.Setting, aim: tuple[float, float]
) -> tuple[float, float]:
    """The inner point that a tail starts from: as near to above its aim as the bubble allows."""
    x, y = middle
    return x + max(-setting.a * 0.6, min(setting.a * 0.6, aim[0] - x)), y


def _tip(
    actor: Actor,
    scene: Scene,
    panel: tuple[float, float],
    middle: tuple[float, float],
    setting: typeset.Setting,
) -> tuple[float, float]:
    """Where a tail ends: on the way from the bubble to the mouth, just outside the head."""
    aim = mouth(actor, scene, panel)
    sx, sy = root(middle, setting, aim)
    for step in range(101):
        x, y = sx + (aim[0] - sx) * step / 100, sy + (aim[1] - sy) * step / 100
        if any(
            ((x - hx) / (rx + GAP)) ** 2 + ((y - hy) / (ry + GAP)) ** 2 <= 1
            for hx, hy, rx, ry in head(actor, scene, panel)
        ):
            return x, y
    return aim


def draw(balloon: Balloon, family: str) -> Markup:
    """The bubble with its tail and its text."""
    b, fill = balloon.bubble, PALETTE[FILLS[balloon.bubble.kind]]
    parts = [_rim(balloon), *_tail(balloon)]
    data = "".join(parts)
    ink = f'<path d="{data}" fill="{INK}" stroke="{INK}" stroke-width="{number(RIM * 1.5)}"'
    rim = f'{ink} transform="translate(1.6 2)"/>{ink}/>'
    if b.kind == "whisper":
        rim = f'<path d="{data}" fill="{fill}" stroke="{INK}" stroke-width="{number(RIM * 2)}"'
        rim += f' stroke-dasharray="{DASHES}" stroke-linecap="butt"/>'
    rim += "".join(f'<path d="{part}" fill="{fill}"/>' for part in parts)
    return svg(f'<g class="bubble" data-kind="{b.kind}">{rim}{_text(balloon, family)}</g>')


def _rim(balloon: Balloon) -> str:
    x, y, a, b = balloon.x, balloon.y, balloon.setting.a, balloon.setting.b
    if balloon.bubble.kind == "shout":
        return burst(x, y, a * 1.04, b * 1.04, seed=balloon.seed)
    if balloon.bubble.kind == "caption":
        corners = [(x - a, y - b), (x + a, y - b), (x + a, y + b), (x - a, y + b)]
        return polygon(corners, 5, seed=balloon.seed, amount=1.4)
    return spline(superellipse(x, y, a, b, typeset.BUBBLE.power), seed=balloon.seed, amount=1)


def _tail(balloon: Balloon) -> list[str]:
    if balloon.tip is None:
        return []
    (tx, ty), a, b = balloon.tip, balloon.setting.a, balloon.setting.b
    sx, sy = root((balloon.x, balloon.y), balloon.setting, balloon.tip)
    length = math.hypot(tx - sx, ty - sy) or 1.0
    ux, uy = (tx - sx) / length, (ty - sy) / length
    # Where the ray leaves the bubble: the last point along it that is still inside.
    inside = max(
        (
            step * length / 200
            for step in range(201)
            if (abs(sx + ux * step * length / 200 - balloon.x) / a) ** typeset.BUBBLE.power
            + (abs(sy + uy * step * length / 200 - balloon.y) / b) ** typeset.BUBBLE.power
            <= 1
        ),
        default=0.0,
    )
    bx, by = sx + ux * (inside - 6), sy + uy * (inside - 6)
    if balloon.bubble.kind == "think":
        return [
            ellipse(bx + (tx - bx) * share, by + (ty - by) * share, r, r * 0.85)
            for share, r in ((0.45, 10.0), (0.72, 7.0), (0.95, 4.5))
        ]
    # A long tail is slimmer at its root, and every tail bends a little, as a pen would draw it.
    half = TAIL - min(length / 60, 5)
    bend = 0.07 * length * (1 if ux >= 0 else -1)
    mx, my = (bx + tx) / 2 + uy * bend, (by + ty) / 2 - ux * bend
    wedge = (
        f"M{pair(bx - uy * half, by + ux * half)}Q{pair(mx - uy * 4, my + ux * 4)} {pair(tx, ty)}"
        f"Q{pair(mx + uy * 4, my - ux * 4)} {pair(bx + uy * half, by - ux * half)}Z"
    )
    return [wedge]


def _text(balloon: Balloon, family: str) -> str:
    setting = balloon.setting
    spans = ""
    for i, (line, y) in enumerate(zip(setting.lines, setting.baselines(), strict=True), 1):
        # The space between two lines is kept for copying and searching; it must not move the line.
        space = " " if i < len(setting.lines) and balloon.space else ""
        x = balloon.x + (balloon.space * setting.size / 2 if space else 0)
        spans += (
            f'<tspan x="{x:.2f}" y="{number(balloon.y + y)}">{html.escape(line, quote=False)}{space}</tspan>'
        )
    box = " ".join(number(value) for value in balloon.box)
    return (
        f'<text data-box="{box}" font-family="{family}" font-size="{number(setting.size)}" fill="{INK}" '
        f'text-anchor="middle">{spans}</text>'
    )
