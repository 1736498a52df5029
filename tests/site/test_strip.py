"""Strips on built pages: lettering inside bubbles, names for pictures, panels that stack, working buttons."""

import pathlib

import pytest
from playwright.sync_api import Browser, Page, expect

from i18n.languages import LANGUAGE, LANGUAGES
from tests.site.conftest import Complaints

every_language = pytest.mark.parametrize("code", [language.code for language in LANGUAGES])

STRIPS = len(list((pathlib.Path(__file__).resolve().parents[2] / "comics" / "strips").glob("*.yml")))

# The browser's own measure of every line, in drawing units: its length and its box against the bubble's box.
OUTSIDE = """() => [...document.querySelectorAll(".strip-panel text[data-box]")].flatMap((text) => {
  const [x, y, width, height] = text.dataset.box.split(" ").map(Number);
  return [...text.children].flatMap((line) => {
    // A last space is never seen.
    const seen = line.textContent.trimEnd().length, all = line.textContent.length;
    const unseen = seen < all ? line.getSubStringLength(seen, all - seen) : 0;
    const length = line.getComputedTextLength() - unseen;
    const first = line.getExtentOfChar(0);
    const inside = length <= width + 0.5 && first.x >= x - 1.5 && first.x + length <= x + width + 1.5
      && first.y >= y - 1.5 && first.y + first.height <= y + height + 1.5;
    return inside ? [] : [`${line.textContent}: ${length} from ${first.x} ${first.y} in ${text.dataset.box}`];
  });
})"""


def without_space(text: str) -> str:
    """The text as lettering has it: where a line ends, a space may be gone."""
    return "".join(text.split())


def drawn(page: Page, address: str) -> None:
    """Open a page and walk past all its strips, so that they are drawn."""
    page.goto(address)
    for strip in page.locator("figure.strip").all():
        strip.scroll_into_view_if_needed()
        expect(strip.locator("svg.strip-panel")).to_have_count(4)


@every_language
def test_lettering_of_every_strip_stays_inside_its_bubbles(page: Page, static_server: str, code: str) -> None:
    drawn(page, f"{static_server}/{LANGUAGE[code].prefix}comics/")
    page.evaluate("document.fonts.ready")
    expect(page.locator("figure.strip")).to_have_count(STRIPS)
    assert page.locator(".strip-panel text[data-box]").count() >= 6 * STRIPS
    assert page.evaluate(OUTSIDE) == []


@every_language
def test_every_panel_has_a_name_and_the_strip_a_transcript(page: Page, static_server: str, code: str) -> None:
    drawn(page, f"{static_server}/{LANGUAGE[code].prefix}")
    panels = page.locator(".strip-panel")
    expect(panels).to_have_count(4)
    names = panels.evaluate_all("panels => panels.map(panel => panel.getAttribute('aria-label'))")
    assert all(names)
    assert len(set(names)) == 4
    page.locator(".strip-transcript summary").click()
    written = without_space(page.locator(".strip-transcript").inner_text())
    for bubble in page.locator(".strip-panel text[data-box]").all_text_contents():
        assert without_space(bubble) in written


@pytest.mark.parametrize(("width", "rows"), [(390, 4), (1280, 2)], ids=["phone", "desktop"])
def test_panels_stack_on_a_phone_and_pair_on_a_desktop(
    page: Page, static_server: str, width: int, rows: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    drawn(page, f"{static_server}/")
    tops = page.locator(".strip-panel").evaluate_all(
        "panels => panels.map(panel => Math.round(panel.getBoundingClientRect().top))"
    )
    assert len(set(tops)) == rows


def test_a_strip_turns_through_the_languages_where_it_stands(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/ko/comics/")
    strip = page.locator("comic-strip").nth(1)
    title, turn = strip.locator("figcaption"), strip.get_by_role("button").first
    korean = title.text_content()
    expect(turn).to_have_accessible_name("이 만화를 다른 언어로 보기: 日本語")
    turn.press("Enter")
    expect(strip.locator("figure")).to_have_attribute("lang", "ja")
    expect(turn).to_be_focused()
    turn.press("Enter")
    expect(title).to_have_text("The restaurant and the packet")
    turn.press("Enter")
    expect(title).to_have_text(korean or "")


def test_a_strip_whose_other_language_cannot_be_fetched_says_so_and_stays(
    page: Page, static_server: str, complaints: Complaints
) -> None:
    complaints.expected = ("404",)
    page.goto(f"{static_server}/comics/")
    strip = page.locator("comic-strip").first
    page.route("**/ko/comics/", lambda route: route.fulfill(status=404))
    strip.get_by_role("button").first.click()
    expect(strip.get_by_role("status")).to_have_text("The other language could not be fetched.")
    expect(strip.locator("figure")).to_have_attribute("lang", "en")


def test_sharing_copies_the_title_and_a_link_to_the_strip(page: Page, static_server: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{static_server}/comics/")
    strip = page.locator("comic-strip").nth(2)
    strip.get_by_role("button", name="Share").click()
    expect(strip.get_by_role("status")).to_have_text("The title and the link are in your clipboard.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"Just one more topping (Two Bowls)\n{static_server}/comics/#strip-toppings"


@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])
def test_a_strip_is_drawn_when_the_reader_comes_near_and_its_room_is_kept(
    page: Page, static_server: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 500})
    page.goto(f"{static_server}/ramen-story/")
    page.wait_for_load_state("networkidle")
    art = page.locator(".strip-art")
    expect(art.locator("svg")).to_have_count(0)
    room = art.bounding_box()
    page.locator(".strip-title").scroll_into_view_if_needed()
    expect(art.locator("svg.strip-panel")).to_have_count(4)
    picture = art.bounding_box()
    assert room
    assert picture
    assert abs(room["height"] - picture["height"]) <= 2


def test_a_strip_is_drawn_after_instant_navigation_too(page: Page, static_server: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(f"{static_server}/side-by-side/")
    page.locator(".md-footer a, article a, .md-tabs a").and_(page.locator("[href$='costs/']")).first.click()
    page.wait_for_url("**/costs/")
    page.locator(".strip-title").scroll_into_view_if_needed()
    expect(page.locator("svg.strip-panel")).to_have_count(4)
    expect(page.locator("svg.strip-panel").first).to_be_visible()


def test_paper_shows_strips_that_were_never_seen(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/comics/")
    expect(page.locator(".strip-art > noscript")).not_to_have_count(0)
    page.pdf()
    expect(page.locator(".strip-art > noscript")).to_have_count(0)


def test_without_scripts_a_strip_is_simply_there(browser: Browser, static_server: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{static_server}/ja/")
        expect(page.locator("svg.strip-panel")).to_have_count(4)
        expect(page.locator("svg.strip-panel").last).to_be_visible()
