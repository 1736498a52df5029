"""Web fonts cut down to the characters that the built pages of one language show (i18n/glyphs.py).

Each face comes in slices with a `unicode-range`, so that the home page fetches only its own characters. What
a language's own font lacks, such as the other languages' names in the switch, comes from another's.
The regular cut has every character and stands behind the bold one under a second name, "Bowl Regular": what
is set bold against our expectation is thickened by the browser. Until a slice is there a local font of the
same width stands in, so that no line breaks anew.

A live answer can hold any character, so the whole-script piece of the body font comes behind the subsets as
"Bowl Rest"; a browser fetches it only when a letter of that script is in none of them, and so it must not be
offered before they are.
"""

import concurrent.futures
import dataclasses
import hashlib
import io
import itertools
import pathlib
import tempfile
from collections.abc import Iterable, Mapping

import uharfbuzz as hb
from fontTools.ttLib import TTFont

from i18n import glyphs, preload
from i18n.build import processes
from i18n.languages import LANGUAGES, Language

HOME = "index.html"
LATIN = "U+20-7E"
LATIN_SAMPLE = "the quick reader eats noodles from a bowl at home and asks which one is better"
# The letters of Korean and Japanese: Hangul, kana, Chinese characters, their marks and full-width forms.
LETTERS = "U+1100-11FF,U+3000-318F,U+3400-9FFF,U+A960-A97F,U+AC00-D7FF,U+F900-FAFF,U+FF00-FFEF"
OPTIONS = hb.SubsetFlags.NO_HINTING


@dataclasses.dataclass(frozen=True)
class Faces:
    """What one language is set in: font files under node_modules/@fontsource, without the ending.

    `whole`: also ship the complete text face, for scripts whose characters no page can know beforehand.
    `stand_in` are local fonts in which `sample` is on average `stand_in_width` em wide per character, and
    Latin letters `stand_in_latin`; 0 where the sample is Latin itself.
    """

    text: str
    bold: str
    display: str
    display_weight: int
    whole: bool
    sample: str
    stand_in: tuple[str, ...]
    stand_in_width: float
    stand_in_latin: float = 0.0


FACES: dict[str, Faces] = {
    "en": Faces(
        "nunito/files/nunito-latin-400-normal",
        "nunito/files/nunito-latin-700-normal",
        "comic-neue/files/comic-neue-latin-700-normal",
        700,
        whole=False,
        sample=LATIN_SAMPLE,
        stand_in=("Arial", "Roboto", "Helvetica", "Liberation Sans"),
        stand_in_width=0.446,
    ),
    "ko": Faces(
        "ibm-plex-sans-kr/files/ibm-plex-sans-kr-korean-400-normal",
        "ibm-plex-sans-kr/files/ibm-plex-sans-kr-korean-700-normal",
        "jua/files/jua-korean-400-normal",
        400,
        whole=True,
        sample="라면한그릇가게집",
        stand_in=("Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic"),
        stand_in_width=0.92,
        stand_in_latin=0.475,
    ),
    "ja": Faces(
        "zen-maru-gothic/files/zen-maru-gothic-japanese-400-normal",
        "zen-maru-gothic/files/zen-maru-gothic-japanese-700-normal",
        "yusei-magic/files/yusei-magic-japanese-400-normal",
        400,
        whole=True,
        sample="家で作る袋麺とお店のラーメンのちがいをくらべる",
        stand_in=("Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic", "Meiryo"),
        stand_in_width=1.0,
        stand_in_latin=0.475,
    ),
}


def unpack(library: pathlib.Path, cache: pathlib.Path) -> None:
    """Fill the cache, one process per font, before the languages would each do it."""
    files = [
        library / f"{name}.woff2"
        for faces in FACES.values()
        for name in (faces.text, faces.bold, faces.display)
    ]
    missing = [file for file in files if not _kept(file, cache).exists()]
    if missing:
        with concurrent.futures.ProcessPoolExecutor(mp_context=processes()) as pool:
            list(pool.map(_expanded, missing, itertools.repeat(cache)))


def write(
    site: pathlib.Path, language: Language, library: pathlib.Path, cache: pathlib.Path
) -> list[preload.Slice]:
    """Write `assets/fonts/` of one built language tree: subsets, style sheets and licences.

    `library` is node_modules/@fontsource; `cache` keeps unpacked fonts between builds. Returns the slices
    that a page had best ask for: at once those of the Latin letters in the language's own regular and display
    faces, and soon those of `later.css`, ten times as large: their text can be read before they come.
    """
    asked: list[preload.Slice] = []
    pages = glyphs.of_site(site)
    text = {name: shown.text for name, shown in pages.items()}
    display = {name: shown.display for name, shown in pages.items()}
    bold = {name: shown.bold for name, shown in pages.items()}
    folder = site / "assets" / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    own = FACES[language.code]
    others = [FACES[other.code] for other in LANGUAGES if other != language]
    shelf = _Shelf(library, cache)
    rules = [f":root{{--bowl-display-weight:{own.display_weight}}}"]
    later: list[str] = []
    kinds: tuple[tuple[preload.Kind, tuple[str, ...], int, Mapping[str, frozenset[str]], list[str]], ...] = (
        ("text", ("Bowl Text", "Bowl Regular"), 400, text, [own.text, *(face.text for face in others)]),
        ("bold", ("Bowl Text",), 700, bold, [own.bold, *(face.bold for face in others)]),
        ("display", ("Bowl Display",), own.display_weight, display, [own.display]),
    )
    for kind, families, weight, shown, files in kinds:
        for slice_name, characters in glyphs.slices(shown, HOME).items():
            left = set(characters)
            for file in files:
                covered = left & shelf.covers(file)
                if "".join(covered).strip():  # a font of blanks alone has no outlines: browsers refuse it
                    data = _cut(shelf.face(file), covered)
                    name = f"{pathlib.PurePath(file).name}-{hashlib.sha256(data).hexdigest()[:8]}.woff2"
                    (folder / name).write_bytes(data)
                    always = slice_name == "always"
                    sheet = rules if always else later
                    sheet += [_rule(family, weight, name, _span(covered)) for family in families]
                    if not always or file in (own.text, own.display):
                        asked.append(preload.Slice(f"assets/fonts/{name}", kind, always, frozenset(covered)))
                    left -= covered
    if own.whole:
        name = pathlib.PurePath(own.text).name + ".woff2"
        (folder / name).write_bytes((library / f"{own.text}.woff2").read_bytes())
        later.append(_rule("Bowl Rest", 400, name, LETTERS))
    rules += _stand_in("Bowl Stand-in", own, shelf.face(own.text))
    rules += _stand_in("Bowl Display Stand-in", own, shelf.face(own.display))
    (folder / "fonts.css").write_text("\n".join(rules) + "\n", "utf-8")
    (folder / "later.css").write_text("\n".join(later) + "\n", "utf-8")
    for face in {own, *others}:
        for file in (face.text, face.display):
            family = file.partition("/")[0]
            (folder / f"{family}-OFL.txt").write_bytes((library / family / "LICENSE").read_bytes())
    return asked


class _Shelf:
    """The unpacked fonts, each opened once."""

    def __init__(self, library: pathlib.Path, cache: pathlib.Path) -> None:
        self._library, self._cache = library, cache
        self._faces: dict[str, tuple[hb.Face, frozenset[str]]] = {}

    def face(self, file: str) -> hb.Face:
        return self._open(file)[0]

    def covers(self, file: str) -> frozenset[str]:
        return self._open(file)[1]

    def _open(self, file: str) -> tuple[hb.Face, frozenset[str]]:
        if file not in self._faces:
            face = hb.Face(hb.Blob(_expanded(self._library / f"{file}.woff2", self._cache)))
            self._faces[file] = (face, frozenset(map(chr, face.unicodes)))
        return self._faces[file]


def _rule(family: str, weight: int, name: str, span: str) -> str:
    return (
        f'@font-face{{font-family:"{family}";font-style:normal;font-weight:{weight};font-display:swap;'
        f'src:url("{name}") format("woff2");unicode-range:{span}}}'
    )


def _span(characters: Iterable[str]) -> str:
    """These characters as a unicode-range, neighbours joined."""
    ranges: list[list[int]] = []
    for code in sorted(map(ord, characters)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return ",".join(f"U+{low:X}" if low == high else f"U+{low:X}-{high:X}" for low, high in ranges)


def _stand_in(family: str, faces: Faces, face: hb.Face) -> list[str]:
    """A local font, sized so that the samples are as wide as in the face, with the face's height of line."""
    extents = hb.Font(face).get_font_extents("ltr")
    local = ",".join(f'local("{name}")' for name in faces.stand_in)

    def rule(sample: str, width: float, span: str) -> str:
        size = _width(face, sample) / width
        return (
            f'@font-face{{font-family:"{family}";src:{local};size-adjust:{size:.1%};'
            f"ascent-override:{extents.ascender / face.upem / size:.1%};"
            f"descent-override:{-extents.descender / face.upem / size:.1%};line-gap-override:0%{span}}}"
        )

    rules = [rule(faces.sample, faces.stand_in_width, "")]
    if faces.stand_in_latin:
        rules.append(rule(LATIN_SAMPLE, faces.stand_in_latin, f";unicode-range:{LATIN}"))
    return rules


def _width(face: hb.Face, sample: str) -> float:
    """Of a sample, in em per character."""
    buffer = hb.Buffer()
    buffer.add_str(sample)
    buffer.guess_segment_properties()
    hb.shape(hb.Font(face), buffer)
    return float(sum(position.x_advance for position in buffer.glyph_positions) / face.upem / len(sample))


def _cut(face: hb.Face, characters: Iterable[str]) -> bytes:
    """The subset as woff2."""
    order = hb.SubsetInput()
    order.flags = OPTIONS
    order.unicode_set.update(map(ord, characters))
    font = TTFont(io.BytesIO(hb.subset(face, order).blob.data))
    font.flavor = "woff2"
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def _kept(file: pathlib.Path, cache: pathlib.Path) -> pathlib.Path:
    return cache / f"{file.stem}-{file.stat().st_size}.ttf"


def _expanded(file: pathlib.Path, cache: pathlib.Path) -> bytes:
    """The font as plain TTF, which HarfBuzz reads; unpacking a large woff2 takes seconds, so it is kept."""
    kept = _kept(file, cache)
    if not kept.exists():
        font = TTFont(file)
        font.flavor = None
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache, delete=False) as fresh:
            font.save(fresh, reorderTables=False)
        pathlib.Path(fresh.name).replace(kept)  # at once: other languages are doing the same
    return kept.read_bytes()
