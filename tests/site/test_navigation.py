"""Getting around the built site: tabs, a section's pages, drawer, previous and next, language menu, paper.

With the keyboard alone where a desktop has one, and by touch-sized controls on a phone.
"""

import html.parser
import pathlib
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from i18n.languages import LANGUAGE
from tests.site.loopback import PAGES, FakeKitchen

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
every_language = pytest.mark.parametrize("code", LANGUAGE)


def address(server: str, code: str, path: str = "") -> str:
    return f"{server}/{LANGUAGE[code].prefix}{path}"


def tabs(page: Page) -> Locator:
    return page.locator(".md-header .md-tabs__link")


def tab_to(page: Page, target: Locator, most: int = 60) -> None:
    """Press Tab until something has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"{most} times Tab did not reach {target}")


class Anchors(html.parser.HTMLParser):
    """A page's links of one class, in order: the file that each leads to, and its aria-current."""

    def __init__(self, page: pathlib.Path, name: str) -> None:
        super().__init__()
        self.found: list[tuple[pathlib.Path, str]] = []
        self._page, self._name = page, name
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and values.get("class", "").endswith(self._name):
            target = (self._page.parent / values["href"]).resolve() / "index.html"
            self.found.append((target, values.get("aria-current", "")))


@every_language
def test_every_page_is_reached_by_a_tab_and_the_row_below_it(site: pathlib.Path, code: str) -> None:
    tree = (site / LANGUAGE[code].prefix).resolve()
    pages = {tree / path / "index.html" for path in PAGES}
    home = Anchors(tree / "index.html", "md-tabs__link").found
    assert [current for _, current in home] == ["page", "", "", "", "", ""]
    reached = {tree / "index.html"}
    for first, _ in home[1:]:
        row = [target for target, _ in Anchors(first, "md-tabs__link").found[len(home) :]]
        assert row[0] == first
        reached.update(row)
        for page in row:
            links = Anchors(page, "md-tabs__link").found
            assert [target for target, _ in links] == [target for target, _ in home] + row
            marked = {target: current for target, current in links[: len(home)] if current}
            assert marked == {first: "page" if page == first else "true"}
            assert {target: current for target, current in links[len(home) :] if current} == {page: "page"}
    assert reached == pages


@every_language
def test_previous_and_next_walk_through_all_pages(site: pathlib.Path, code: str) -> None:
    tree = (site / LANGUAGE[code].prefix).resolve()
    walked = [tree / "index.html"]
    while following := Anchors(walked[-1], "md-footer__link--next").found:
        ((page, _),) = following
        assert Anchors(page, "md-footer__link--prev").found == [(walked[-1], "")]
        walked.append(page)
    assert sorted(walked) == sorted(tree / path / "index.html" for path in PAGES)


def test_tabs_and_the_row_of_their_section_are_shown_on_a_desktop(page: Page, static_server: str) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto(address(static_server, "ko", "myths/"))
    expect(tabs(page).first).to_be_visible()
    expect(page.locator(".section-tabs [aria-current=page]")).to_be_in_viewport()
    page.set_viewport_size(PHONE)
    expect(tabs(page).first).to_be_hidden()
    expect(page.locator(".section-tabs")).to_be_hidden()


def test_tabs_and_their_rows_follow_an_instant_navigation(page: Page, fake_kitchen: FakeKitchen) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto(address(fake_kitchen.url, "ko", "myths/"))
    page.evaluate("window.still = true")
    comics = page.locator(".section-tabs a").last.inner_text()
    page.locator(".section-tabs a").last.click()
    page.wait_for_url("**/ko/comics/")
    expect(page.locator(".section-tabs [aria-current=page]")).to_have_text(comics)
    tabs(page).nth(2).click()
    expect(tabs(page).nth(2)).to_have_attribute("aria-current", "page")
    expect(page.locator(".section-tabs a").first).to_have_attribute("aria-current", "page")
    assert page.evaluate("window.still"), "the page was loaded anew"


@every_language
def test_the_drawer_of_a_phone_lists_every_page(page: Page, static_server: str, code: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(address(static_server, code, "myths/"))
    page.locator(".md-header label[for=__drawer]").click()
    drawer = page.locator(".md-sidebar--primary")
    expect(drawer).to_be_visible()
    links = drawer.locator("nav.md-nav a.md-nav__link:not([href^='#'])")
    found = set(links.evaluate_all("links => links.map(link => link.href.split('#')[0])"))
    assert len(found) == len(PAGES)
    current = drawer.locator("[aria-current=page]")
    expect(current).to_have_count(1)
    assert current.evaluate("link => link.href") == page.url
    # The open section of the drawer is the page's own; one step back and another is chosen.
    drawer.locator(".md-nav__item--active > .md-nav > label.md-nav__title").first.click()
    drawer.locator(".md-nav--primary > .md-nav__list > li > label.md-nav__link").nth(1).click()
    other = drawer.get_by_role("link").filter(visible=True).last
    goal = other.evaluate("link => link.href")
    other.click()
    page.wait_for_url(goal)


def test_a_footer_link_is_reached_and_followed_with_the_keyboard(page: Page, static_server: str) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto(address(static_server, "ja", "comics/"))
    following = page.locator(".md-footer__link--next")
    goal = following.evaluate("link => link.href")
    following.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(goal)


@pytest.mark.parametrize("code", ["en", "ko"])
def test_the_first_stop_of_the_keyboard_skips_to_the_content(
    page: Page, static_server: str, code: str
) -> None:
    page.set_viewport_size(DESKTOP)
    for path in ("", "costs/"):
        page.goto(address(static_server, code, path))
        skip = page.locator(".md-skip")
        tab_to(page, skip, 3)
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator(":target")).to_be_in_viewport()
        page.wait_for_timeout(300)  # less than a reader takes, enough for the theme to settle the jump
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main, footer') !== null")


@pytest.mark.parametrize(("code", "other"), [("en", "ko"), ("ko", "ja"), ("ja", "en")])
def test_the_language_menu_keeps_page_and_place_with_the_keyboard(
    page: Page, static_server: str, code: str, other: str
) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto(address(static_server, code, "side-by-side/#sources"))
    link = page.locator(f".md-select a[hreflang={other}]")
    page.locator(".md-select button").focus()
    tab_to(page, link, 4)
    expect(link).to_be_visible()
    expect(page.locator(".md-select [aria-current=true]")).to_have_attribute("hreflang", code)
    page.keyboard.press("Enter")
    page.wait_for_url(address(static_server, other, "side-by-side/#sources"))
    expect(page.locator("html")).to_have_attribute("lang", other)


def test_the_light_follows_the_device_until_the_reader_chooses(page: Page, static_server: str) -> None:
    body, switch = page.locator("body"), page.locator("button[data-scheme]:visible")
    page.goto(address(static_server, "ko", "side-by-side/"))
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    page.emulate_media(color_scheme="dark")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    expect(switch).to_have_accessible_name("불 켜기(밝은 화면)")
    switch.focus()
    page.keyboard.press("Enter")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    expect(switch).to_be_focused()
    expect(switch).to_have_accessible_name("불 끄기(어두운 화면)")
    page.goto(address(static_server, "ko", ""))
    expect(body).to_have_attribute("data-md-color-scheme", "default")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_has_dark_ink_and_nothing_to_press(page: Page, static_server: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    for path in ("", "taste-test/", "comics/"):
        page.goto(address(static_server, "ko", path))
        page.emulate_media(media="print")
        for screen_only in (
            ".md-header", ".md-tabs", ".md-search", ".md-sidebar", ".md-footer__inner", ".button", "form",
            "article button",
        ):  # fmt: skip
            shown = page.locator(screen_only).filter(visible=True)
            assert shown.count() == 0, f"{path}: {screen_only} is printed"
        for printed in ("h1", "article p"):
            expect(page.locator(printed).filter(visible=True).first).to_be_visible()
            ink = page.locator(printed).first.evaluate("node => getComputedStyle(node).color")
            assert max(map(int, re.findall(r"\d+", ink)[:3])) < 128, f"{path}: {printed} is printed in {ink}"
        page.emulate_media(media="screen")
