"""The search box of the built site, with real key presses: what comes first, and that it works everywhere."""

import pathlib
import re

import pytest
import yaml
from playwright.sync_api import Locator, Page, expect

from i18n.languages import LANGUAGE
from tests.site.loopback import FakeKitchen

WORDS = yaml.safe_load(pathlib.Path(__file__).with_name("search_words.yml").read_text("utf-8"))


def search(page: Page, query: str) -> Locator:
    """Type a query into an emptied box; the links that are found, page by page."""
    links = page.locator(".md-search-result__item > .md-search-result__link")
    box = page.locator(".md-search__input")
    box.click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Backspace")
    expect(links).to_have_count(0)
    page.keyboard.type(query)
    page.keyboard.press("End")  # letters that no key has come without a keyup of their own
    expect(page.locator(".md-search-result__meta")).to_have_text(
        re.compile(r"\d|일치하는 문서가 없|見つかりません|No ")
    )
    return links


def found(links: Locator) -> list[str]:
    return [link.split("?")[0] for link in links.evaluate_all("links => links.map(link => link.href)")]


def settled(links: Locator) -> list[str]:
    """The pages that were found, when the list no longer changes: it grows as the word is typed."""
    pages, before = found(links), [""]
    while pages != before:
        links.page.wait_for_timeout(300)
        pages, before = found(links), pages
    return [link.split("#")[0] for link in pages]


@pytest.mark.parametrize("code", LANGUAGE)
def test_the_page_that_is_about_a_word_comes_first(page: Page, static_server: str, code: str) -> None:
    root = f"{static_server}/{LANGUAGE[code].prefix}"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(root)
    wrong = []
    for row in WORDS:
        if row["lang"] == code:
            pages = [link.split("#")[0].removeprefix(root) for link in found(search(page, row["query"]))]
            if pages[:1] != [row["page"]]:
                wrong.append(f"{row['query']}: wanted {row['page']} first, found {pages[:4]}")
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        ("ko", "라면", "라면을"),
        ("ko", "미세 조정", "미세조정이란"),
        ("ja", "ラーメン", "らーめん"),
        ("ja", "トッピング", "トッピングって何"),
        ("en", "license", "licenses"),
    ],
)
def test_endings_spaces_and_kana_make_no_difference(
    page: Page, static_server: str, code: str, one: str, other: str
) -> None:
    page.goto(f"{static_server}/{LANGUAGE[code].prefix}costs/")
    page.set_viewport_size({"width": 1280, "height": 800})
    first = settled(search(page, one))[0]
    assert settled(search(page, other))[0] == first


def test_the_word_itself_is_marked_and_not_the_sentence_around_it(page: Page, static_server: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{static_server}/ja/")
    marks = search(page, "ラーメンは").locator("xpath=..").locator("mark").all_text_contents()
    assert set(marks) == {"ラーメン"}


def test_a_word_that_is_nowhere_finds_nothing(page: Page, static_server: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{static_server}/ko/")
    links = search(page, "콘크리트")
    expect(page.locator(".md-search-result__meta")).to_have_text("검색어와 일치하는 문서가 없습니다")
    assert found(links) == []


def test_enter_opens_the_first_page_found(page: Page, static_server: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{static_server}/ko/costs/")
    first = found(search(page, "토핑을"))[0]
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(first.split("#")[0])))


def test_the_search_goes_on_after_an_instant_navigation(page: Page, fake_kitchen: FakeKitchen) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{fake_kitchen.url}/ko/")
    page.evaluate("window.still = true")
    page.locator(".md-tabs__link").nth(1).click()
    page.wait_for_url(f"{fake_kitchen.url}/ko/*/")
    search(page, "토핑을").first.click()
    page.wait_for_url(re.compile(f"{fake_kitchen.url}/ko/toppings/"))
    assert page.evaluate("window.still"), "the page was loaded anew"


def test_texts_are_fetched_with_the_first_word_and_no_sooner(page: Page, static_server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{static_server}/ko/")
    page.wait_for_load_state("networkidle")
    assert "texts.json" not in asked
    search(page, "라면")
    assert asked.count("texts.json") == 1
    assert [name for name in asked if name.startswith("search.")] == []


@pytest.mark.parametrize(("code", "word"), [("en", "Search"), ("ko", "검색"), ("ja", "検索")])
def test_the_box_says_what_it_is_in_the_language(
    page: Page, static_server: str, code: str, word: str
) -> None:
    page.goto(f"{static_server}/{LANGUAGE[code].prefix}")
    expect(page.locator(".md-search__input")).to_have_attribute("placeholder", word)
    expect(page.locator(".md-search")).to_have_attribute("aria-label", word)
