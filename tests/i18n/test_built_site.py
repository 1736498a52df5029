"""The real site, built: links lead somewhere, nothing is asked of another host, every letter has a font."""

import html.parser
import json
import pathlib
import re
import urllib.parse

import pytest

from i18n import fonts, glyphs
from i18n.languages import LANGUAGES
from tests.conftest import ADDRESS

PAGES = ("", "side-by-side/", "taste-test/")
FETCHED = {"link": "href", "script": "src", "img": "src", "source": "src", "iframe": "src", "use": "href"}


class Page(html.parser.HTMLParser):
    """The tags, ids and visible text of a page."""

    def __init__(self, path: pathlib.Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: set[str] = set()
        self._silent = False
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._silent = tag in {"script", "style"}

    def handle_data(self, data):
        if not self._silent:
            self.text.update(data)

    @property
    def ids(self) -> set[str]:
        return {values["id"] for _, values in self.tags if "id" in values}

    def links(self, **having: str) -> list[str]:
        return [
            values["href"]
            for tag, values in self.tags
            if tag == "a" and "href" in values and all(values.get(k) == v for k, v in having.items())
        ]


@pytest.fixture
def tree(built, language):
    return built / language.prefix


def target(site: pathlib.Path, page: pathlib.Path, link: str) -> tuple[pathlib.Path, str]:
    """The file that a relative link of a page leads to, and the fragment."""
    parts = urllib.parse.urlsplit(link)
    path = (page.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else page
    assert path.is_relative_to(site.resolve()), f"{page}: {link} leaves the site"
    return (path / "index.html" if path.is_dir() else path), parts.fragment


def test_every_page_says_its_language(tree, language):
    for page in PAGES:
        assert ("html", {"lang": language.code, "class": "no-js"}) in Page(tree / page / "index.html").tags


def test_every_link_and_anchor_leads_somewhere_without_knowing_where_the_site_lies(built, tree):
    pages = {path.resolve(): Page(path) for path in built.rglob("index.html")}
    for name in PAGES:
        path = (tree / name / "index.html").resolve()
        for link in pages[path].links():
            if link.startswith("https://"):
                continue
            assert not link.startswith("/"), f"{path}: {link} would break under a sub-path"
            file, fragment = target(built, path, link)
            assert file.is_file(), f"{path}: {link} leads nowhere"
            assert not fragment or fragment in pages[file].ids, f"{path}: {link} has no such place"


def test_the_language_switch_leads_to_the_same_page(built, tree):
    for name in PAGES:
        path = tree / name / "index.html"
        page = Page(path)
        for other in LANGUAGES:
            links = page.links(hreflang=other.code)
            assert links, f"{path} has no link to {other.name}"
            for link in links:
                assert target(built, path, link)[0] == (built / other.prefix / name / "index.html").resolve()


def test_alternates_for_search_engines_are_hidden_from_instant_navigation(built, tree):
    for name in PAGES:
        path = tree / name / "index.html"
        found = {
            values["hreflang"]: target(built, path, values["href"])[0]
            for tag, values in Page(path).tags
            if tag == "link" and values.get("rel") == "alternate "
        }
        wanted = {each.code: (built / each.prefix / name / "index.html").resolve() for each in LANGUAGES}
        assert found == {**wanted, "x-default": wanted["en"]}
        assert not [v for t, v in Page(path).tags if t == "link" and v.get("rel") == "alternate"]


def test_without_a_known_address_there_is_no_canonical_one(tree):
    assert not [v for t, v in Page(tree / "index.html").tags if t == "link" and v.get("rel") == "canonical"]


def test_heading_ids_are_the_same_in_every_language(built, tree):
    for name in PAGES:
        assert Page(tree / name / "index.html").ids == Page(built / name / "index.html").ids


def test_no_page_or_style_sheet_fetches_anything_from_another_host(tree):
    for path in tree.glob("**/*.html"):
        for tag, values in Page(path).tags:
            address = values.get(FETCHED.get(tag, ""), "")
            assert not re.match(r"(https?:)?//", address), f"{path} fetches {address}"
            assert "url(http" not in values.get("style", "")
    for path in tree.glob("**/*.css"):
        assert not re.search(r"url\([\"']?(https?:)?//|@import", path.read_text("utf-8")), path


def test_every_letter_of_every_page_has_a_glyph(tree):
    css = "".join((tree / f"assets/fonts/{name}.css").read_text("utf-8") for name in ("fonts", "later"))
    rules = re.findall(r'"Bowl Text".*?font-weight:400.*?unicode-range:([^}]*)}', css)
    spans = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", ",".join(rules))
    covered = {
        chr(code) for low, high in spans for code in range(int(low, base=16), int(high or low, base=16) + 1)
    }
    assert covered >= glyphs.ALWAYS
    for name in PAGES:
        shown = {
            each for each in Page(tree / name / "index.html").text if each.isprintable() or each == "\u00a0"
        }
        assert not shown - covered, f"{name}: no font for {shown - covered}"


def test_fonts_bring_their_licence(tree, language):
    family = fonts.FACES[language.code].text.partition("/")[0]
    licence = (tree / f"assets/fonts/{family}-OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE" in licence.upper()


def test_demos_find_their_modules_words_and_libraries(built, tree, language):
    page = Page(tree / "taste-test/index.html")
    (element,) = [values for tag, values in page.tags if tag == "taste-test"]
    assert (tree / "taste-test" / element["data-api"]).resolve() == built.resolve()
    words = json.loads((tree / "assets/demos/strings.json").read_text("utf-8"))
    assert bool(words) == (language.code != "en")
    raw = (tree / "taste-test/index.html").read_text("utf-8")
    imports = json.loads(re.search(r'<script type="importmap">(.*?)</script>', raw, re.DOTALL)[1])["imports"]
    for address in imports.values():
        assert (tree / "taste-test" / address).is_file()


def test_a_static_host_answers_that_there_is_no_kitchen(built):
    assert json.loads((built / "api/kitchen").read_text("utf-8")) == {"state": "absent"}
    assert not (built / "ko/api").exists()


def test_a_known_address_is_printed_as_the_canonical_one(public):
    page = Page(public / "ko/side-by-side/index.html")
    links = {values.get("rel"): values["href"] for tag, values in page.tags if tag == "link"}
    assert links["canonical"] == f"{ADDRESS}ko/side-by-side/"
    assert 'href="/some/sub/path/ja/"' in (public / "404.html").read_text("utf-8")
