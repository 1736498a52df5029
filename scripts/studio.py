"""What the comic studio of the pages fetches on first use, for `assets/studio/` of the site.

`book.json`: what its form shows, and the words. `strips.json`: the strips, `faces.json`: what the typesetter
knows of the three fonts; the page hands both to Python unread (`comics/studio.py`). And the fonts, in slices
as they were published, for the letters that a built strip did not need: `slices.ja.json` says which has what.
"""

import dataclasses
import json
import pathlib
import re

import comics
from comics import page, plain, studio, transcript
from comics.cast import NAMES
from i18n import catalog, fonts
from i18n.languages import LANGUAGES
from scripts.comics import FONTS, typeface

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = "assets/studio"


def write(site: pathlib.Path, order: tuple[str, ...] = ()) -> None:
    """Write the studio's files into a built site; the strips of `order` come first.

    Raises:
        ComicError: a strip is wrong.
    """
    folder = site / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in pack(order=order).items():
        (folder / name).write_bytes(data)


def pack(root: pathlib.Path = ROOT, order: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Everything that the studio needs, by file name; the strips of `order` come first.

    Raises:
        ComicError: a strip is wrong.
    """
    paths = sorted((root / "comics" / "strips").glob("*.yml"), key=lambda path: _rank(path, order))
    strips = {
        path.stem: comics.load(path.read_text("utf-8"), path.relative_to(root).as_posix()) for path in paths
    }
    msgids = [*NAMES.values(), *(msgid for strip in strips.values() for msgid in transcript.msgids(strip))]
    words = {}
    for language in LANGUAGES:
        translate = catalog.for_language(root, language)
        words[language.code] = {msgid: translate(msgid) for msgid in dict.fromkeys(msgids)}
    shown = {
        "languages": [dataclasses.asdict(language) for language in LANGUAGES],
        "lists": studio.LISTS,
        "views": page.views(),
        "whole": [0, 0, page.SHEET_WIDTH, page.SHEET_HEIGHT],
        "strips": {name: studio.contents(strip) for name, strip in strips.items()},
        "words": words,
    }
    kept = {name: plain.strip_as_plain(strip) for name, strip in strips.items()}
    faces = {language.code: plain.typeface_as_plain(typeface(language.code)) for language in LANGUAGES}
    files = {name: _json(value) for name, value in (("book", shown), ("strips", kept), ("faces", faces))}
    return {f"{name}.json": data for name, data in files.items()} | _slices()


def _slices() -> dict[str, bytes]:
    """The fonts as their makers sliced them, and for each language its files, with their unicode-range."""
    files: dict[str, bytes] = {}
    for code, faces in fonts.FACES.items():
        folder, _, name = faces.display.partition("/files/")
        weight = re.sub(r".*-(\d+-\w+)$", r"\1", name)
        table = json.loads((FONTS / folder / "unicode.json").read_text("utf-8"))
        spans = {f"{folder}-{key.strip('[]')}-{weight}.woff2": span for key, span in table.items()}
        files |= {file: (FONTS / folder / "files" / file).read_bytes() for file in spans}
        files[f"slices.{code}.json"] = _json(spans)
    return files


def _rank(path: pathlib.Path, order: tuple[str, ...]) -> tuple[int, str]:
    return (order.index(path.stem) if path.stem in order else len(order)), path.stem


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
