"""Web fonts cut down to the characters that the built pages of one language really show.

Two sets of characters are read off the built HTML: all of them, and what is set in the display face
(headings and whatever carries the class `display`). A character that no subset has costs the reader the whole
font, so what is set bold is not guessed at: the bold cut has them all. What a language's own font lacks,
such as the other languages' names in the switch, comes from another language's font.

A live answer can hold any character, so the whole-script piece of the body font lies beside the subsets as
"Bowl Rest"; a browser fetches it only when a character needs it.
"""

import concurrent.futures
import dataclasses
import hashlib
import html.parser
import io
import itertools
import json
import pathlib
import re
import string
import tempfile
from collections.abc import Iterable

import uharfbuzz as hb
from fontTools.ttLib import TTFont

from i18n.build import processes
from i18n.languages import LANGUAGES, Language

ALWAYS = string.printable.strip() + " \u00a0–—‘’“”…·×•¥€°、。「」！？・〜"
DISPLAY_TAGS = frozenset(["h1", "h2", "h3", "h4", "th"])
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


@dataclasses.dataclass(frozen=True)
class Faces:
    """Font files of one language under node_modules/@fontsource, without the ending."""

    text: str
    bold: str
    display: str
    display_weight: int
    whole: bool


FACES: dict[str, Faces] = {
    "en": Faces(
        "nunito/files/nunito-latin-400-normal",
        "nunito/files/nunito-latin-700-normal",
        "comic-neue/files/comic-neue-latin-700-normal",
        700,
        whole=False,
    ),
    "ko": Faces(
        "ibm-plex-sans-kr/files/ibm-plex-sans-kr-korean-400-normal",
        "ibm-plex-sans-kr/files/ibm-plex-sans-kr-korean-700-normal",
        "jua/files/jua-korean-400-normal",
        400,
        whole=True,
    ),
    "ja": Faces(
        "zen-maru-gothic/files/zen-maru-gothic-japanese-400-normal",
        "zen-maru-gothic/files/zen-maru-gothic-japanese-700-normal",
        "yusei-magic/files/yusei-magic-japanese-400-normal",
        400,
        whole=True,
    ),
}


class _Reader(html.parser.HTMLParser):
    """Collects the characters of a page: all of them, and those in the display face."""

    def __init__(self) -> None:
        super().__init__()
        self.text: set[str] = set()
        self.display: set[str] = set()
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        for value in values.values():
            self.text.update(value or "")
        if tag not in VOID:
            within = bool(self._open) and self._open[-1][1]
            display = within or tag in DISPLAY_TAGS or "display" in (values.get("class") or "").split()
            self._open.append((tag, display))

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        self.text.update(data)
        # Scripts too: the words that the theme shows by script are JSON in the page, non-ASCII escaped.
        self.text.update(chr(int(code, base=16)) for code in ESCAPED.findall(data))
        if self._open and self._open[-1][1]:
            self.display.update(data)


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


def write(site: pathlib.Path, language: Language, library: pathlib.Path, cache: pathlib.Path) -> None:
    """Write `assets/fonts/` of one built language tree: subsets, style sheet and licences.

    `library` is node_modules/@fontsource; `cache` keeps unpacked fonts between builds.
    """
    reader = _Reader()
    for page in sorted(site.rglob("*.html")):
        reader.feed(page.read_text("utf-8"))
    for strings in sorted(site.glob("assets/demos/strings.json")):
        reader.text.update(*json.loads(strings.read_text("utf-8")).values())
    folder = site / "assets" / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    always = set(ALWAYS)
    own = FACES[language.code]
    others = [FACES[other.code] for other in LANGUAGES if other != language]
    rules: list[str] = []
    for family, weight, characters, files in (
        ("Bowl Text", 400, reader.text | always, [own.text, *(face.text for face in others)]),
        ("Bowl Text", 700, reader.text | always, [own.bold, *(face.bold for face in others)]),
        ("Bowl Display", own.display_weight, reader.display | always, [own.display]),
    ):
        left = {each for each in characters if each.isprintable() or each == "\u00a0"}
        for file in files:
            data, covered = _cut(library / f"{file}.woff2", left, cache)
            if covered:
                name = f"{pathlib.PurePath(file).name}-{hashlib.sha256(data).hexdigest()[:8]}.woff2"
                (folder / name).write_bytes(data)
                rules.append(_rule(family, weight, name, covered))
                left -= covered
    if own.whole:
        name = pathlib.PurePath(own.text).name + ".woff2"
        (folder / name).write_bytes((library / f"{own.text}.woff2").read_bytes())
        rules.append(_rule("Bowl Rest", 400, name, ()))
    (folder / "fonts.css").write_text("\n".join(rules) + "\n", "utf-8")
    for face in {own, *others}:
        for file in (face.text, face.display):
            family = file.partition("/")[0]
            (folder / f"{family}-OFL.txt").write_bytes((library / family / "LICENSE").read_bytes())


def _rule(family: str, weight: int, name: str, characters: Iterable[str]) -> str:
    span = ",".join(f"U+{ord(character):X}" for character in sorted(characters))
    return (
        f'@font-face{{font-family:"{family}";font-style:normal;font-weight:{weight};font-display:swap;'
        f'src:url("{name}") format("woff2"){";unicode-range:" + span if span else ""}}}'
    )


def _cut(file: pathlib.Path, wanted: set[str], cache: pathlib.Path) -> tuple[bytes, set[str]]:
    """The subset as woff2, and the wanted characters that the font has; no bytes if it has none."""
    face = hb.Face(hb.Blob(_expanded(file, cache)))
    covered = wanted & set(map(chr, face.unicodes))
    if not covered:
        return b"", covered
    order = hb.SubsetInput()
    order.unicode_set.update(map(ord, covered))
    font = TTFont(io.BytesIO(hb.subset(face, order).blob.data))
    font.flavor = "woff2"
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue(), covered


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
