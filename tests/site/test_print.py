"""Pages on paper: A4, light, nothing to press, addresses written out, a strip to a sheet.

That no table is cut at the edge, test_pages sees on every page.
"""

import re

from playwright.sync_api import Page, expect

from tests.site.test_pages import SHEET


def printed(page: Page, address: str) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size(SHEET)
    page.goto(address)
    page.wait_for_load_state("networkidle")


def after(page: Page, selector: str) -> str:
    """What the style sheet writes behind an element."""
    return str(page.locator(selector).first.evaluate("node => getComputedStyle(node, '::after').content"))


def test_what_can_only_be_pressed_is_left_out(page: Page, static_server: str) -> None:
    printed(page, f"{static_server}/side-by-side/")
    for selector in (".md-header", ".md-tabs", ".md-search", ".md-footer", ".chooser"):
        expect(page.locator(selector).first).to_be_hidden()
    expect(page.locator("table.bowls")).to_be_visible()
    expect(page.locator("ol.sources")).to_be_visible()


def test_a_link_that_leaves_writes_its_address_out_and_others_do_not(page: Page, static_server: str) -> None:
    printed(page, f"{static_server}/side-by-side/")
    address = page.locator("ol.sources a").first.get_attribute("href")
    assert address is not None
    assert address in after(page, "ol.sources a")
    assert after(page, "sup.cite a") in {"none", "normal"}


def test_a_reader_in_the_dark_still_gets_dark_ink_on_light_paper(page: Page, static_server: str) -> None:
    printed(page, f"{static_server}/ramen-story/")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    expect(page.locator("h1")).to_have_css("color", "rgb(43, 32, 54)")
    expect(page.locator(".truth").first).to_have_css("background-color", "rgb(255, 253, 248)")


def test_rows_that_a_filter_hides_on_screen_are_printed(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/side-by-side/")
    page.locator("input[value=offline]").check()
    hidden = page.locator("table.bowls tr[hidden]").first
    expect(hidden).to_be_hidden()
    page.emulate_media(media="print")
    expect(hidden).to_be_visible()


def test_the_sheets_are_a4_and_each_strip_has_its_own(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/comics/")
    strips = page.locator(".strip").count()
    sheets = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    assert {(round(float(width)), round(float(height))) for width, height in sheets} == {(595, 842)}
    assert strips <= len(sheets) <= strips + 2
