"""Every page in every language, on a phone and on a desktop, as a plain file host serves it below a path.

The page fixture adds to each test: no console error or warning, no script error, no request elsewhere.
"""

import json
import pathlib
import re
from typing import Literal

import pytest
from babel.messages.extract import extract_from_dir
from playwright.sync_api import Locator, Page, expect

from i18n import fonts
from i18n.languages import LANGUAGE, LANGUAGES, TRANSLATED
from tests.site import axe
from tests.site.conftest import Complaints
from tests.site.loopback import PAGES, FakeKitchen

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
NARROWEST = {"width": 360, "height": 740}

every_page = pytest.mark.parametrize("path", PAGES, ids=[path or "home" for path in PAGES])
every_language = pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
FIRST_OF_TABS = ("", "ramen-story/", "side-by-side/", "your-kitchen/", "taste-test/", "behind-the-scenes/")
some_pages = pytest.mark.parametrize("path", ["", "side-by-side/", "taste-test/"])


def address(server: str, code: str, path: str) -> str:
    return f"{server}/{LANGUAGE[code].prefix}{path}"


# On paper: 180 mm between the margins of an A4 sheet, at 96 dots per inch.
SHEET = {"width": 680, "height": 1000}
CUT_TABLES = """(tables, width) => tables
  .filter(table => table.getBoundingClientRect().right > width + 1)
  .map(table => table.outerHTML.slice(0, 80))"""
# Whatever a reader may press without being asked for a download is folded away, or lies further down.
OPEN = """() => {
  for (const details of document.querySelectorAll("article details")) details.open = true;
  scrollTo(0, document.body.scrollHeight);
}"""
LOADED = """() => document.fonts.status === "loaded"
  && [...document.images].every((image) => image.complete || image.loading === "lazy")"""


@every_language
@every_page
def test_a_page_is_quiet_fits_screen_and_sheet_is_clean_in_both_lights_and_needs_no_whole_font(
    page: Page, static_server: str, path: str, code: str
) -> None:
    """One visit for all that can be seen of a page by itself: a visit is what takes time."""
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(NARROWEST)
    response = page.goto(address(static_server, code, path))
    assert response is not None
    assert response.status == 200
    expect(page.locator("html")).to_have_attribute("lang", code)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [name for name in fetched if name.endswith(".woff2")]
    assert f"{pathlib.PurePath(fonts.FACES[code].text).name}.woff2" not in fetched
    assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    assert axe.findings(page) == ""
    page.set_viewport_size(DESKTOP)
    assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [1280, 1280]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    assert axe.findings(page, axe.COLOURS) == ""
    page.emulate_media(media="print")
    page.set_viewport_size(SHEET)
    assert page.locator("table").evaluate_all(CUT_TABLES, SHEET["width"]) == []
    page.emulate_media(media="screen")
    page.evaluate(OPEN)
    page.wait_for_function(LOADED)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_language
def test_the_page_for_a_wrong_address_is_clean(
    page: Page, fake_kitchen: FakeKitchen, code: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(NARROWEST)
    page.goto(address(fake_kitchen.url, code, "404.html"))
    expect(page.locator("html")).to_have_attribute("lang", code)
    assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    assert axe.findings(page) == ""


def tab(page: Page, path: str) -> Locator:
    """The link to a page in the row of tabs that a desktop shows."""
    return page.locator(".md-header .md-tabs__link").nth(FIRST_OF_TABS.index(path))


@some_pages
def test_instant_navigation_reaches_a_page_without_loading_it_anew(
    page: Page, fake_kitchen: FakeKitchen, path: str
) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto(address(fake_kitchen.url, "ko", "" if path else "side-by-side/"))
    page.evaluate("window.still = true")
    tab(page, path).click()
    page.wait_for_url(address(fake_kitchen.url, "ko", path))
    expect(tab(page, path).locator("..")).to_have_class(re.compile("active"))
    assert page.evaluate("window.still"), "the page was loaded anew"


@pytest.mark.parametrize(("code", "other"), [("en", "ko"), ("ko", "ja"), ("ja", "en")])
@some_pages
def test_the_language_menu_stays_on_the_page(
    page: Page, static_server: str, path: str, code: str, other: str
) -> None:
    page.set_viewport_size(PHONE)
    page.goto(address(static_server, code, path))
    switch_to(page, other)
    page.wait_for_url(address(static_server, other, path))
    expect(page.locator("html")).to_have_attribute("lang", other)


def test_the_language_menu_stays_on_the_page_after_an_instant_navigation(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto(address(fake_kitchen.url, "en", "side-by-side/"))
    page.evaluate("window.still = true")
    tab(page, "taste-test/").click()
    page.wait_for_url(address(fake_kitchen.url, "en", "taste-test/"))
    assert page.evaluate("window.still"), "the page was loaded anew"
    switch_to(page, "ja")
    page.wait_for_url(address(fake_kitchen.url, "ja", "taste-test/"))
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.get_by_text("厨房が開きました")).to_be_visible()  # the element's words changed too


def switch_to(page: Page, code: str) -> None:
    """Choose a language in the header's menu."""
    page.locator(".md-select").get_by_role("button").hover()
    page.locator(f".md-select a[hreflang={code}]").click()


@pytest.mark.parametrize("code", [language.code for language in TRANSLATED])
def test_the_demos_have_every_word_in_the_language(site: pathlib.Path, code: str) -> None:
    scripts = extract_from_dir("demos/web", [("**.js", "javascript")], keywords={"t": None})
    words = {msgid for _, _, msgid, _, _ in scripts}
    translated = json.loads((site / code / "assets/demos/strings.json").read_text("utf-8"))
    assert words - translated.keys() == set()


def test_a_page_that_is_open_still_works_offline(
    page: Page, static_server: str, complaints: Complaints
) -> None:
    complaints.expected = ("ERR_INTERNET_DISCONNECTED",)
    page.goto(address(static_server, "en", ""))
    page.wait_for_load_state("networkidle")
    page.context.set_offline(offline=True)
    page.locator(".strip-transcript summary").click()
    expect(page.locator(".strip-transcript")).to_have_attribute("open", "")
    assert page.evaluate("document.fonts.status") == "loaded"
