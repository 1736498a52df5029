"""The brush: how a shape is inked and shaded, the same way everywhere in the strip.

The templates in `comics/art` say what is drawn; this module says how a line looks. Light comes
from the upper left, every shadow leans to violet, and outlines are heavier on the shadow side.
There are no boolean path operations: a shaded shape is its silhouette in the shadow colour with
a slightly smaller copy in the light colour on top, pulled towards a point inside the shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from comics.geometry import Point, number, pair, spline

INK = "#2b2036"
SHADOW = "#6b3f86"
LIGHT = "#fffdf0"
PALETTE = {
    "ink": INK,
    "persimmon": "#ee6c4a",
    "yolk": "#f9c250",
    "jade": "#4fb9a4",
    "plum": "#80508f",
    "rose": "#f7a9a5",
    "broth": "#c98548",
    "paper": "#fff4e0",
    "cream": "#fffaf0",
    "bubble": "#fffdf8",
    "fur": "#fff0d9",
    "patch": "#5b4763",
    "noodle": "#fbe2a0",
    "tear": "#bfe6f2",
    "mouth": "#8c2b3f",
    "tongue": "#f08a80",
}


def svg(content: str) -> Markup:
    """Mark our own drawing as SVG, not to be escaped; texts are escaped where they enter."""
    return Markup(content)  # noqa: S704


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from one #rrggbb to another."""
    pairs = [(int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def shadow(colour: str, share: float = 0.3) -> str:
    """The same colour in the shade."""
    return mix(colour, SHADOW, share)


def light(colour: str, share: float = 0.5) -> str:
    """The same colour where the light falls."""
    return mix(colour, LIGHT, share)


@dataclass(frozen=True)
class Brush:
    """Draws with one line width (drawing units).

    Each shape is as few elements as its look allows, and no element refers to another: in a browser a
    `<use>` costs twice the style and layout of the path itself, and gzip folds repeated path data anyway.
    """

    width: float

    def sized(self, width: float) -> "Brush":
        """The same brush with another line width."""
        return Brush(width)

    def _element(self, data: str, attributes: str) -> str:
        return f'<path d="{data}"{attributes}/>'

    def fill(self, data: str, colour: str) -> Markup:
        """A flat area without an outline."""
        return svg(self._element(data, f' fill="{colour}"'))

    def line(self, data: str, width: float = 0.72, colour: str = INK) -> Markup:
        """A line; its width is a multiple of the brush."""
        return self.stroke(data, self.width * width, colour)

    def stroke(self, data: str, width: float, colour: str = INK) -> Markup:
        """A line with a width in drawing units."""
        return svg(self._element(data, f' fill="none" stroke="{colour}" stroke-width="{number(width)}"'))

    def shape(
        self,
        data: str,
        colour: str,
        *,
        lit: Sequence[float] | None = None,
        depth: float = 0.1,
        width: float = 1.0,
        drop: float = 1.0,
        shade: str | None = None,
        inner: str = "",
    ) -> Markup:
        """A shaded, outlined shape.

        `lit` is the point inside the shape that the light comes from; without it the colour is flat.
        `depth` is how much smaller the lit part is, `drop` how far the heavier side of the outline
        goes, `inner` what is drawn on the surface, under the outline.
        """
        stroke = f' stroke="{INK}" stroke-width="{number(self.width * width)}"'
        parts = []
        if drop:
            move = _moved(drop * self.width * 0.28, drop * self.width * 0.36)
            parts.append(self._element(data, f' fill="none"{stroke}{move}'))
        if lit is None and not inner:
            parts.append(self._element(data, f' fill="{colour}"{stroke}'))
            return svg("".join(parts))
        if lit is None:
            parts.append(self._element(data, f' fill="{colour}"'))
        else:
            size = 1 - depth
            move = pair(lit[0] * depth, lit[1] * depth)
            parts.append(self._element(data, f' fill="{shade or shadow(colour)}"'))
            parts.append(
                self._element(data, f' fill="{colour}" transform="translate({move}) scale({size:.3g})"')
            )
        parts += [inner, self._element(data, f' fill="none"{stroke}')]
        return svg("".join(parts))

    def limb(self, points: Sequence[Point], width: float, colour: str) -> Markup:
        """A rubber-hose arm or leg along `points`."""
        data = spline(points, closed=False, tension=1 / 4.2)
        outline = width + 2 * self.width
        strokes = (
            (outline, INK, _moved(self.width * 0.2, self.width * 0.28)),
            (outline - 0.6, INK, ""),
            (width, shadow(colour), ""),
            (max(width - 3.4, 2), colour, _moved(-1.3, -1.5)),
        )
        return svg("".join(self._blob(data, *stroke) for stroke in strokes))

    def union(self, parts: Sequence[tuple[str, float]], colour: str, *, width: float = 1.0) -> Markup:
        """Blobs that melt into one outlined shape: (path data, thickness) pairs, thickness 0 = filled area.

        All of them are drawn in ink and swollen, then all of them in colour: no seam shows inside. Those of
        one thickness are one element.
        """
        line = self.width * width
        blobs: dict[tuple[bool, float], str] = {}
        for data, thickness in parts:
            kind = data.endswith("Z"), thickness
            blobs[kind] = blobs.get(kind, "") + data
        layers = (
            (2 * line, INK, _moved(self.width * 0.22, self.width * 0.3)),
            (2 * line, INK, ""),
            (0.0, shadow(colour), ""),
            (-1.6, colour, _moved(-1, -1.2)),
        )
        return svg(
            "".join(
                self._blob(data, max(thickness + swell, 0), hue, move)
                for swell, hue, move in layers
                for (_, thickness), data in blobs.items()
            )
        )

    def _blob(self, data: str, thickness: float, colour: str, move: str) -> str:
        fill = colour if data.endswith("Z") or not thickness else "none"
        stroke = f' stroke="{colour}" stroke-width="{number(thickness)}"' if thickness else ""
        return self._element(data, f' fill="{fill}"{stroke}{move}')


def _moved(x: float, y: float) -> str:
    return f' transform="translate({pair(x, y)})"'
