"""Pictures for places that show no SVG: PNG by resvg, and a GIF that turns through the languages by Pillow.

Used by `scripts/comics.py` only: rendering itself needs neither library.
"""

import io
import pathlib
import tempfile
from collections.abc import Iterable, Sequence

import resvg_py
from PIL import Image

from comics.typeface import Typeface, part

# One palette for all pictures of a GIF, without dithering: flat colours stay flat, and small.
COLOURS = 128
SECONDS = 4


def png(svg: str, typeface: Typeface, text: Iterable[str], family: str, width: int) -> bytes:
    """A sheet as PNG, `width` pixels wide; resvg reads no `@font-face`, so it gets the glyphs as a file."""
    with tempfile.TemporaryDirectory() as folder:
        font = pathlib.Path(folder, "part.ttf")
        font.write_bytes(part(typeface, text, family, flavor=None))
        return bytes(
            resvg_py.svg_to_bytes(svg_string=svg, width=width, font_files=[str(font)], skip_system_fonts=True)
        )


def gif(pictures: Sequence[bytes]) -> bytes:
    """Pictures (PNG, of one size) as one endless GIF, some seconds each."""
    frames = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    both = Image.new("RGB", (frames[0].width, sum(frame.height for frame in frames)))
    top = 0
    for frame in frames:
        both.paste(frame, (0, top))
        top += frame.height
    palette = both.quantize(COLOURS, dither=Image.Dither.NONE)
    flat = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    buffer = io.BytesIO()
    flat[0].save(
        buffer, "GIF", save_all=True, append_images=flat[1:], duration=SECONDS * 1000, loop=0, optimize=False
    )
    return buffer.getvalue()
