"""What the typesetter knows of a font: plain numbers, taken from the font file with fontTools.

Shaping is advance widths plus pair kerning, and the font that a picture carries is cut down to just that,
so what is measured here is what a browser shows. `tests/comics` holds it against HarfBuzz.
"""

import base64
import dataclasses
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

# Name ids: family, style, full name, PostScript name. The others would name the original family.
FAMILY_IDS = {1: "{}", 2: "Regular", 4: "{}", 6: "{}-Regular"}
LICENCE_IDS = (13, 14)
REGULAR = 400


@dataclasses.dataclass(frozen=True)
class Typeface:
    """A font's widths in font units: `advances` by character, `kerns` by pair of characters.

    `font` is the font file (TTF) that pictures embed a part of; without it they only name the family.
    """

    name: str
    units_per_em: int
    advances: Mapping[str, int] = dataclasses.field(repr=False)
    kerns: Mapping[str, int] = dataclasses.field(repr=False)
    font: bytes = dataclasses.field(default=b"", repr=False)

    def width(self, text: str) -> float:
        """The width of a line of text in em.

        Raises:
            KeyError: the font has no glyph for a character.
        """
        units = sum(self.advances[character] for character in text)
        units += sum(self.kerns.get(text[i : i + 2], 0) for i in range(len(text) - 1))
        return units / self.units_per_em

    def missing(self, text: str) -> list[str]:
        """The characters of a text that the font cannot write, each once."""
        return [character for character in dict.fromkeys(text) if character not in self.advances]


def read(data: bytes) -> Typeface:
    """A typeface from a font file (TTF, WOFF or WOFF2)."""
    font = TTFont(io.BytesIO(data))
    characters = {glyph: [] for glyph in font.getGlyphOrder()}  # type: dict[str, list[str]]
    for code, glyph in font.getBestCmap().items():
        characters[glyph].append(chr(code))
    kerns: dict[str, int] = {}
    for lookup in _kern_lookups(font):
        found: dict[tuple[str, str], int] = {}
        for pair, value in _pairs(lookup):
            found.setdefault(pair, value)
        for (first, second), value in found.items():
            for one in characters[first] if value else ():
                for other in characters[second]:
                    kerns[one + other] = kerns.get(one + other, 0) + value
    plain = io.BytesIO()
    font.flavor = None
    font.save(plain, reorderTables=False)
    return Typeface(
        name=font["name"].getBestFamilyName(),
        units_per_em=font["head"].unitsPerEm,
        advances={chr(code): font["hmtx"][glyph][0] for code, glyph in font.getBestCmap().items()},
        kerns=kerns,
        font=plain.getvalue(),
    )


def _kern_lookups(font: TTFont) -> Iterator[Any]:
    if "GPOS" not in font:
        return
    table = font["GPOS"].table
    wanted = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "kern"
        for index in record.Feature.LookupListIndex
    }
    for index in sorted(wanted):
        yield table.LookupList.Lookup[index]


def _pairs(lookup: Any) -> Iterator[tuple[tuple[str, str], int]]:
    """Every pair of glyphs of a kerning lookup; where a pair comes twice, the first one counts."""
    for table in lookup.SubTable:
        sub = getattr(table, "ExtSubTable", table)
        last = table is lookup.SubTable[-1]
        if sub.Format == 1:
            for first, pairs in zip(sub.Coverage.glyphs, sub.PairSet, strict=True):
                for record in pairs.PairValueRecord:
                    yield (first, record.SecondGlyph), _advance(record.Value1)
            continue
        seconds: dict[int, list[str]] = {}
        for glyph, group in sub.ClassDef2.classDefs.items():
            seconds.setdefault(group, []).append(glyph)
        for first in sub.Coverage.glyphs:
            row = sub.Class1Record[sub.ClassDef1.classDefs.get(first, 0)].Class2Record
            for group, glyphs in seconds.items():
                value = _advance(row[group].Value1)
                # A zero only matters where a later table has another value for the pair.
                for second in glyphs if value or not last else ():
                    yield (first, second), value


def _advance(value: Any) -> int:
    return int(getattr(value, "XAdvance", 0) or 0)


def part(typeface: Typeface, text: Iterable[str], family: str, *, flavor: str | None = "woff2") -> bytes:
    """A font file with only the glyphs of `text`, renamed to `family` so that resvg finds it.

    The same characters give the same bytes.
    """
    options = subset.Options()
    options.flavor = flavor
    options.layout_features = ["kern"]
    options.hinting = False
    options.name_IDs = [*FAMILY_IDS, *LICENCE_IDS]
    options.name_legacy = True
    options.notdef_outline = False
    options.drop_tables += ["GSUB", "vhea", "vmtx", "GDEF"]
    options.recalc_timestamp = False
    font = subset.load_font(io.BytesIO(typeface.font), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(set("".join(text)))))
    subsetter.subset(font)
    for number, name in FAMILY_IDS.items():
        font["name"].setName(name.format(family), number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = REGULAR
    font["OS/2"].fsSelection = 0x40
    font["head"].macStyle = 0
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    return buffer.getvalue()


def face_rule(typeface: Typeface, text: Iterable[str], family: str) -> str:
    """The `@font-face` rule that embeds the glyphs of `text`; empty without a font file."""
    if not typeface.font:
        return ""
    data = base64.b64encode(part(typeface, text, family)).decode("ascii")
    return f"@font-face{{font-family:{family};src:url(data:font/woff2;base64,{data})format('woff2')}}"
