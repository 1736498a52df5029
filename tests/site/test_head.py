"""What a page says of itself to search engines and sites that show a link: head, sitemap, card, 404 page."""

import html.parser
import io
import json
import pathlib
import re
import urllib.parse
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from i18n.languages import LANGUAGE, LANGUAGES
from tests.conftest import ADDRESS
from tests.site.loopback import PAGES

SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}

every_page = pytest.mark.parametrize("path", PAGES, ids=[path or "home" for path in PAGES])
every_language = pytest.mark.parametrize("code", LANGUAGE)


class Head(html.parser.HTMLParser):
    """The title, metas, links and JSON-LD of a page, and its visible text."""

    def __init__(self, path: pathlib.Path) -> None:
        super().__init__()
        self.metas: dict[str, list[str]] = {}
        self.links: dict[str, list[str]] = {}
        self.alternates: dict[str, str] = {}
        self.data: list[dict] = []
        self.title = self.language = self.text = ""
        self._inside: list[str] = []
        self.feed(path.read_text("utf-8"))
        self.text = squeezed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = values["lang"]
        if tag == "meta":
            self.metas.setdefault(values.get("property") or values.get("name", ""), []).append(
                values.get("content", "")
            )
        if tag == "link":
            self.links.setdefault(values["rel"].strip(), []).append(values["href"])
            if values["rel"].strip() == "alternate":
                self.alternates[values["hreflang"]] = values["href"]
        self._inside = [*self._inside, values.get("type", tag) if tag in {"script", "style"} else tag][-40:]

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside[:-1] if tag in {"script", "style", "title"} else self._inside

    def handle_data(self, data: str) -> None:
        inside = self._inside[-1] if self._inside else ""
        if inside == "application/ld+json":
            self.data.append(json.loads(data))
        elif inside == "title" and not self.title:
            self.title = data
        elif inside not in {"script", "style", "importmap", "module", "application/json"}:
            self.text += data


def squeezed(text: str) -> str:
    """A text without white space and source marks, so that markup does not matter."""
    return re.sub(r"[\s\u00a0]+", "", text)


def head(tree: pathlib.Path, code: str, path: str) -> Head:
    return Head(tree / LANGUAGE[code].prefix / path / "index.html")


@every_language
def test_every_page_has_a_title_and_a_description_of_its_own(site: pathlib.Path, code: str) -> None:
    heads = [head(site, code, path) for path in PAGES]
    assert {page.language for page in heads} == {code}
    for said in ([page.title for page in heads], [page.metas["description"][0] for page in heads]):
        assert len(set(said)) == len(said), said
        assert min(map(len, said)) > 5
    for page in heads:
        assert page.metas["og:title"][0] == page.title.removesuffix(" - Two Bowls")
        assert page.metas["og:description"] == page.metas["description"]
        assert page.metas["og:locale"] == [LANGUAGE[code].locale]
        assert len(page.metas["og:locale:alternate"]) == len(LANGUAGES) - 1


@every_language
def test_without_an_address_nothing_absolute_is_said(site: pathlib.Path, code: str) -> None:
    for path in PAGES:
        page = head(site, code, path)
        assert not {"og:url", "og:image"} & page.metas.keys()
        assert "canonical" not in page.links
        assert "example.org" not in json.dumps(page.data)
    assert not (site / "robots.txt").exists()


@every_language
def test_with_an_address_pages_name_themselves_their_siblings_and_their_card(
    public: pathlib.Path, code: str
) -> None:
    for path in PAGES:
        page = head(public, code, path)
        here = f"{ADDRESS}{LANGUAGE[code].prefix}{path}"
        assert page.links["canonical"] == page.metas["og:url"] == [here]
        siblings = {other.code: f"{ADDRESS}{other.prefix}{path}" for other in LANGUAGES}
        assert page.alternates == {**siblings, "x-default": siblings["en"]}
        card = public / page.metas["og:image"][0].removeprefix(ADDRESS)
        assert card.is_relative_to(public / LANGUAGE[code].prefix / "assets" / "cards")
        assert card.stat().st_size < 40_000
        assert Image.open(io.BytesIO(card.read_bytes())).size == (1200, 630)


@every_language
def test_cards_of_different_pages_are_different_pictures(site: pathlib.Path, code: str) -> None:
    cards = [path.read_bytes() for path in (site / LANGUAGE[code].prefix / "assets/cards").glob("*.png")]
    assert len(set(cards)) == len(cards) == len(PAGES)


@every_language
def test_data_for_search_engines_says_what_the_page_says(site: pathlib.Path, code: str) -> None:
    for path in PAGES:
        page = head(site, code, path)
        thing = page.data[0]
        assert thing["@context"] == "https://schema.org"
        assert thing["inLanguage"] == code
        assert thing["@type"] == ("Article" if path else "WebSite")
        assert thing["description"]
        if path:
            assert thing["headline"] == page.metas["og:title"][0]
            assert thing["description"] == page.metas["description"][0]
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", thing["dateModified"])


@every_language
def test_questions_and_answers_stand_on_the_page_of_the_myths_word_for_word(
    site: pathlib.Path, code: str
) -> None:
    page = head(site, code, "myths/")
    (faq,) = [data for data in page.data if data["@type"] == "FAQPage"]
    assert len(faq["mainEntity"]) > 5
    for question in faq["mainEntity"]:
        assert squeezed(question["name"]) in page.text
        assert squeezed(question["acceptedAnswer"]["text"]) in page.text
        assert "<" not in question["acceptedAnswer"]["text"]
    assert [data["@type"] for data in head(site, code, "costs/").data] == ["Article"]


def test_each_sitemap_lists_its_language_and_the_same_pages_in_the_others(public: pathlib.Path) -> None:
    for language in LANGUAGES:
        tree = ET.parse(public / language.prefix / "sitemap.xml").getroot()  # noqa: S314 - our own file
        entries = {}
        for url in tree.findall("s:url", SITEMAP):
            links = {link.get("hreflang"): link.get("href") for link in url.findall("x:link", SITEMAP)}
            entries[url.findtext("s:loc", namespaces=SITEMAP)] = links
        assert set(entries) == {f"{ADDRESS}{language.prefix}{path}" for path in PAGES}
        for path in PAGES:
            siblings = {other.code: f"{ADDRESS}{other.prefix}{path}" for other in LANGUAGES}
            assert entries[f"{ADDRESS}{language.prefix}{path}"] == {**siblings, "x-default": siblings["en"]}
        assert not (public / language.prefix / "sitemap.xml.gz").exists()
    robots = (public / "robots.txt").read_text("utf-8")
    assert re.findall("Sitemap: (.*)", robots) == [f"{ADDRESS}{each.prefix}sitemap.xml" for each in LANGUAGES]


@every_language
def test_a_missing_page_leads_home_from_any_depth_and_is_not_indexed(public: pathlib.Path, code: str) -> None:
    path = public / LANGUAGE[code].prefix / "404.html"
    page = Head(path)
    assert page.language == code
    assert page.metas["robots"] == ["noindex"]
    hrefs = re.findall(r'href="([^"]+)"', path.read_text("utf-8"))
    base = urllib.parse.urlsplit(ADDRESS).path
    assert {f"{base}{other.prefix}" for other in LANGUAGES} <= set(hrefs)
    for href in hrefs:
        assert href.startswith(base)
        assert (public / href.removeprefix(base)).exists()


def test_the_404_pages_differ_by_language(public: pathlib.Path) -> None:
    assert len({Head(public / each.prefix / "404.html").title for each in LANGUAGES}) == len(LANGUAGES)
