"""Build the staged languages with Zensical too, and report what differs from the site that MkDocs built.

    python -m scripts.canary

MkDocs will not be kept up for ever, and Zensical reads the same mkdocs.yml: this says how far away a change
would be. Exits 1 when a page is missing or its text another one; anything else that differs is only listed.
"""

import dataclasses
import html.parser
import pathlib
import shutil
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator, Mapping

import typer
from rich.console import Console
from rich.table import Table

from i18n.languages import LANGUAGES
from scripts import site as site_builder
from scripts import unchanged

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "canary"
VOID = frozenset(["area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
HEADINGS = frozenset(["h1", "h2", "h3", "h4"])
# What a reader would miss; the rest is only listed.
GRAVE = frozenset(["page", "text"])
SHOWN = 60

app = typer.Typer(add_completion=False)
console = Console()


@dataclasses.dataclass
class Page:
    """What is compared of a page. Links are addresses from the language's root."""

    title: str = ""
    language: str = ""
    headings: list[str] = dataclasses.field(default_factory=list)
    text: str = ""
    links: list[str] = dataclasses.field(default_factory=list)
    canonical: str = ""
    alternates: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Difference:
    """One thing of one page that the two builders did not make the same."""

    page: str
    what: str
    mkdocs: str
    zensical: str


class _Reader(html.parser.HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.page = Page()
        self._address = address
        self._open: list[str] = []
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        page = self.page
        if tag == "html":
            page.language = values.get("lang", "")
        if tag == "link" and values.get("rel") == "canonical":
            page.canonical = values["href"]
        if tag == "link" and values.get("rel", "").strip() == "alternate":
            page.alternates.append(f"{values.get('hreflang')} {self._target(values['href'])}")
        if "article" in self._open:
            if tag in HEADINGS:
                page.headings.append(f"{tag} #{values.get('id', '')}")
            if tag == "a" and "href" in values:
                page.links.append(self._target(values["href"]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]
        if tag not in {"a", "b", "strong", "em", "span", "sup", "code"}:
            self._text.append(" ")

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["title"] and "svg" not in self._open:
            self.page.title += data
        if "article" in self._open and not {"script", "style"} & set(self._open):
            self._text.append(data)
            self.page.text = " ".join("".join(self._text).split())

    def _target(self, address: str) -> str:
        base = f"https://site.invalid/language/{self._address}"
        return urllib.parse.urljoin(base, address).removeprefix("https://site.invalid/language/")


def read(site: pathlib.Path) -> dict[str, Page]:
    """The pages of one built language tree by address ("" is its home)."""
    pages = {}
    prefixes = tuple(language.prefix for language in LANGUAGES if language.prefix)
    for path in sorted(site.rglob("index.html")):
        address = path.parent.relative_to(site).as_posix().removeprefix(".")
        address = f"{address}/" if address else ""
        if not address.startswith(prefixes):
            reader = _Reader(address)
            reader.feed(path.read_text("utf-8"))
            reader.page.title = reader.page.title.strip()
            pages[address] = reader.page
    return pages


def compare(mkdocs: Mapping[str, Page], zensical: Mapping[str, Page]) -> Iterator[Difference]:
    """Everything that differs, page by page."""
    for address in sorted({*mkdocs, *zensical}):
        name = address or "home"
        here, there = mkdocs.get(address), zensical.get(address)
        if here is None or there is None:
            yield Difference(
                name,
                "page",
                "no page" if here is None else "a page",
                "no page" if there is None else "a page",
            )
            continue
        for field in dataclasses.fields(Page):
            one, other = getattr(here, field.name), getattr(there, field.name)
            if one != other:
                yield Difference(name, field.name, *_apart(one, other))


def _apart(one: str | list[str], other: str | list[str]) -> tuple[str, str]:
    """Where two values part: the first items of lists that only one has, or texts from shortly before."""
    if isinstance(one, list) and isinstance(other, list):
        only = [
            [item for item in first if item not in second] for first, second in ((one, other), (other, one))
        ]
        return tuple(
            f"{len(found)}: {', '.join(found)}"[:SHOWN] if found else "other order" for found in only
        )  # type: ignore[return-value]
    at = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    start = max(0, at - 10)
    return str(one[start : start + SHOWN]), str(other[start : start + SHOWN])


def zensical(staged: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """Build a copy of a staged language in `folder` and return the built tree.

    Raises:
        subprocess.CalledProcessError: Zensical did not build it; its own words are in the error.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(staged, folder)
    program = str(pathlib.Path(sys.executable).with_name("zensical"))
    subprocess.run(
        [program, "build", "--clean", "-f", "mkdocs.yml"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return folder / "site"


def report(differences: Mapping[str, list[Difference]], pages: Mapping[str, int]) -> bool:
    """Print what differs, a row per language and kind with its first page; whether any of it is grave."""
    table = Table(
        "Language", "What", "Pages", "First on", "MkDocs", "Zensical", title="What Zensical builds otherwise"
    )
    for language, found in differences.items():
        for what in dict.fromkeys(each.what for each in found):
            same = [each for each in found if each.what == what]
            table.add_row(language, what, str(len(same)), same[0].page, same[0].mkdocs, same[0].zensical)
    if table.row_count:
        console.print(table)
    grave = [(code, each) for code, found in differences.items() for each in found if each.what in GRAVE]
    for code, each in grave:
        console.print(
            f"{code} {each.page}: {each.what}: MkDocs has {each.mkdocs!r}, Zensical has {each.zensical!r}.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    total = sum(map(len, differences.values()))
    console.print(
        f"Pages compared: {sum(pages.values())}. Differences: {total}, grave ones: {len(grave)}.",
        highlight=False,
    )
    return bool(grave)


@app.command()
def main() -> None:
    """Build with Zensical and report what differs from MkDocs."""
    try:
        built = site_builder.build()
    except site_builder.PROBLEMS as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    differences, pages = {}, {}
    for language in LANGUAGES:
        try:
            tree = zensical(unchanged.WORK / language.code, WORK / language.code)
        except subprocess.CalledProcessError as error:
            console.print(
                f"Zensical did not build {language.english}: {error.stderr or error.stdout}", markup=False
            )
            sys.exit(1)
        here = read(built / language.prefix)
        pages[language.code] = len(here)
        differences[language.code] = list(compare(here, read(tree)))
    sys.exit(1 if report(differences, pages) else 0)


if __name__ == "__main__":
    app()
