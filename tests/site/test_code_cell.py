"""Code cells in a real browser: run, change, stop; what they print is text, and what the build printed."""

import pathlib

from playwright.sync_api import Locator, Page, expect

from demos.kitchen import cost, fit
from i18n import facts
from i18n.languages import LANGUAGE
from scripts import kitchen
from scripts.kitchen import WORKLOAD
from tests.site.calculators import PATIENCE, no_python, opened, pythons, reckoned
from tests.site.conftest import Complaints

HOSTILE = "print('<img src=x onerror=alert(1)>')\n1/0"


def cell(page: Page, server: str, path: str = "toppings/", code: str = "en") -> Locator:
    return opened(page, server, path, "code-cell", code=code)


def printed(element: Locator) -> Locator:
    return element.locator("samp")


def write(element: Locator, code: str) -> Locator:
    element.get_by_role("button", name="Change the code").click()
    editor = element.get_by_label("The code", exact=True)
    editor.fill(code)
    return editor


def test_the_cells_reckon_as_the_kitchen_does(page: Page, static_server: str) -> None:
    book = facts.load(pathlib.Path())
    bill = next(
        bill
        for bill in kitchen.bills(book.prices, max(source.checked for source in book.sources.values()))
        if bill.price.model == "gemini-3.8-flash"
    )
    year = cost.cost(WORKLOAD, bill.price).year
    assert f"a year: ${year:,.2f}" in printed(cell(page, static_server, "costs/")).inner_text()
    size = fit.context_bytes(kitchen.gemma(book)["gemma_12b"], 8192) / fit.GB
    assert f"8,192: {size:.2f} GB" in printed(cell(page, static_server, "your-kitchen/")).inner_text()
    shown = printed(cell(page, static_server, "toppings/")).inner_text()
    learned = page.locator("#toppings-bar tbody tr").nth(1).locator("td").first.inner_text()
    assert f"r = 8: {learned}\n" in shown


def test_by_keyboard_alone_hostile_output_is_text_and_the_error_is_pythons_last_line(
    page: Page, static_server: str
) -> None:
    element = cell(page, static_server)
    before = printed(element).inner_text()
    element.get_by_role("button", name="Run").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(element.get_by_label("The code", exact=True)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(HOSTILE)
    page.keyboard.press("Control+Enter")
    reckoned(element, "error")
    expect(printed(element)).to_have_text("<img src=x onerror=alert(1)>")
    assert element.locator("img").count() == 0
    expect(element.locator(".cell-error")).to_have_text("Line 2: ZeroDivisionError: division by zero")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(element.get_by_role("button", name="Back to the first code")).to_be_focused()
    page.keyboard.press("Enter")
    expect(element.get_by_role("button", name="Change the code")).to_be_focused()
    assert printed(element).inner_text() == before


def test_an_endless_loop_is_stopped_and_the_cell_runs_again(page: Page, static_server: str) -> None:
    element = cell(page, static_server)
    element.get_by_role("button", name="Run").click()
    reckoned(element)
    expect(element.locator(".cell-label")).to_have_text("This is what it printed:")
    editor = write(element, "while True: pass")
    editor.press("Control+Enter")
    expect(element).to_have_attribute("data-state", "loading")
    element.get_by_role("button", name="Stop").click()
    expect(element.locator(".cell-error")).to_have_text("Stopped.")
    assert no_python(page)
    editor.fill("print('still here')")
    editor.press("Control+Enter")
    expect(printed(element)).to_have_text("still here", timeout=PATIENCE)
    assert len(pythons(page)) == 1


def test_a_python_that_cannot_be_fetched_is_said(
    page: Page, static_server: str, complaints: Complaints
) -> None:
    complaints.expected = ("404",)
    element = cell(page, static_server)
    page.context.route("**/python_stdlib.zip.gz", lambda route: route.fulfill(status=404))
    element.get_by_role("button", name="Run").click()
    reckoned(element, "error")
    expect(element.locator(".cell-error")).to_contain_text(
        "Python could not be fetched or started. (Error: 404 for"
    )


def test_every_language_has_the_same_cells(site) -> None:
    for path in ("costs", "your-kitchen", "toppings"):
        texts = [
            (site / language.prefix / path / "index.html").read_text("utf-8")
            for language in LANGUAGE.values()
        ]
        assert [text.count("<code-cell") for text in texts] == [1, 1, 1]
