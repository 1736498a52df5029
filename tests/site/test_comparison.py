"""The comparison in a browser: ramen column, filter by concern, a head that stays, cards on a phone."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from i18n.languages import LANGUAGE, LANGUAGES
from tests.site.loopback import FakeKitchen
from tests.site.test_pages import DESKTOP, NARROWEST

every_language = pytest.mark.parametrize("code", [language.code for language in LANGUAGES])


def opened(page: Page, server: str, code: str = "en", fragment: str = "") -> Locator:
    page.goto(f"{server}/{LANGUAGE[code].prefix}side-by-side/{fragment}")
    return page.locator("bowl-comparison")


def rows(table: Locator) -> Locator:
    return table.locator("tbody tr:visible")


def concern(table: Locator, name: str) -> Locator:
    return table.locator(f"input[value={name}]")


@every_language
def test_a_concern_leaves_its_rows_and_says_how_many(page: Page, static_server: str, code: str) -> None:
    table = opened(page, static_server, code)
    status, everything = table.get_by_role("status"), rows(table).count()
    expect(status).to_have_text(re.compile(rf"{everything}\D+{everything}"))
    concern(table, "privacy").check()
    left = rows(table).count()
    assert 0 < left < everything
    assert all("privacy" in row["concerns"].split() for row in datasets(table))
    numbers = sorted(map(int, re.findall(r"\d+", status.inner_text())))
    assert numbers == [left, everything]
    concern(table, "cost").check()
    assert rows(table).count() > left


def datasets(table: Locator) -> list[dict[str, str]]:
    return rows(table).evaluate_all("rows => rows.map((row) => ({ ...row.dataset }))")


def test_every_row_answers_a_concern_and_every_concern_has_a_row(page: Page, static_server: str) -> None:
    table = opened(page, static_server)
    offered = table.locator("input[name=concern]").evaluate_all("boxes => boxes.map((box) => box.value)")
    named = [row["concerns"].split() for row in datasets(table)]
    assert all(named)
    assert {each for concerns in named for each in concerns} == set(offered)


def test_the_reset_button_brings_all_rows_back_and_the_keyboard_with_it(
    page: Page, static_server: str
) -> None:
    table = opened(page, static_server)
    everything = rows(table).count()
    button = table.locator("button[type=reset]")
    expect(button).to_be_hidden()
    concern(table, "offline").check()
    table.locator("#show-ramen").uncheck(force=True)
    button.click()
    expect(rows(table)).to_have_count(everything)
    expect(button).to_be_hidden()
    expect(concern(table, "privacy")).to_be_focused()
    expect(table.locator("#show-ramen")).not_to_be_checked()


def test_the_choice_outlives_a_visit_to_another_page(page: Page, fake_kitchen: FakeKitchen) -> None:
    page.set_viewport_size(DESKTOP)
    table = opened(page, fake_kitchen.url)
    concern(table, "trust").check()
    left = rows(table).count()
    page.locator(".md-tabs__link").first.click()
    page.wait_for_url(f"{fake_kitchen.url}/")
    page.go_back()
    expect(concern(table, "trust")).to_be_checked()
    expect(rows(table)).to_have_count(left)


def test_a_link_to_a_hidden_row_shows_it(page: Page, static_server: str) -> None:
    table = opened(page, static_server)
    concern(table, "offline").check()
    hidden = table.locator("tbody tr[hidden]").first
    name = hidden.get_attribute("id")
    page.evaluate("name => { location.hash = name }", name)
    expect(table.locator(f"#{name}")).to_be_visible()
    expect(concern(table, "offline")).not_to_be_checked()


def test_space_hides_the_ramen_column(page: Page, static_server: str) -> None:
    page.set_viewport_size(DESKTOP)
    table = opened(page, static_server)
    expect(table.locator("th.ramen")).to_be_visible()
    table.locator("#show-ramen").focus()
    page.keyboard.press("Space")
    expect(table.locator("th.ramen")).to_be_hidden()
    assert table.locator("td.ramen:visible").count() == 0


def test_without_javascript_every_row_shows_and_no_filter(browser: Browser, static_server: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        table = opened(context.new_page(), static_server)
        expect(table.locator(".concerns")).to_be_hidden()
        assert rows(table).count() == table.locator("tbody tr").count() > 0
        table.locator(".ramen-label").click()
        expect(table.locator("td.ramen").first).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 1920])
def test_the_head_stays_below_the_awning_while_the_rows_pass(
    page: Page, static_server: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    table = opened(page, static_server)
    rows(table).nth(5).evaluate("row => row.scrollIntoView({ block: 'center' })")
    head = table.locator("thead th").first.bounding_box()
    header = page.locator(".md-header").bounding_box()
    assert head is not None
    assert header is not None
    below = head["y"] - header["y"] - header["height"]
    assert 0 < below < 30


@every_language
def test_on_a_phone_each_row_is_a_card_as_wide_as_the_page(page: Page, static_server: str, code: str) -> None:
    page.set_viewport_size(NARROWEST)
    table = opened(page, static_server, code)
    assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    lefts = rows(table).first.evaluate(
        "row => [...row.cells].map((cell) => Math.round(cell.getBoundingClientRect().left))"
    )
    assert len(set(lefts)) == 1
