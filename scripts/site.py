"""Build the website in three languages into `site/`, and skip it when no input changed.

python -m scripts.site
python -m scripts.site --no-strict                             # English with a mark for missing texts
python -m scripts.site --address https://example.org/bowls/    # canonical addresses and a sitemap
"""

import dataclasses
import datetime as dt
import functools
import json
import pathlib
import shutil
import sys
from collections.abc import Callable
from typing import Annotated

import jinja2
import jinja2.runtime
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import comics
from comics import transcript
from comics.strip import Strip
from demos.server.local import prompt
from demos.server.topping.lessons import LessonError
from i18n import build as builder
from i18n import catalog, examples, facts, fonts, gate, links, preload, search, sheets, sitemap
from i18n.catalog import Translate
from i18n.errors import SiteError
from i18n.languages import LANGUAGES, SOURCE, Language
from i18n.stage import Stage
from scripts import (
    benchmarks,
    cards,
    cells,
    downloads,
    excerpts,
    fetch,
    guide,
    letter,
    prices,
    receipt,
    studio,
    tables,
    tasted,
    texts,
    unchanged,
    wheel,
    wllama,
)
from scripts.comics import typeface
from scripts.unchanged import ROOT, SITE, WORK

FONT_CACHE = WORK / "fonts"
LIBRARY = ROOT / "node_modules"
# The strip that introduces everybody comes first where all of them stand.
INTRODUCTION = "twins"
VENDOR = {
    "marked.js": "marked/lib/marked.esm.js",
    "dompurify.js": "dompurify/dist/purify.es.mjs",
    "eventsource-parser.js": "eventsource-parser/dist/index.js",
    "highlight.js": "@highlightjs/cdn-assets/es/highlight.min.js",
    **{f"noble/{name}.js": f"@noble/hashes/{name}.js" for name in ("sha2", "utils", "_md", "_u64")},
}

# What a person can mend: one sentence each, no traceback.
PROBLEMS = (SiteError, comics.ComicError, fetch.FetchError, LessonError)

app = typer.Typer(add_completion=False)
console = Console(stderr=True)


@app.command()
def main(
    *,
    strict: Annotated[bool, typer.Option(help="Fail on a missing or fuzzy text.")] = True,
    address: Annotated[str, typer.Option(envvar="SITE_ADDRESS", help="Public address, ending in /.")] = "",
) -> None:
    """Build the website in three languages into site/."""
    try:
        built = build(strict=strict, address=address)
    except PROBLEMS as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    console.print(f"The site is in [bold]{built.relative_to(ROOT)}/[/]")


def build(
    *, strict: bool = True, address: str = "", site: pathlib.Path = SITE, work: pathlib.Path = WORK
) -> pathlib.Path:
    """Build all languages into `site` and return it; nothing happens when no input changed.

    With `strict=False` a missing or fuzzy text shows as English with a mark, and the gate's sentences are
    printed as warnings. `work` takes the staged pages and what is remembered between builds.

    Raises:
        SiteError: a page, a data file or a catalog is wrong.
        comics.ComicError: a strip is wrong.
        fetch.FetchError: the browser libraries could not be had.
        LessonError: the lessons of the house topping, which a page counts, break a rule.
    """
    fetch.libraries()
    today = dt.datetime.now(tz=dt.UTC).date()
    state = unchanged.fingerprint(address, today)
    if unchanged.found(state, strict=strict, site=site, work=work):
        return site
    messages = texts.messages(ROOT)
    book = facts.load(ROOT)
    findings = gate.check(ROOT, messages) + examples.outdated(ROOT, book, today)
    if strict and findings:
        raise SiteError(findings)
    for finding in findings:
        console.print(f"warning: {finding}", markup=False, emoji=False, highlight=False, soft_wrap=True)
    shelf, python, llama = strips(), wheel.runtime(), wllama.runtime()
    # No refresh thread: the languages are built in forked processes.
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        auto_refresh=False,
        transient=True,
    ) as progress:
        task = progress.add_task("Staging the pages", total=2 * len(LANGUAGES))
        progress.refresh()
        staged = []
        for language in LANGUAGES:
            folder = work / language.code
            config = stage(
                language, book, shelf, (python, llama), folder=folder, address=address, today=today
            )
            staged.append((language, config))
            progress.update(task, advance=1, description=f"Staged {language.name}", refresh=True)
        progress.update(task, description="Unpacking fonts", refresh=True)
        fonts.unpack(LIBRARY / "@fontsource", FONT_CACHE)
        out = work / "out"
        shutil.rmtree(out, ignore_errors=True)
        folders = builder.build_all(
            staged,
            out,
            functools.partial(finish, address),
            lambda language: progress.update(
                task, advance=1, description=f"Built {language.name}", refresh=True
            ),
        )
    # Where a server stands behind the page, its routes of these names win over the files.
    _put(folders[SOURCE] / "api" / "kitchen", json.dumps({"state": "absent"}))
    _put(folders[SOURCE] / "api" / "model" / "manifest.json", json.dumps({"model": None}))
    python.write(folders[SOURCE])
    llama.write(folders[SOURCE])
    studio.write(folders[SOURCE], (INTRODUCTION,))
    builder.publish(folders, site)
    unchanged.note(state, finished=not findings, work=work)
    return site


def stage(
    language: Language,
    book: facts.Book,
    shelf: downloads.Shelf,
    runtimes: tuple[wheel.Runtime, wheel.Runtime],
    *,
    folder: pathlib.Path,
    address: str,
    today: dt.date,
) -> pathlib.Path:
    """Stage one language with everything that its pages show; returns its mkdocs.yml.

    `runtimes` are the two that pages start: Python and llama.cpp.
    """
    python, llama = runtimes
    translate = catalog.for_language(ROOT, language)
    figures = tables.figures(book, language, today)
    config = Stage(
        root=ROOT,
        folder=folder,
        language=language,
        translate=translate,
        book=book,
        renderers={
            "strip": placed(language, translate),
            "strips": shelf.strips,
            "downloads": shelf.listed(language),
            "excerpt": functools.partial(excerpts.lines, ROOT),
            "priced": prices.models(book.prices, language, today),
            "benchmarks": benchmarks.Overview(book, language),
            "today": today,
            "receipt": receipt.receipt(book, language, translate, today),
            "fits": guide.fits(book, language, translate),
            "questions": guide.questions(translate),
            "python": python.folder,
            "llama": llama.folder,
            "llama_size": tables.megabytes(llama.size(), language),
            "python_size": tables.megabytes(python.size(), language),
            "studio_size": tables.megabytes(python.size(wheel.COMICS), language),
            "figures": figures,
            "cell": cells.run,
            "topping": tasted.recipe(),
            "letter": letter.shown,
            "topping_share": functools.partial(tasted.share, language=language),
        },
        quotes=prices.quotes(book.prices, language, today),
        stale=facts.stale_values(book, today),
        address=address,
    ).write()
    assets = config.parent / "docs" / "assets"
    web = ROOT / "demos" / "web"
    for script in sorted(web.rglob("*.js")):
        _put(assets / "demos" / script.relative_to(web), script.read_text("utf-8"))
    _put(assets / "demos" / "kitchen.json", json.dumps(figures, ensure_ascii=False))
    shown = {code: dataclasses.asdict(examples) for code, examples in prompt.EXAMPLES.items()}
    _put(assets / "demos" / "examples.json", json.dumps(shown, ensure_ascii=False))
    words = [message.msgid for message in texts.demo_words(ROOT)]
    strings = {msgid: translate(msgid) for msgid in words if translate(msgid) != msgid}
    _put(assets / "demos" / "strings.json", json.dumps(strings, ensure_ascii=False, indent=0))
    for name, path in VENDOR.items():
        _put(assets / "vendor" / name, (LIBRARY / path).read_text("utf-8"))
    shelf.write(config.parent / "docs", language)
    cards.write(config.parent / "docs", language, typeface(language.code))
    return config


def strips() -> downloads.Shelf:
    """The files of every strip in every language.

    Raises:
        comics.ComicError: a strip is wrong, or a text does not fit.
    """
    names = sorted(path.stem for path in (ROOT / "comics" / "strips").glob("*.yml"))
    names.sort(key=lambda name: name != INTRODUCTION)
    files = {}
    for language in LANGUAGES:
        translate = catalog.for_language(ROOT, language)
        for name in names:
            strip, spoken, words = lettered(language, translate, name)
            drawn = downloads.draw(strip, spoken, words, typeface(spoken.code))
            files.update({(name, language.code, suffix): data for suffix, data in drawn.items()})
    return downloads.Shelf(names, files)


def placed(language: Language, translate: Translate) -> Callable[[jinja2.runtime.Context, str], str]:
    """What `strip("twins")` is on a page: the figure, in the element that turns and shares it."""

    @jinja2.pass_context
    def strip(context: jinja2.runtime.Context, name: str) -> str:
        script = f'<script type="module" src="{context["home"]}assets/demos/comic-strip.js"></script>'
        return f"<div><comic-strip>{figure(language, translate, name)}</comic-strip></div>{script}"

    return strip


def figure(language: Language, translate: Translate, name: str) -> str:
    """A strip for a page.

    Raises:
        SiteError: there is no strip of this name.
        comics.ComicError: its file is wrong, or a text does not fit.
    """
    strip, spoken, words = lettered(language, translate, name)

    def drawn() -> bytes:
        return comics.figure(strip, spoken.code, words, typeface(spoken.code), deferred=True).encode()

    return downloads.kept(strip, spoken, words, "html", drawn).decode()


def lettered(language: Language, translate: Translate, name: str) -> tuple[Strip, Language, Translate]:
    """A strip and what it is lettered in. With a text that is not translated yet: English, its title marked.

    Not half of it, because another language's comic font need not have the letters of English.

    Raises:
        SiteError: there is no strip of this name.
        comics.ComicError: its file is wrong.
    """
    path = ROOT / "comics" / "strips" / f"{name}.yml"
    if not path.exists():
        raise SiteError(f'there is no strip "{name}" in comics/strips; draw it or correct the name.')
    strip = comics.load(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
    if any(translate(text).startswith(catalog.MARKER) for text in transcript.msgids(strip)):
        return strip, SOURCE, lambda text: catalog.MARKER + text if text == strip.title else text
    return strip, language, translate


def finish(address: str, language: Language, site: pathlib.Path) -> None:
    """What a built language still needs: its fonts, its styles, its sitemap, texts for the search."""
    slices = fonts.write(site, language, LIBRARY / "@fontsource", FONT_CACHE)
    sheets.inline(site)
    preload.add(site, slices)
    links.mark(site)
    translate = catalog.for_language(ROOT, language)
    search.divide(site, {page: translate(text) for page, text in search.words(ROOT).items()})
    sitemap.write(site, language, address)


def _put(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    app()
