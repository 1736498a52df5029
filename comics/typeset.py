"""Break and fit text into a bubble: the largest size at which it fits, in balanced lines.

English and Korean break at spaces only. Japanese breaks between BudouX phrases and, where no size
allows that, wherever the kinsoku rules do. In all three no line starts or ends with a mark that must not,
whatever spaces somebody has typed around it. Lengths are drawing units; widths come from a `Typeface`.
Knows nothing of strips or SVG.
"""

import bisect
import functools
import itertools
import re
from dataclasses import dataclass

import budoux

from comics.errors import FitError
from comics.typeface import Typeface

# Marks that must not start a line, and those that must not end one (JIS X 4051, the part comics need).
NO_START = "、。，．・：；？！?!,.:;)]）」』】〕〉》ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ…‥〜々%％”’"
NO_END = "「『（【〔〈《([￥$“‘"
# Spaces at which a line may end, and which are dropped there; a no-break space ties what is around it.
SPACES, TIE = " \u3000", "\u00a0"
# Two characters of one word or number in Latin letters, with its marks.
LATIN = re.compile("[!-~\u00a1-\u024f’]{2}")
SENTENCE_END, CLAUSE_END = ".!?…！？。", "、,:;"
CLOSING = "”’」』）)"
LEADING = {"ko": 1.16, "ja": 1.2}
LATIN_LEADING = 1.08
STEP = 0.5
MARGIN = 13.0
# The far edge of a line from its middle, in em: the height of capitals, hangul and kana.
HALF_LINE = 0.42
# What a line break costs, beside the square of how far the line is from its ideal share of the width.
ONE_LINE, AFTER_SENTENCE, AFTER_CLAUSE, ELSEWHERE, INSIDE = 0.03, -0.14, 0.0, 0.1, 0.6
# A sentence that begins at the end of a line, the less of it the worse; a last line of one word alone.
BROKEN_SENTENCE, LAST_WORD = 0.55, 0.16
# What a smaller type costs: going from 34 to 30 is worth about one better break.
SMALLER = 1.1
# Half of the room in steps of two per cent, from a fifth of it.
SHARES = [i / 200 for i in range(20, 101, 2)]
# A bubble is wider than high; narrower ones look like balloons.
SLIMMEST = 1.15


@dataclass(frozen=True)
class Outline:
    """A superellipse of this `power` that text is set in: 2 an ellipse, 2.8 a bubble, 20 a box."""

    power: float = 2.8
    margin: float = MARGIN

    def room(self, a: float, b: float, y: float) -> float:
        """The width of the outline with half axes a, b at distance y from its middle, less the margin."""
        a, b = a - self.margin, b - self.margin
        if a <= 0 or y >= b:
            return 0.0
        return 2 * a * float((1 - (y / b) ** self.power) ** (1 / self.power))


BUBBLE, SHOUT, CAPTION = Outline(), Outline(2.0, 4.0), Outline(20.0, 9.0)


@dataclass(frozen=True)
class Setting:
    """A text, set: its lines, size and line height, and the half axes of the outline that holds them."""

    lines: tuple[str, ...]
    size: float
    leading: float
    a: float
    b: float

    def baselines(self) -> list[float]:
        """The y of each line, from the middle of the outline."""
        first = -(len(self.lines) - 1) * self.leading / 2 + self.size * 0.35
        return [first + i * self.leading for i in range(len(self.lines))]


@functools.cache
def _phrases() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


def normal(text: str) -> str:
    """The text with each run of white space as one space, and none at its ends."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(SPACES)


def breaks(text: str, language: str, *, anywhere: bool = False) -> list[int]:
    """Where a line may start, as positions in the text, the start and the end included.

    `anywhere` allows every place that kinsoku allows, inside Japanese phrases too.
    """
    if language == "ja":
        phrases = set(itertools.accumulate(map(len, _phrases().parse(text))))
        spots = [
            spot
            for spot in range(1, len(text))
            if anywhere or spot in phrases or text[:spot].rstrip(SPACES)[-1:] in SENTENCE_END + CLAUSE_END
        ]
    else:
        spots = [found.end() for found in re.finditer(" ", text)]
    return [0, *(spot for spot in spots if _legal(text, spot)), len(text)]


def _legal(text: str, spot: int) -> bool:
    before, after = text[spot - 1], text[spot]
    tied = before == TIE or (after == TIE and before not in SPACES)
    if tied or LATIN.match(text, spot - 1):
        return False
    # Spaces are not seen: what counts are the marks around them.
    ends, starts = text[:spot].rstrip(SPACES + TIE)[-1:], text[spot:].lstrip(TIE)[:1]
    return ends not in NO_END and starts not in NO_START + SPACES


class _Text:
    """A text cut at the places where its lines may break, with what each piece measures and costs."""

    def __init__(self, text: str, language: str, typeface: Typeface, *, anywhere: bool) -> None:
        spots = breaks(text, language, anywhere=anywhere)
        phrases = set(breaks(text, language))
        spans = list(itertools.combinations(range(len(spots)), 2))
        self.typeface = typeface
        self.leading = LEADING.get(language, LATIN_LEADING)
        self.last = len(spots) - 1
        self.pieces = {(s, e): text[spots[s] : spots[e]].rstrip(SPACES) for s, e in spans}
        self.widths = {span: typeface.width(piece) for span, piece in self.pieces.items()}
        self.tastes = {
            (s, e): self._taste(s, e) + (INSIDE if spots[e] not in phrases else 0.0) for s, e in spans
        }

    def _taste(self, start: int, end: int) -> float:
        """What it costs to have this line, beyond its width: sense goes before shape."""
        line = self.pieces[start, end]
        mark = line.rstrip(CLOSING)[-1:]
        if end == self.last:
            before = self.pieces[start - 1, start].rstrip(CLOSING)[-1:] if start else ""
            alone = before and before not in SENTENCE_END + CLAUSE_END and end - start == 1
            return LAST_WORD if alone else 0.0
        if mark in SENTENCE_END:
            return AFTER_SENTENCE
        cost = AFTER_CLAUSE if mark in CLAUSE_END else ELSEWHERE
        begun = max(line.rfind(stop) for stop in SENTENCE_END) + 1
        if begun:
            cost += BROKEN_SENTENCE * self.typeface.width(line[:begun]) / self.widths[start, end]
        return cost

    def lines(
        self, size: float, room: tuple[float, float], outline: Outline
    ) -> tuple[float, tuple[str, ...]] | None:
        """The cheapest lines at this size and their cost, by a dynamic programme over the breaks."""
        best: tuple[float, list[int]] | None = None
        leading = size * self.leading
        for count in range(1, min(self.last, int(room[1] / leading) + 1) + 1):
            rooms = [outline.room(room[0] / 2, room[1] / 2, y) / size for y in _edges(count, size, leading)]
            if not all(rooms):
                break
            ways: dict[int, tuple[float, list[int]]] = {0: (ONE_LINE * count, [0])}
            for available in rooms:
                ways = self._one_more(ways, available, sum(rooms), max(rooms))
            if self.last in ways and (best is None or ways[self.last][0] < best[0]):
                best = ways[self.last]
        if best is None:
            return None
        return best[0], tuple(self.pieces[span] for span in itertools.pairwise(best[1]))

    def _one_more(
        self, ways: dict[int, tuple[float, list[int]]], available: float, total: float, widest: float
    ) -> dict[int, tuple[float, list[int]]]:
        """Add a line: the cheapest way to have set the text up to each break."""
        ideal = self.widths[0, self.last] * available / total
        longer: dict[int, tuple[float, list[int]]] = {}
        for start, (cost, path) in ways.items():
            for end in range(start + 1, self.last + 1):
                width = self.widths[start, end]
                if width > available:
                    break
                new = cost + ((width - ideal) / widest) ** 2 + self.tastes[start, end]
                if end not in longer or new < longer[end][0]:
                    longer[end] = (new, [*path, end])
        return longer

    def tight(
        self, lines: tuple[str, ...], size: float, room: tuple[float, float], outline: Outline
    ) -> Setting:
        """Shrink the outline to the lines: the smallest area in steps of two per cent."""
        widths = [self.typeface.width(line) * size for line in lines]
        leading = size * self.leading
        edges = _edges(len(lines), size, leading)
        widest = [room[0] * share for share in SHARES]

        def fits(b: float, a: float) -> bool:
            slim = a < SLIMMEST * b and 2 * a != room[0]
            return not slim and all(
                outline.room(a, b, y) >= width for y, width in zip(edges, widths, strict=True)
            )

        # Whatever is wide enough stays so when it grows: for each height, halve the way to the least width.
        found = []
        for b in (room[1] * share for share in SHARES):
            least = bisect.bisect_left(widest, True, key=functools.partial(fits, b))
            if least < len(widest):
                found.append((widest[least] * b, widest[least], b))
        _, a, b = min(found)
        return Setting(lines, size, leading, a, b)


def fit(
    text: str,
    language: str,
    typeface: Typeface,
    room: tuple[float, float],
    *,
    sizes: tuple[float, float],
    outline: Outline = BUBBLE,
) -> Setting:
    """Set a text into an outline of at most `room` (width, height), as large and as well as it goes.

    `sizes` are the smallest and the largest type to try.

    Raises:
        FitError: a glyph is missing, or the text does not fit at the smallest size.
    """
    text = normal(text)
    if missing := typeface.missing(text):
        names = ", ".join(f'"{character}" (U+{ord(character):04X})' for character in missing)
        raise FitError(
            f'the font {typeface.name} has no glyph for {names} in "{text}"; write it without',
            "glyph",
            characters=" ".join(missing),
        )
    smallest, largest = sizes
    steps = [largest - STEP * i for i in range(int((largest - smallest) / STEP) + 1)]
    for anywhere in (False, True) if language == "ja" else (False,):
        cut = _Text(text, language, typeface, anywhere=anywhere)
        ways = [
            (found[0] + SMALLER * (1 - size / largest), -size, found[1])
            for size in steps
            if (found := cut.lines(size, room, outline))
        ]
        if ways:
            _, size, lines = min(ways)
            return cut.tight(lines, -size, room, outline)
    raise FitError(
        f'"{text}" does not fit: the room is {room[0]:.0f} x {room[1]:.0f} units, and at the smallest size, '
        f"{smallest:g}, it needs about {_need(cut, room, smallest, outline)}; shorten the text or give the "
        "bubble more room",
        "room",
    )


def _edges(count: int, size: float, leading: float) -> list[float]:
    """How far each line's far edge is from the middle."""
    return [abs(i - (count - 1) / 2) * leading + size * HALF_LINE for i in range(count)]


def _need(cut: _Text, room: tuple[float, float], size: float, outline: Outline) -> str:
    """The room of the same proportions that would be enough at this size."""
    for percent in range(105, 1000, 5):
        larger = (room[0] * percent / 100, room[1] * percent / 100)
        if cut.lines(size, larger, outline):
            return f"{larger[0]:.0f} x {larger[1]:.0f} units"
    return "ten times that"
