"""What the typesetter knows of a font: plain numbers, taken from the font file by `comics.fontfile`.

Shaping is advance widths plus pair kerning, and the font that a picture carries is cut down to just that,
so what is measured here is what a browser shows. `tests/comics` holds it against HarfBuzz.
"""

import base64
import dataclasses
from collections.abc import Iterable, Mapping


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


def face_rule(typeface: Typeface, text: Iterable[str], family: str) -> str:
    """The `@font-face` rule that embeds the glyphs of `text`; empty without a font file."""
    if not typeface.font:
        return ""
    from comics.fontfile import part  # noqa: PLC0415 - where there is no font file, there is no fontTools

    data = base64.b64encode(part(typeface, text, family)).decode("ascii")
    return f"@font-face{{font-family:{family};src:url(data:font/woff2;base64,{data})format('woff2')}}"
