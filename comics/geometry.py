"""Curves and outlines of the drawings: points in, SVG path data out.

Knows nothing of colours, characters or panels. Everything is deterministic: the hand-drawn wobble
comes from a seed. Lengths are drawing units, angles are degrees, y points down as in SVG.

A point is `(x, y)`, or `(x, y, "c")` for a corner, where a curve has no tangent.
"""

import math
import random
from collections.abc import Sequence

Point = Sequence[float | str]
# A circle of radius 1 is four cubic curves with handles of this length.
CIRCLE_HANDLE = 0.5523


def number(value: float) -> str:
    """Write a length with at most one decimal, and no more characters than needed."""
    text = f"{value:.1f}".removesuffix(".0")
    if text in {"-0", "0"}:
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def pair(x: float, y: float) -> str:
    """Write two coordinates; a minus sign is separator enough."""
    second = number(y)
    return f"{number(x)}{'' if second.startswith('-') else ' '}{second}"


def _xy(point: Point) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def wobble(points: Sequence[Point], seed: int | None, amount: float) -> list[Point]:
    """Move each point by up to `amount` units, so that a line looks drawn by hand."""
    if seed is None:
        return list(points)
    rng = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    return [
        (float(p[0]) + rng.uniform(-amount, amount), float(p[1]) + rng.uniform(-amount, amount), *p[2:])
        for p in points
    ]


def spline(
    points: Sequence[Point],
    *,
    closed: bool = True,
    seed: int | None = None,
    amount: float = 0.7,
    tension: float = 1 / 6,
) -> str:
    """A smooth (Catmull-Rom) curve through `points`, sharp at corner points."""
    nodes = wobble(points, seed, amount)
    count = len(nodes)

    def tangent(i: int) -> tuple[float, float]:
        if len(nodes[i]) > 2:  # noqa: PLR2004 - marked as a corner
            return 0.0, 0.0
        before = nodes[i - 1] if closed or i > 0 else nodes[i]
        after = nodes[(i + 1) % count] if closed or i < count - 1 else nodes[i]
        (ax, ay), (bx, by) = _xy(before), _xy(after)
        return (bx - ax) * tension, (by - ay) * tension

    data = "M" + pair(*_xy(nodes[0]))
    for i in range(count if closed else count - 1):
        j = (i + 1) % count
        (px, py), (qx, qy) = _xy(nodes[i]), _xy(nodes[j])
        (ax, ay), (bx, by) = tangent(i), tangent(j)
        data += f"C{pair(px + ax, py + ay)} {pair(qx - bx, qy - by)} {pair(qx, qy)}"
    return data + ("Z" if closed else "")


def polygon(
    points: Sequence[Point],
    radius: float | Sequence[float] = 0,
    *,
    seed: int | None = None,
    amount: float = 0.7,
) -> str:
    """A closed polygon with rounded corners; a list of radii is repeated round the polygon."""
    nodes = [_xy(p) for p in wobble(points, seed, amount)]
    radii = [radius] if isinstance(radius, int | float) else radius
    data = ""
    for i, (x, y) in enumerate(nodes):

        def towards(
            other: tuple[float, float], x: float = x, y: float = y, i: int = i
        ) -> tuple[float, float]:
            length = math.hypot(other[0] - x, other[1] - y) or 1.0
            share = min(float(radii[i % len(radii)]), length * 0.48) / length
            return x + (other[0] - x) * share, y + (other[1] - y) * share

        if not radii[i % len(radii)]:
            data += f"{'L' if data else 'M'}{pair(x, y)}"
            continue
        start, end = towards(nodes[i - 1]), towards(nodes[(i + 1) % len(nodes)])
        data += f"{'L' if data else 'M'}{pair(*start)}Q{pair(x, y)} {pair(*end)}"
    return data + "Z"


def ellipse(x: float, y: float, rx: float, ry: float) -> str:
    """An ellipse as path data, so that it can be one part of a larger path."""
    return (
        f"M{pair(x - rx, y)}A{number(rx)} {number(ry)} 0 1 1 {pair(x + rx, y)}"
        f"A{number(rx)} {number(ry)} 0 1 1 {pair(x - rx, y)}Z"
    )


def lidded(x: float, y: float, rx: float, ry: float, span: tuple[float, float]) -> str:
    """The part of an ellipse under an eyelid: clockwise from one angle to the other, then straight."""
    start, end = span
    first, last = math.radians(start), math.radians(end)
    large = int((end - start) % 360 > 180)  # noqa: PLR2004
    return (
        f"M{pair(x + rx * math.cos(first), y + ry * math.sin(first))}"
        f"A{number(rx)} {number(ry)} 0 {large} 1 {pair(x + rx * math.cos(last), y + ry * math.sin(last))}Z"
    )


def star(
    x: float, y: float, outer: float, inner: float, points: int = 5, *, turn: float = -90
) -> list[Point]:
    """The corners of a star, the first one at angle `turn`."""
    corners: list[Point] = []
    for i in range(2 * points):
        angle = math.radians(turn + 180 * i / points)
        radius = inner if i % 2 else outer
        corners.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return corners


def superellipse(x: float, y: float, a: float, b: float, power: float, *, count: int = 28) -> list[Point]:
    """Points on |x/a|^p + |y/b|^p = 1, by angle, clockwise from the right."""
    points: list[Point] = []
    for i in range(count):
        c, s = math.cos(2 * math.pi * i / count), math.sin(2 * math.pi * i / count)
        k = (abs(c) ** power + abs(s) ** power) ** (-1 / power)
        points.append((x + a * k * c, y + b * k * s))
    return points


def burst(x: float, y: float, a: float, b: float, *, spikes: int = 14, seed: int = 1) -> str:
    """The jagged outline of a shout; its inner corners lie on the ellipse with half axes a, b."""
    rng = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    corners: list[Point] = []
    for i in range(2 * spikes):
        angle = math.pi * (i + (0 if i % 2 else rng.uniform(-0.22, 0.22))) / spikes + 0.1
        k = 1.0 if i % 2 else 1.2 + rng.uniform(-0.03, 0.1)
        corners.append((x + a * k * math.cos(angle), y + b * k * math.sin(angle)))
    return polygon(corners)


def clipped(points: Sequence[tuple[float, float]], width: float, height: float) -> list[tuple[float, float]]:
    """The part of a convex polygon inside a box from the origin (Sutherland and Hodgman, 1974)."""
    found = list(points)
    for axis, edge, sign in ((0, 0.0, 1), (0, width, -1), (1, 0.0, 1), (1, height, -1)):
        corners, found = found, []
        for before, after in zip(corners[-1:] + corners[:-1], corners, strict=True):
            first, second = (sign * (point[axis] - edge) for point in (before, after))
            if (first < 0) != (second < 0):
                share = first / (first - second)
                found.append(
                    (before[0] + share * (after[0] - before[0]), before[1] + share * (after[1] - before[1]))
                )
            if second >= 0:
                found.append(after)
    return found


def focus_lines(
    x: float,
    y: float,
    near: float,
    far: float,
    count: int,
    *,
    room: tuple[float, float],
    width: float = 6,
    seed: int = 1,
) -> str:
    """Thin wedges that point at (x, y) from `far` to about `near`, as around a surprise, inside a `room`."""
    rng = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    data = ""
    for i in range(count):
        angle = 2 * math.pi * (i + rng.uniform(-0.3, 0.3)) / count
        start, half = near * rng.uniform(0.95, 1.3), width * rng.uniform(0.6, 1.6) / far
        wedge = [
            (x + radius * math.cos(angle + side), y + radius * math.sin(angle + side))
            for radius, side in ((start, 0.0), (far, -half), (far, half))
        ]
        corners = clipped(wedge, *room)
        data += "".join(f"{'L' if i else 'M'}{pair(*corner)}" for i, corner in enumerate(corners))
        data += "Z" if corners else ""
    return data


def halftone(
    width: float, height: float, step: float, start: float, end: float, *, largest: float = 9
) -> list[tuple[float, str]]:
    """Rows of dots that grow from height `start` (nothing) to `end` (largest): (diameter, path) pairs.

    The paths are lines, to be dashed with no dash and a gap of `step`, and drawn with round caps: far smaller
    than circles, and rows of one diameter are one path.
    """
    rows: dict[float, str] = {}
    low, high = sorted((start, end))
    y, odd = low, False
    while y <= min(high, height):
        share = (y - start) / (end - start)
        diameter = round(2 * largest * max(share, 0) ** 0.7) / 2
        if diameter > 1:
            rows[diameter] = rows.get(diameter, "") + f"M{pair(step / 2 if odd else 0, y)}H{number(width)}"
        y, odd = y + step / 2, not odd
    return list(rows.items())
