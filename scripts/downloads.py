"""The strips as pictures to take away: `assets/comics/<strip>.<language>.svg` and `.png` in each tree.

A strip is drawn once and kept in `build/strips/` under a hash of its drawing.
"""

import dataclasses
import hashlib
import pathlib

import jinja2
import jinja2.runtime

import comics
from comics import export, page
from comics.strip import Strip
from comics.typeface import Typeface
from i18n import formatting
from i18n.catalog import Translate
from i18n.languages import LANGUAGES, Language
from scripts.comics import PNG_WIDTH

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "strips"
FOLDER = "assets/comics"


@dataclasses.dataclass(frozen=True)
class Download:
    """A file to take away: the language's own name and the kind of file, its address, its size in words."""

    label: str
    href: str
    size: str


def draw(strip: Strip, language: Language, translate: Translate, typeface: Typeface) -> dict[str, bytes]:
    """The strip's files by suffix.

    Raises:
        ComicError: a text does not fit.
    """
    sheet = comics.sheet(strip, language.code, translate, typeface)
    kept = CACHE / (hashlib.sha256(sheet.encode() + typeface.font).hexdigest()[:24] + ".png")
    if not kept.is_file():
        texts, family = page.texts(strip, translate), page.family(strip, language.code)
        CACHE.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(export.flat(export.png(sheet, typeface, texts, family, PNG_WIDTH)))
    return {"svg": sheet.encode(), "png": kept.read_bytes()}


class Shelf:
    """The files of all strips in all languages, to be listed on pages and written into trees."""

    def __init__(self, strips: list[str], files: dict[tuple[str, str, str], bytes]) -> None:
        """`files` by strip, language code and suffix."""
        self.strips = strips
        self._files = files

    def listed(self, language: Language) -> "Listing":
        """What `downloads("twins")` is on a page: its own language first."""
        return Listing(self._files, language)

    def write(self, docs: pathlib.Path, language: Language) -> None:
        """Write the files of one language into a staged docs folder."""
        folder = docs / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for (strip, code, suffix), data in self._files.items():
            if code == language.code:
                (folder / f"{strip}.{code}.{suffix}").write_bytes(data)


class Listing:
    """The downloads of a strip, for a page in one language."""

    def __init__(self, files: dict[tuple[str, str, str], bytes], language: Language) -> None:
        self._files = files
        self._language = language

    @jinja2.pass_context
    def __call__(self, context: jinja2.runtime.Context, strip: str) -> list[Download]:
        """Every file of the strip, with addresses that are right on the page being rendered."""
        languages = sorted(LANGUAGES, key=lambda each: each != self._language)
        found = []
        for each in languages:
            for suffix in ("svg", "png"):
                data = self._files[strip, each.code, suffix]
                size = formatting.number(round(len(data) / 1000), self._language)
                address = f"{context['root']}{each.prefix}{FOLDER}/{strip}.{each.code}.{suffix}"
                found.append(Download(f"{each.name} · {suffix.upper()}", address, f"{size} kB"))
        return found
