"""Render every strip in every language into `dist/comics/`; a strip that did not change is skipped.

    python -m scripts.comics

Per strip and language: SVG, PNG, a card for link previews, an HTML page with transcript, and the transcript
as Markdown. Per strip: a GIF and a WebP that turn through the languages. Per language: all strips as a PDF
to print. The licences of the fonts lie beside them.
"""

import concurrent.futures
import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

import comics
from comics import export, fontfile, page, transcript
from comics.strip import Strip
from comics.typeface import Typeface
from i18n import catalog, fonts
from i18n.catalog import Translate
from i18n.errors import SiteError
from i18n.languages import LANGUAGES, Language

ROOT = pathlib.Path(__file__).resolve().parent.parent
STRIPS = ROOT / "comics" / "strips"
FONTS = ROOT / "node_modules" / "@fontsource"
STYLES = ROOT / "docs" / "assets" / "stylesheets" / "comics.css"
CACHE = ROOT / "build" / "typefaces"
OUT = ROOT / "dist" / "comics"
STAMP = ROOT / "build" / "comics.json"
# The hand that the headings of the site are written in, too: one choice per language.
FONT = {code: f"{faces.display}.woff2" for code, faces in fonts.FACES.items()}
SUFFIXES = (".svg", ".png", ".card.png", ".html", ".md")
PNG_WIDTH, GIF_WIDTH = 1600, 800
CARD_WIDTH = export.CARD[0]
# Another version of one of these may break, cut, draw or write otherwise.
LIBRARIES = ("budoux", "fonttools", "jinja2", "pillow", "resvg", "uharfbuzz")
# By language code, then by msgid.
Texts = Mapping[str, Mapping[str, str]]
BOOKLET = "two-bowls.pdf"
HTML = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
html {{ font: 125%/1.6 system-ui, sans-serif; background: #fff4e0; }}
body {{ max-width: 60rem; margin: 0 auto; padding: 0 0.6rem; }}
{styles}</style>
</head>
<body class="md-typeset">
{figure}
</body>
</html>
"""

app = typer.Typer(add_completion=False)
console = Console(stderr=True)


@app.command()
def main() -> None:
    """Render every strip in every language into dist/comics/."""
    try:
        drawn, known = build()
    except (comics.ComicError, SiteError) as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    console.print(
        f"Strips drawn: {drawn}, unchanged: {known}. The comics are in [bold]{OUT.relative_to(ROOT)}/[/]"
    )


def build() -> tuple[int, int]:
    """Render what changed; returns how many strips were drawn and how many had not changed.

    Raises:
        ComicError: a strip is wrong, or a text does not fit its bubble.
        SiteError: a catalog is not readable.
    """
    translations = {language: catalog.for_language(ROOT, language) for language in LANGUAGES}
    stamps = json.loads(STAMP.read_text("utf-8")) if STAMP.is_file() else {}
    files = sorted(STRIPS.glob("*.yml"))
    changed: dict[str, tuple[Strip, Texts]] = {}
    for file in files:
        strip = comics.load(file.read_text("utf-8"), file.relative_to(ROOT).as_posix())
        stamp = fingerprint(strip, translations)
        if stamps.get(strip.id) != stamp or not all(path.is_file() for path in outputs(strip)):
            complete(strip, file, translations)
            changed[strip.id] = strip, texts(strip, translations)
            stamps[strip.id] = stamp
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task("Drawing strips", total=len(changed))
        for name, pictures in rendered(list(changed.values())):
            for path, data in pictures.items():
                (OUT / path).parent.mkdir(parents=True, exist_ok=True)
                (OUT / path).write_bytes(data)
            progress.update(task, advance=1, description=f"Drawn: {name}")
        progress.update(task, description="Binding the booklets")
        booklets(renew=bool(changed))
    licences()
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(json.dumps(stamps, indent=1), "utf-8")
    return len(changed), len(files) - len(changed)


def rendered(strips: Sequence[tuple[Strip, Texts]]) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Every strip's name and files as they are done, on all processors where there are several strips.

    Raises:
        FitError: a text does not fit its bubble.
    """
    styles = STYLES.read_text("utf-8")
    jobs = [(strip, translated, styles, PNG_WIDTH, GIF_WIDTH) for strip, translated in strips]
    yield from _shared(render, jobs)


def pictures() -> int:
    """Draw every strip in every language as SVG and PNG, all anew, and keep none; how many there were."""
    translations = {language: catalog.for_language(ROOT, language) for language in LANGUAGES}
    files = sorted(STRIPS.glob("*.yml"))
    strips = [comics.load(file.read_text("utf-8"), file.name) for file in files]
    jobs = [(strip, texts(strip, translations), PNG_WIDTH) for strip in strips]
    return sum(len(drawn) for _, drawn in _shared(pairs, jobs))


def pairs(strip: Strip, translated: Texts, width: int) -> dict[str, bytes]:
    """A strip's SVG and PNG in every language, by their path in the output folder; `width` in pixels.

    Raises:
        FitError: a text does not fit its bubble.
    """
    behind = export.backdrop(page.scenery(strip), width)
    files = {}
    for code, words in translated.items():
        translate, face = words.__getitem__, typeface(code)
        letters, family = page.texts(strip, translate), page.family(strip, code)
        lettering = page.lettering(strip, code, translate, face)
        files[f"{code}/{strip.id}.svg"] = comics.sheet(strip, code, translate, face).encode()
        files[f"{code}/{strip.id}.png"] = export.lettered(behind, lettering, face, letters, family)
    return files


def _shared(
    draw: Callable[..., dict[str, bytes]], jobs: Sequence[tuple[Any, ...]]
) -> Iterator[tuple[str, dict[str, bytes]]]:
    """The name of each job's strip with what `draw` makes of the job, as they are done."""
    workers = min(os.cpu_count() or 1, len(jobs))
    if workers < 2:  # noqa: PLR2004 - nothing to share
        yield from ((job[0].id, draw(*job)) for job in jobs)
        return
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        waiting = {pool.submit(draw, *job): job[0].id for job in jobs}
        for done in concurrent.futures.as_completed(waiting):
            yield waiting[done], done.result()


def texts(strip: Strip, translations: Mapping[Language, Translate]) -> Texts:
    """What a strip says in each language, by code and msgid."""
    return {
        language.code: {msgid: translate(msgid) for msgid in transcript.msgids(strip)}
        for language, translate in translations.items()
    }


@functools.cache
def typeface(language_code: str) -> Typeface:
    """The comics' typeface for a language; what was read from the font file is kept in `build/`."""
    packed = (FONTS / FONT[language_code]).read_bytes()
    name = hashlib.sha256(packed).hexdigest()[:16]
    numbers, font = CACHE / f"{name}.json", CACHE / f"{name}.ttf"
    if numbers.is_file() and font.is_file():
        return Typeface(font=font.read_bytes(), **json.loads(numbers.read_text("utf-8")))
    face = fontfile.read(packed)
    CACHE.mkdir(parents=True, exist_ok=True)
    font.write_bytes(face.font)
    plain = {key: value for key, value in vars(face).items() if key != "font"}
    numbers.write_text(json.dumps(plain, ensure_ascii=False), "utf-8")
    return face


def complete(strip: Strip, file: pathlib.Path, translations: Mapping[Language, Translate]) -> None:
    """Every text of a strip is translated, so that no picture goes out half English.

    Raises:
        ComicError: a text has no translation, or a fuzzy one.
    """
    for language, translate in translations.items():
        for msgid in transcript.msgids(strip):
            if translate(msgid).startswith(catalog.MARKER):
                source, po = (
                    path.relative_to(ROOT).as_posix() for path in (file, catalog.path(ROOT, language))
                )
                raise comics.ComicError(
                    f'{source}: "{msgid}" has no {language.english} translation that is ready; '
                    f"run `make i18n` and complete {po}."
                )


def fingerprint(strip: Strip, translations: Mapping[Language, Translate]) -> str:
    """A hash of all that the pictures depend on: strip, translations, art, code, fonts and libraries."""
    digest = hashlib.sha256((json.dumps(dataclasses.asdict(strip)) + _sources()).encode())
    for language, translate in translations.items():
        digest.update("\n".join([language.code, *map(translate, transcript.msgids(strip))]).encode())
    return digest.hexdigest()


@functools.cache
def _sources() -> str:
    """A hash of what strips are drawn with: our files and the libraries, as this process first finds them."""
    digest = hashlib.sha256(str([(name, metadata.version(name)) for name in LIBRARIES]).encode())
    sources = [*(ROOT / "comics").glob("*.py"), *(ROOT / "comics" / "art").iterdir()]
    for path in [*sorted(sources), pathlib.Path(__file__), STYLES, *(FONTS / name for name in FONT.values())]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def outputs(strip: Strip) -> list[pathlib.Path]:
    """Every file that a strip becomes."""
    names = [OUT / language.code / f"{strip.id}{suffix}" for language in LANGUAGES for suffix in SUFFIXES]
    return [*names, OUT / f"{strip.id}.gif", OUT / f"{strip.id}.webp"]


def render(strip: Strip, translated: Texts, styles: str, width: int, gif_width: int) -> dict[str, bytes]:
    """A strip's files in every language, by their path in the output folder; `width` in pixels.

    Raises:
        FitError: a text does not fit its bubble.
    """
    files = pairs(strip, translated, width)
    # Each width is drawn, not scaled: scaling makes colours that a GIF or a card would have to carry.
    behind = {pixels: export.backdrop(page.scenery(strip), pixels) for pixels in (CARD_WIDTH, gif_width)}
    frames = []
    for code, words in translated.items():
        translate, face = words.__getitem__, typeface(code)
        letters, family = page.texts(strip, translate), page.family(strip, code)
        lettering = page.lettering(strip, code, translate, face)
        card, frame = (export.lettered(paper, lettering, face, letters, family) for paper in behind.values())
        html = HTML.format(
            language=code,
            title=translate(strip.title),
            styles=styles,
            figure=comics.figure(strip, code, translate, face),
        )
        files[f"{code}/{strip.id}.card.png"] = export.card(card)
        files[f"{code}/{strip.id}.html"] = html.encode()
        files[f"{code}/{strip.id}.md"] = transcript.as_markdown(strip, translate).encode()
        frames.append(frame)
    return files | {f"{strip.id}.gif": export.gif(frames), f"{strip.id}.webp": export.webp(frames)}


def booklets(*, renew: bool) -> None:
    """All strips of a language as one PDF, made anew when a strip was."""
    for language in LANGUAGES:
        folder = OUT / language.code
        path = folder / BOOKLET
        pictures = [folder / f"{file.stem}.png" for file in sorted(STRIPS.glob("*.yml"))]
        if pictures and (renew or not path.is_file()):
            path.write_bytes(export.pdf([picture.read_bytes() for picture in pictures], "Two Bowls"))


def licences() -> None:
    """Put the fonts' licences beside the pictures that carry parts of the fonts."""
    folder = OUT / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    for name in FONT.values():
        package = name.split("/", 1)[0]
        shutil.copyfile(FONTS / package / "LICENSE", folder / f"{package}-OFL.txt")


if __name__ == "__main__":
    app()
