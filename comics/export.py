"""Pictures for places that show no SVG: PNG by resvg; GIF, WebP and PDF of several of them by Pillow.

Used by the command lines in `scripts/` only: rendering itself needs neither library.
"""

import io
import math
import time
from collections.abc import Iterable, Sequence

import resvg
from PIL import Image
from resvg import usvg

from comics.fontfile import part
from comics.ink import PALETTE
from comics.page import ROUND, SHEET_HEIGHT, SHEET_WIDTH, Piece
from comics.typeface import Typeface

# One palette for all pictures of a GIF, without dithering: flat colours stay flat, and small.
COLOURS = 128
SECONDS = 4
WEBP_QUALITY = 80
# More takes longer, and makes drawings hardly smaller.
COMPRESSION = 2
# A page of paper in dots, so that a sheet has a margin of some ten millimetres.
DPI, A4 = 220, (1819, 2573)
# A link preview, and how far down a sheet of its width it starts.
CARD, CARD_TOP = (1200, 630), 26


def backdrop(scenery: Iterable[Piece], width: int) -> Image.Image:
    """The paper of a sheet, `width` pixels wide, with its scenes: what the languages have in common."""
    paper = Image.new("RGB", (width, round(SHEET_HEIGHT * width / SHEET_WIDTH)), PALETTE["paper"])
    _laid(paper, scenery, usvg.Options.default())
    return paper


def lettered(
    behind: Image.Image, words: Iterable[Piece], face: Typeface, text: Iterable[str], family: str
) -> bytes:
    """A sheet as PNG: words over its backdrop. Scenes are drawn once, not once for each language."""
    whole = behind.copy()
    _laid(whole, words, _font(face, text, family))
    return _written(whole)


def _laid(paper: Image.Image, pieces: Iterable[Piece], options: usvg.Options) -> None:
    """Draw pieces of a sheet, each as a picture of its own, which ends where its box does.

    A clip in one large picture would cost more than all that is drawn.
    """
    scale = paper.width / SHEET_WIDTH
    for piece in pieces:
        (x, y), (corner_x, corner_y, wide, high) = piece.at, piece.box
        left, top = math.floor(x * scale), math.floor(y * scale)
        right, bottom = math.ceil((x + wide) * scale), math.ceil((y + high) * scale)
        view = (corner_x + left / scale - x, corner_y + top / scale - y)
        box = " ".join(f"{value:.4f}" for value in (*view, (right - left) / scale, (bottom - top) / scale))
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{right - left}" height="{bottom - top}" '
            f'viewBox="{box}" {ROUND}>{piece.content}</svg>'
        )
        drawn = resvg.render(usvg.Tree.from_str(svg, options), (1, 0, 0, 0, 1, 0))
        picture = Image.open(io.BytesIO(drawn)).convert("RGBA")
        paper.paste(picture, (left, top), picture)


def _font(typeface: Typeface, text: Iterable[str], family: str) -> usvg.Options:
    """The glyphs of a text for resvg, which reads no `@font-face`, and no font that happens to be here."""
    options = usvg.Options.default()
    options.load_font_data(part(typeface, text, family, flavor=None))
    return options


def png(svg: str, typeface: Typeface, text: Iterable[str], family: str, width: int) -> bytes:
    """One SVG picture as PNG, `width` pixels wide."""
    tree = usvg.Tree.from_str(svg, _font(typeface, text, family))
    wide, high = tree.int_size()
    height = math.ceil(high * width / wide)
    return resvg.render(tree, (width / wide, 0, 0, 0, height / high, 0), bg_size=(width, height))


def _written(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=COMPRESSION)
    return buffer.getvalue()


def card(picture: bytes) -> bytes:
    """A sheet (PNG, 1200 pixels wide) as a link preview: its title and its first two panels."""
    sheet = Image.open(io.BytesIO(picture)).convert("RGB")
    return _flat(sheet.crop((0, CARD_TOP, CARD[0], CARD_TOP + CARD[1])), 2 * COLOURS)


def flat(picture: bytes, colours: int = 2 * COLOURS) -> bytes:
    """A PNG in so many flat colours: what our drawings lose by it is their weight."""
    return _flat(Image.open(io.BytesIO(picture)).convert("RGB"), colours)


def _flat(picture: Image.Image, colours: int) -> bytes:
    buffer = io.BytesIO()
    picture.quantize(colours, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


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


def webp(pictures: Sequence[bytes]) -> bytes:
    """The same as an endless animated WebP: all colours, and smaller."""
    frames = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    buffer = io.BytesIO()
    frames[0].save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=SECONDS * 1000,
        loop=0,
        quality=WEBP_QUALITY,
    )
    return buffer.getvalue()


def pdf(pictures: Sequence[bytes], title: str) -> bytes:
    """Pictures (PNG, 1600 pixels wide) as a booklet to print: one to an A4 page."""
    pages = []
    for picture in pictures:
        sheet = Image.open(io.BytesIO(picture)).convert("RGB")
        page = Image.new("RGB", A4, "white")
        page.paste(sheet, ((A4[0] - sheet.width) // 2, (A4[1] - sheet.height) // 2))
        pages.append(page)
    buffer = io.BytesIO()
    # No clock in it: the same strips give the same bytes.
    day = time.gmtime(0)
    pages[0].save(
        buffer,
        "PDF",
        save_all=True,
        append_images=pages[1:],
        resolution=DPI,
        title=title,
        creationDate=day,
        modDate=day,
    )
    return buffer.getvalue()
