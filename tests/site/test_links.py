"""Every address in every built page leads to a file and an anchor, from the root and from below a path.

Read off the files, so that all pages of all languages are done in seconds.
"""

import functools
import html.parser
import json
import pathlib
import re
import shutil
import urllib.parse
from collections.abc import Iterator

import pytest

from i18n.languages import LANGUAGES

OUTSIDE = ("https:", "mailto:", "data:", "blob:")
ADDRESSES = ("href", "src", "poster", "data-src", "xlink:href")
HOSTS = {"the root": "https://example.org/", "a path": "https://example.org/some/sub/path/"}


class Page(html.parser.HTMLParser):
    """The ids of a page, and every address in it with the tag that has it."""

    def __init__(self, path: pathlib.Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.addresses: list[tuple[str, str]] = []
        self._script = ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._script = values.get("type", "") if tag == "script" else ""
        self.ids.update(values[name] for name in ("id", "name") if values.get(name))
        self.addresses += [(tag, values[name]) for name in ADDRESSES if name in values]
        for name in ("srcset", "imagesrcset"):
            self.addresses += [
                (tag, part.split()[0]) for part in values.get(name, "").split(",") if part.strip()
            ]
        if tag == "meta" and values.get("property") in {"og:image", "og:url"}:
            self.addresses.append((values["property"], values["content"]))

    def handle_data(self, data: str) -> None:
        if self._script == "importmap":
            self.addresses += [("importmap", address) for address in json.loads(data)["imports"].values()]
            self._script = ""


@functools.cache
def read(path: pathlib.Path) -> Page:
    return Page(path)


def unresolved(site: pathlib.Path, root: str) -> Iterator[str]:
    """A line for each address that leads nowhere when the site lies at `root`."""
    for path in sorted(site.rglob("index.html")):
        name = path.parent.relative_to(site).as_posix().removeprefix(".")
        here = urllib.parse.urljoin(root, f"{name}/" if name else "")
        for tag, address in read(path).addresses:
            if address.startswith(OUTSIDE) and not address.startswith(root):
                continue
            target = urllib.parse.urlsplit(urllib.parse.urljoin(here, address))
            leads = f"{name or 'the home page'}: <{tag}> {address}"
            if not target.geturl().startswith(root):
                yield f"{leads} leaves the site"
                continue
            file = site / urllib.parse.unquote(target.geturl().split("#")[0].split("?")[0].removeprefix(root))
            file = file / "index.html" if file.is_dir() else file
            if not file.is_file():
                yield f"{leads} leads to no file"
            elif file.suffix == ".html" and target.fragment not in {"", *read(file).ids}:
                yield f"{leads} leads to no such place"


@pytest.mark.parametrize("root", HOSTS.values(), ids=HOSTS)
def test_every_address_leads_somewhere(site: pathlib.Path, root: str) -> None:
    assert len(list(site.rglob("index.html"))) % len(LANGUAGES) == 0
    assert list(unresolved(site, root)) == []


def test_every_style_sheet_and_module_finds_its_files(site: pathlib.Path) -> None:
    lost = []
    for path in [*site.rglob("*.css"), *site.glob("**/assets/demos/**/*.js")]:
        text = path.read_text("utf-8")
        names = re.findall(r"url\([\"']?([^)\"']+)", text) if path.suffix == ".css" else []
        names += re.findall(r"""(?:import|from)\s*\(?["'](\.[^"']+)""", text)
        lost += [
            f"{path.relative_to(site)}: {name}"
            for name in names
            if not name.startswith(("data:", "#"))
            and not (path.parent / name.split("?")[0].split("#")[0]).is_file()
        ]
    assert lost == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('<a href="nowhere/">', "the home page: <a> nowhere/ leads to no file"),
        ('<a href="#nowhere">', "the home page: <a> #nowhere leads to no such place"),
        ('<img srcset="a.png 2x">', "the home page: <img> a.png leads to no file"),
        ('<a href="/">', "the home page: <a> / leaves the site"),
        ('<meta property="og:image" content="https://example.org/some/sub/path/a.png">',
         "the home page: <og:image> https://example.org/some/sub/path/a.png leads to no file"),
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_named(tmp_path: pathlib.Path, written: str, said: str) -> None:
    (tmp_path / "index.html").write_text(f"<p id=top>{written}", "utf-8")
    assert list(unresolved(tmp_path, HOSTS["a path"])) == [said]
    shutil.rmtree(tmp_path)
    read.cache_clear()
