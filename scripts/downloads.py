"""The strips as pictures to take away: `assets/comics/<strip>.<language>.svg` and `.png` in each tree.

A strip is drawn once and kept in `build/strips/` under a hash of all that it is drawn from.
"""

import dataclasses
import pathlib
import tempfile
from collections.abc import Callable

import jinja2
import jinja2.runtime

import comics
from comics import export, page
from comics.strip import Strip
from comics.typeface import Typeface
from i18n import formatting
from i18n.catalog import Translate
from i18n.languages import LANGUAGES, Language
from scripts.comics import PNG_WIDTH, fingerprint

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

    def sheet() -> bytes:
        return comics.sheet(strip, language.code, translate, typeface).encode()

    drawing = kept(strip, language, translate, "svg", sheet)

    def picture() -> bytes:
        texts, family = page.texts(strip, translate), page.family(strip, language.code)
        return export.flat(export.png(drawing.decode(), typeface, texts, family, PNG_WIDTH))

    return {"svg": drawing, "png": kept(strip, language, translate, "png", picture)}


def kept(
    strip: Strip, language: Language, translate: Translate, suffix: str, make: Callable[[], bytes]
) -> bytes:
    """What `make` gives, which is called only if something that the strip is drawn from has changed."""
    file = CACHE / f"{fingerprint(strip, {language: translate})[:24]}.{suffix}"
    if not file.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=CACHE, delete=False) as fresh:
            fresh.write(make())
        pathlib.Path(fresh.name).replace(file)  # at once: a build that is stopped leaves no half picture
    return file.read_bytes()


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
