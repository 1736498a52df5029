"""Font files: their widths and kerning as plain numbers, and the part of one that a picture embeds.

Reads with fontTools, cuts with HarfBuzz; `comics.typeface` holds what comes of it, and needs neither.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Any

import uharfbuzz as hb
from fontTools.ttLib import TTFont

from comics.typeface import Typeface

# Name ids: family, style, full name, PostScript name. The others would name the original family.
FAMILY_IDS = {1: "{}", 2: "Regular", 4: "{}", 6: "{}-Regular"}
LICENCE_IDS = (13, 14)
REGULAR = 400


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
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(map(ord, "".join(text)))
    wanted.layout_feature_tag_set.set(map(int.from_bytes, [b"kern"]))
    wanted.name_id_set.set({*FAMILY_IDS, *LICENCE_IDS})
    wanted.drop_table_tag_set.update(map(int.from_bytes, [b"GSUB", b"vhea", b"vmtx", b"GDEF"]))
    wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NAME_LEGACY
    few = hb.subset(hb.Face(typeface.font), wanted).blob.data
    font = TTFont(io.BytesIO(few), recalcTimestamp=False)
    for number, name in FAMILY_IDS.items():
        font["name"].setName(name.format(family), number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = REGULAR
    font["OS/2"].fsSelection = 0x40
    font["head"].macStyle = 0
    font.flavor = flavor
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()
