"""The receipt: the reader's own figures, and a link that brings them back."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.site.calculators import opened, reckoned


def receipt(page: Page, server: str, code: str = "en", fragment: str = "") -> Locator:
    return opened(page, server, "costs/", "bowl-receipt", code=code, fragment=fragment)


def said(element: Locator) -> Locator:
    return element.locator("[data-part=said]")


@pytest.mark.parametrize(("code", "money", "rate"), [("ko", "원", "1,477.5"), ("ja", "円", "159.3")])
def test_readers_elsewhere_see_their_own_money_and_its_rate(
    page: Page, static_server: str, code: str, money: str, rate: str
) -> None:
    element = receipt(page, static_server, code)
    expect(element.locator("[data-part=own]")).to_contain_text(rate)
    expect(element.locator("[data-part=dated] a")).to_be_visible()
    expect(element.locator("td [data-cell=own]").first).to_contain_text(money)


def test_the_readers_own_figures_come_as_sentence_formula_and_tables(page: Page, static_server: str) -> None:
    element = receipt(page, static_server)
    element.locator("#receipt-requests").fill("20000")
    element.locator("#receipt-thinking").fill("1000")
    element.locator("#receipt-cached").fill("50")
    expect(said(element)).to_have_text(
        "With Gemini 3.8 Flash, 20,000 questions a day cost $94.12 a day, $2,824 a month and $34,356 a year.",
        timeout=60_000,
    )
    expect(element.locator("[data-part=formula]")).to_have_text(
        "20,000 × (250 × $0.75 + 250 × $0.075 + (200 + 1,000) × $3.75) ÷ 1,000,000 = $94.12"
    )
    row = element.locator("tr[data-model='gemini-3.8-flash']").first
    expect(row.locator("[data-cell=year]")).to_have_text("$34,356")
    bars = element.locator("tr[data-model]:has([data-cell=year])").evaluate_all(
        "rows => rows.map((row) => [row.querySelector('[data-cell=year]').textContent,"
        " parseFloat(row.style.getPropertyValue('--share'))])"
    )
    years = [float(re.sub(r"[$,]", "", year)) for year, _ in bars]
    assert [share for _, share in bars] == pytest.approx([100 * year / max(years) for year in years], abs=0.1)
    element.get_by_text("What may a machine cost").click()
    worth = element.locator("tr[data-model='gemini-3.8-flash'] [data-cell=worth]")
    expect(worth).to_have_text("never even")  # at home the day is too short for so many
    expect(element.locator("[data-part=home]")).to_contain_text("24,000,000 tokens")
    expect(element.locator("tr[data-machine]").first.locator("[data-cell=hours]")).to_contain_text("too slow")
    expect(element.locator("[data-default]")).to_be_hidden()
    element.locator("#receipt-requests").fill("1000")
    expect(worth).to_have_text("$1,700")


def test_batch_own_money_another_day_and_a_model_without_a_cached_price(
    page: Page, static_server: str
) -> None:
    element = receipt(page, static_server)
    element.get_by_label("in batch").check()
    expect(said(element)).to_contain_text("$2,053 a year", timeout=60_000)
    expect(element.locator("[data-part=formula]")).to_contain_text("× 50% = $5.62")
    element.locator("#receipt-model").select_option("gemini-4-carbon")
    expect(said(element)).to_have_text("For Gemini 4 Carbon we found no batch price.")
    element.get_by_label("in batch").uncheck()
    element.get_by_text("Another day, your money, your electricity").click()
    element.get_by_label("Prices of which day").fill("2026-12-01")
    expect(said(element)).to_contain_text("$21,900 a year")
    element.get_by_label("What one US dollar costs you").fill("1500")
    element.get_by_label("Your money").select_option("KRW")
    own = element.locator("[data-part=own]")
    # The rate that we know came with the money; the reader's own has no source of ours.
    expect(element.get_by_label("What one US dollar costs you")).to_have_value("1477.5")
    expect(own).to_have_text(
        "At ₩1,477.5 for a dollar, the rate of January 14, 2026, a year is about ₩32,000,000."
    )
    expect(element.locator("[data-part=dated] a")).to_be_visible()
    element.get_by_label("What one US dollar costs you").fill("1500")
    expect(own).to_have_text("At your rate of exchange the year is ₩33,000,000.")
    expect(element.locator("[data-part=dated]")).to_be_hidden()
    carbon = element.locator("tr[data-model='gemini-4-carbon'] [data-cell=own]")
    expect(carbon).to_have_text("about ₩33,000,000")
    electricity = element.locator("tr[data-machine]").first.locator("[data-cell=electricity]")
    before = electricity.inner_text()
    element.get_by_label("What a kWh costs you").fill("1")
    expect(electricity).not_to_have_text(before)
    kwh = element.locator("tr[data-machine]").first.locator("[data-cell=kwh]")
    year, day = (
        [float(figure.replace(",", "")) for figure in re.findall(r"[\d,.]+", cell.inner_text())]
        for cell in (electricity, kwh)
    )
    assert year == pytest.approx([365 * each for each in day], rel=0.1)  # both are rounded
    element.locator("#receipt-model").select_option("gemini-3.6-flash")
    element.locator("#receipt-cached").fill("50")
    expect(said(element)).to_contain_text("All input counts as fresh: we found no cached price for this.")


def test_a_link_brings_the_readers_figures_back_and_reset_takes_them_away(
    page: Page, static_server: str
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    element = receipt(page, static_server)
    element.locator("#receipt-requests").fill("500")
    element.get_by_label("in batch").check()
    reckoned(element)
    element.get_by_role("button", name="Copy a link to this").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("/costs/#receipt?requests=500&batch=on")
    page.goto("about:blank")
    page.goto(link)
    reckoned(element)
    expect(said(element)).to_contain_text("500 questions a day")
    expect(element.get_by_label("in batch")).to_be_checked()
    expect(page.locator("a[data-language-root][hreflang=ko]")).to_have_attribute(
        "href", f"{link.replace('/costs/', '/ko/costs/')}"
    )
    element.get_by_text("Another day, your money, your electricity").click()
    element.get_by_label("What a kWh costs you").fill("0.4")
    page.wait_for_url("**kwh.en=0.4")
    element.get_by_role("button", name="Back to the first figures").click()
    expect(said(element)).to_contain_text("10,000 questions a day")
    assert page.url.endswith("/costs/")


def test_the_slider_moves_by_keyboard_and_says_its_figure(page: Page, static_server: str) -> None:
    element = receipt(page, static_server)
    slider = element.get_by_role("slider", name="Questions a day")
    assert slider.get_attribute("aria-valuetext") == "10,000"
    slider.focus()
    page.keyboard.press("End")
    expect(element.locator("#receipt-requests")).to_have_value("1000000")
    assert slider.get_attribute("aria-valuetext") == "1,000,000"
    expect(said(element)).to_contain_text("1,000,000 questions a day", timeout=60_000)


def test_a_figure_that_cannot_be_is_shown_at_its_field_and_nothing_is_reckoned(
    page: Page, static_server: str
) -> None:
    element = receipt(page, static_server)
    element.locator("#receipt-requests").fill("0")
    page.wait_for_timeout(400)
    expect(element).to_have_attribute("data-state", "idle")
    assert element.locator("#receipt-requests").evaluate("field => field.validity.rangeUnderflow")
    drawer = element.locator("details").first
    element.locator("#receipt-requests").fill("10000")
    reckoned(element)
    drawer.evaluate("drawer => { drawer.open = true }")
    element.get_by_label("What a kWh costs you").fill("-1")
    drawer.evaluate("drawer => { drawer.open = false }")
    expect(element.get_by_label("What a kWh costs you")).to_be_focused()
    expect(drawer).to_have_attribute("open", "")


def test_what_cannot_be_in_a_link_is_left_out_and_the_rest_is_reckoned(
    page: Page, static_server: str
) -> None:
    # Won are no dollars, a day of long ago has no prices, and no model is called that.
    fragment = "#receipt?requests=0&input=0&output=400&kwh.ko=160&day=1999-01-01&model=gemma"
    element = receipt(page, static_server, fragment=fragment)
    values = {
        name: element.locator(f"[name={name}]").input_value()
        for name in ("requests", "input", "output", "kwh", "model")
    }
    assert values == {
        "requests": "10000", "input": "500", "output": "400", "kwh": "", "model": "gemini-3.8-flash",
    }  # fmt: skip
    expect(element.locator("[data-part=formula]")).to_contain_text("10,000 × (500 × $0.75 + 400 × $3.75)")
