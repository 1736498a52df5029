"""What a panel must keep apart: bubbles from its edges, from faces and from each other, tails from strangers.

Knows nothing of languages or pictures; it looks at bubbles that are set and at where the heads are.
"""

import itertools
from collections.abc import Iterator

from comics import balloon, typeset
from comics.balloon import SPIKES, Balloon
from comics.cast import CAST, Ellipse
from comics.errors import FitError
from comics.geometry import superellipse
from comics.strip import HEIGHT, Actor, Inset, Panel

Spot = tuple[float, float]
STEPS = 24
ROUND = 2.0


def check(panel: Panel, balloons: list[Balloon], width: int) -> None:
    """Refuse a panel in which a bubble or a tail lies where it must not.

    Raises:
        FitError: naming the bubble by its number, and what it runs into.
    """
    size = (width, HEIGHT)
    actors = [item for item in panel.scene.stage if isinstance(item, Actor)]
    faces = [(actor, balloon.head(actor, panel.scene, size)[0]) for actor in actors]
    for number, inset in enumerate(panel.insets, 1):
        _check_inset(number, inset, balloons, faces, width)
    for index, placed in enumerate(balloons, 1):
        rim = list(outline(placed))
        if any(not (0 <= x <= width and 0 <= y <= HEIGHT) for x, y in rim):
            raise FitError(
                f"bubble {index} leaves its panel of {width} x {HEIGHT} units; give it a place inside",
                "outside",
                bubble=index,
            )
        for actor, face in faces:
            name = CAST[actor.character].name
            if any(_in(face, spot) for spot in rim) or within(placed, face[:2]):
                raise FitError(
                    f"bubble {index} lies over the face of {name}; move its place",
                    "face",
                    bubble=index,
                    name=name,
                )
            own = actor.character == placed.bubble.speaker
            if not own and any(_in(face, spot) for spot in tail(placed)):
                raise FitError(
                    f"the tail of bubble {index} crosses the face of {name}; move its place or give it a tip",
                    "tail-face",
                    bubble=index,
                    name=name,
                )
    for (i, first), (j, second) in itertools.permutations(enumerate(balloons, 1), 2):
        if i < j and (
            any(within(second, spot) for spot in outline(first))
            or any(within(first, spot) for spot in outline(second))
        ):
            raise FitError(
                f"bubble {i} and bubble {j} overlap; move one of their places", "overlap", bubble=i, other=j
            )
        if any(within(second, spot) for spot in tail(first)):
            raise FitError(
                f"the tail of bubble {i} crosses bubble {j}; move one of their places",
                "tail-bubble",
                bubble=i,
                other=j,
            )


def _check_inset(
    number: int, inset: Inset, balloons: list[Balloon], faces: list[tuple[Actor, Ellipse]], width: int
) -> None:
    x, y, wide, high = inset.place
    if x < 0 or y < 0 or x + wide > width or y + high > HEIGHT:
        raise FitError(f"inset {number} leaves its panel of {width} x {HEIGHT} units; give it a place inside")

    def covered(spot: Spot) -> bool:
        return x < spot[0] < x + wide and y < spot[1] < y + high

    middle = x + wide / 2, y + high / 2
    for actor, face in faces:
        fx, fy, rx, ry = face
        if any(covered((float(px), float(py))) for px, py, *_ in superellipse(fx, fy, rx, ry, ROUND)):
            raise FitError(
                f"inset {number} lies over the face of {CAST[actor.character].name}; move its place"
            )
    for index, placed in enumerate(balloons, 1):
        if within(placed, middle) or any(covered(spot) for spot in (*outline(placed), *tail(placed))):
            raise FitError(
                f"bubble {index} lies over inset {number}; move one of their places", "inset", bubble=index
            )


def outline(placed: Balloon) -> Iterator[Spot]:
    """Points on the rim of a bubble, its tail left out."""
    a, b, power = _axes(placed)
    if placed.bubble.kind == "caption":
        yield from itertools.product((placed.x - a, placed.x + a), (placed.y - b, placed.y + b))
    else:
        for x, y, *_ in superellipse(placed.x, placed.y, a, b, power, count=STEPS):
            yield float(x), float(y)


def within(placed: Balloon, spot: Spot) -> bool:
    """Whether a point lies inside a bubble's rim."""
    a, b, power = _axes(placed)
    x, y = abs(spot[0] - placed.x) / a, abs(spot[1] - placed.y) / b
    return max(x, y) <= 1 if placed.bubble.kind == "caption" else x**power + y**power <= 1


def tail(placed: Balloon) -> Iterator[Spot]:
    """Points along a bubble's tail, outside the bubble."""
    if placed.tip is None:
        return
    root = balloon.root((placed.x, placed.y), placed.setting, placed.tip)
    for step in range(1, STEPS + 1):
        share = step / STEPS
        spot = root[0] + (placed.tip[0] - root[0]) * share, root[1] + (placed.tip[1] - root[1]) * share
        if not within(placed, spot):
            yield spot


def _axes(placed: Balloon) -> tuple[float, float, float]:
    spread = SPIKES if placed.bubble.kind == "shout" else 1.0
    power = ROUND if placed.bubble.kind == "shout" else typeset.BUBBLE.power
    return placed.setting.a * spread, placed.setting.b * spread, power


def _in(ellipse: Ellipse, spot: Spot) -> bool:
    x, y, rx, ry = ellipse
    return ((spot[0] - x) / rx) ** 2 + ((spot[1] - y) / ry) ** 2 < 1
