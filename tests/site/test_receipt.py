"""The receipt: the reader's own figures, and a link that brings them back."""

from playwright.sync_api import Locator, Page, expect

from tests.site.calculators import opened, reckoned


def receipt(page: Page, server: str) -> Locator:
    return opened(page, server, "costs/", "bowl-receipt")


def said(element: Locator) -> Locator:
    return element.locator("[data-part=said]")


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
    expect(element.locator("[data-part=home]")).to_contain_text("24,000,000 tokens")
    expect(element.locator("tr[data-machine]").first.locator("[data-cell=hours]")).to_contain_text("too slow")
    expect(element.locator("[data-default]")).to_be_hidden()


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
    expect(said(element)).to_contain_text("At your rate of exchange the year is ₩33,000,000.")
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
