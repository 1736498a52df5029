"""Every demo in every language: on a phone and a desktop, left and come back to, without scripts, alone."""

import itertools

import pytest
from playwright.sync_api import Browser, Page, expect

from i18n.languages import LANGUAGE
from tests.site import axe
from tests.site.demos import DEMOS, Demo, Table
from tests.site.loopback import FakeKitchen
from tests.site.test_pages import DESKTOP, PHONE

every_language = pytest.mark.parametrize("code", LANGUAGE)
# Each demo is left in one of the languages, in turn.
LEFT = {demo.tag: code for demo, code in zip(DEMOS, itertools.cycle(LANGUAGE), strict=False)}


@pytest.mark.parametrize("demo", DEMOS, ids=[demo.tag for demo in DEMOS])
@every_language
def test_a_demo_is_used_by_keyboard_on_a_phone_and_on_a_desktop(
    page: Page, fake_kitchen: FakeKitchen, demo: Demo, code: str
) -> None:
    table = Table(page, fake_kitchen)
    table.cooks(3)
    page.set_viewport_size(PHONE)
    table.opened(demo, code)
    expect(table.controls(demo, code).first).to_be_visible()
    copies = table.controls(demo, code).count()
    if demo.figures:
        table.reckoned_alike(demo)
    table.used(demo, code)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    leaves = LEFT[demo.tag] == code
    if leaves:
        assert axe.findings(page) == ""  # of what it shows now that it was used
    page.set_viewport_size(DESKTOP)
    if leaves:
        leave_and_come_back(table, demo, code)
        assert table.controls(demo, code).count() == copies
    table.used(demo, code, settle=150 if leaves else 0)
    assert len(workers(page)) == demo.workers


def leave_and_come_back(table: Table, demo: Demo, code: str) -> None:
    """Again and again, in the middle of the work: no stream, no worker and no second copy is left."""
    page = table.page
    page.evaluate("stayed = true")
    table.cooks(500)
    for visit in range(3):
        table.kitchen.left.clear()
        wanted = demo.orders(table) + 1
        table.pressed(demo, code)
        table.begun(demo, wanted)
        page.locator(".md-tabs__link").first.click()
        page.wait_for_url(f"{table.kitchen.url}/{LANGUAGE[code].prefix}")
        expect(table.element(demo)).to_have_count(0)
        assert not demo.streams or table.kitchen.left.wait(5), "the stream went on"
        gone(page)
        if visit % 2:
            page.locator(f"a[href$='{demo.page(code)}']").first.evaluate("link => link.click()")
        else:
            page.go_back()
        expect(table.controls(demo, code).first).to_be_visible()
    assert page.evaluate("stayed"), "the page was loaded anew"
    table.rested(demo)
    table.cooks(3)


def workers(page: Page) -> list[str]:
    """The workers of a demo; the search has one of its own."""
    return [worker.url for worker in page.workers if "/workers/words." not in worker.url]


def gone(page: Page) -> None:
    """No worker is left; one that was ended takes a moment to go."""
    for _ in range(100):
        if not workers(page):
            return
        page.wait_for_timeout(20)
    pytest.fail(f"workers are left: {workers(page)}")


@every_language
def test_without_scripts_every_demo_has_something_to_read_and_nothing_to_press(
    browser: Browser, static_server: str, code: str
) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        page = context.new_page()
        for demo in DEMOS:
            page.goto(f"{static_server}/{LANGUAGE[code].prefix}{demo.page(code)}")
            *ways, there = demo.still
            for way in ways:
                page.locator(way).first.click()
            expect(page.locator(there).first).to_be_visible()
            dead = page.locator(f"{demo.tag} :is(form, button, input, textarea)")
            assert dead.filter(visible=True).count() == 0, demo.tag


@every_language
def test_without_a_server_a_demo_that_wants_one_shows_something_else(
    page: Page, static_server: str, code: str
) -> None:
    page.set_viewport_size(PHONE)
    for demo in DEMOS:
        if demo.absent:
            page.goto(f"{static_server}/{LANGUAGE[code].prefix}{demo.page(code)}")
            state = "idle" if demo.worker else "absent"
            expect(page.locator(demo.tag)).to_have_attribute("data-state", state)
            expect(page.locator(demo.absent).first).to_be_visible()
            expect(page.get_by_role("alert")).to_have_count(0)
