"""Render every strip in every language into `dist/comics/`; a strip that did not change is skipped.

    python -m scripts.comics

Per strip and language: SVG, PNG, a card for link previews, an HTML page with transcript, and the transcript
as Markdown. Per strip: a GIF and a WebP that turn through the languages. Per language: all strips as a PDF
to print. The licences of the fonts lie beside them.
"""

import hashlib
import json
import pathlib
import shutil
import sys
from collections.abc import Mapping

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import comics
from comics import export, page, transcript
from comics import typeface as typefaces
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
    drawn = 0
    files = sorted(STRIPS.glob("*.yml"))
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task("")
        for file in files:
            strip = comics.load(file.read_text("utf-8"), file.relative_to(ROOT).as_posix())
            stamp = fingerprint(strip, translations)
            if stamps.get(strip.id) == stamp and all(path.is_file() for path in outputs(strip)):
                continue
            complete(strip, file, translations)
            frames = []
            for language, translate in translations.items():
                progress.update(task, description=f"Drawing {strip.id} in {language.english}")
                frames.append(render(strip, language, translate))
            (OUT / f"{strip.id}.gif").write_bytes(export.gif(frames))
            (OUT / f"{strip.id}.webp").write_bytes(export.webp(frames))
            stamps[strip.id] = stamp
            drawn += 1
    booklets(renew=bool(drawn))
    licences()
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(json.dumps(stamps, indent=1), "utf-8")
    return drawn, len(files) - drawn


def typeface(language_code: str) -> Typeface:
    """The comics' typeface for a language; what was read from the font file is kept in `build/`."""
    packed = (FONTS / FONT[language_code]).read_bytes()
    name = hashlib.sha256(packed).hexdigest()[:16]
    numbers, font = CACHE / f"{name}.json", CACHE / f"{name}.ttf"
    if numbers.is_file() and font.is_file():
        return Typeface(font=font.read_bytes(), **json.loads(numbers.read_text("utf-8")))
    face = typefaces.read(packed)
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
    """A hash of all that the pictures depend on: strip, translations, art, code and fonts."""
    digest = hashlib.sha256(strip.model_dump_json().encode())
    for translate in translations.values():
        digest.update("\n".join(translate(msgid) for msgid in transcript.msgids(strip)).encode())
    sources = [path for path in (ROOT / "comics").rglob("*") if path.suffix in {".py", ".j2", ".yml"}]
    for path in [*sorted(sources), pathlib.Path(__file__), STYLES, *(FONTS / name for name in FONT.values())]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def outputs(strip: Strip) -> list[pathlib.Path]:
    """Every file that a strip becomes."""
    names = [OUT / language.code / f"{strip.id}{suffix}" for language in LANGUAGES for suffix in SUFFIXES]
    return [*names, OUT / f"{strip.id}.gif", OUT / f"{strip.id}.webp"]


def render(strip: Strip, language: Language, translate: Translate) -> bytes:
    """Write a strip's files in a language; returns a small PNG, to be a picture of the GIF."""
    face = typeface(language.code)
    sheet = comics.sheet(strip, language.code, translate, face)
    letters, family = page.texts(strip, translate), page.family(strip, language.code)
    html = HTML.format(
        language=language.code,
        title=translate(strip.title),
        styles=STYLES.read_text("utf-8"),
        figure=comics.figure(strip, language.code, translate, face),
    )
    folder = OUT / language.code
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{strip.id}.svg").write_text(sheet, "utf-8")
    (folder / f"{strip.id}.png").write_bytes(export.png(sheet, face, letters, family, PNG_WIDTH))
    preview = export.png(sheet, face, letters, family, export.CARD[0])
    (folder / f"{strip.id}.card.png").write_bytes(export.card(preview))
    (folder / f"{strip.id}.html").write_text(html, "utf-8")
    (folder / f"{strip.id}.md").write_text(transcript.as_markdown(strip, translate), "utf-8")
    return export.png(sheet, face, letters, family, GIF_WIDTH)


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
