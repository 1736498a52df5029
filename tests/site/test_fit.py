"""Does it fit: the same pot before and after Python, another machine, and what cannot be asked."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.site.calculators import PATIENCE, opened, reckoned


def fit(page: Page, server: str, fragment: str = "") -> Locator:
    return opened(page, server, "your-kitchen/", "bowl-fit", fragment=fragment)


# Per cent of the pot: weights, context, the program, and where the room ends.
POT = """pot => [
  ...[...pot.children].map((part) => part.getBoundingClientRect().width / pot.clientWidth * 100),
  parseFloat(pot.style.getPropertyValue("--usable"))]"""


def said(element: Locator) -> Locator:
    return element.locator("[data-part=said]")


def test_python_draws_the_very_pot_that_the_page_came_with(page: Page, static_server: str) -> None:
    element = fit(page, static_server)
    width = "pot => pot.firstChild.getBoundingClientRect().width"
    before = element.locator(".calc-pot").evaluate(width)
    element.locator("#fit-tokens").dispatch_event("input")
    reckoned(element)
    assert element.locator(".calc-pot").evaluate(width) == pytest.approx(before, abs=0.1)


def test_another_size_and_machine_come_as_sentence_table_and_formula(page: Page, static_server: str) -> None:
    element = fit(page, static_server)
    pot = element.locator(".calc-pot")
    first = pot.evaluate(POT)
    element.get_by_label("Machine", exact=True).select_option("rtx_4090")
    element.get_by_label("Size of Gemma").select_option("gemma_26b")
    element.locator("#fit-tokens").fill("32768")
    expect(said(element)).to_contain_text(
        "GeForce RTX 4090, Gemma 4 26B A4B in Q4_0, 32,768", timeout=PATIENCE
    )
    expect(said(element)).to_contain_text("and the machine has 24 GB.")
    expect(element.locator("[data-part=drawer]")).to_have_text(
        "The formula, for 26B A4B on a GeForce RTX 4090"
    )
    expect(element.locator("[data-part=sum]")).to_contain_text("The machine has 24 GB: ")
    expect(element.locator("[data-part=speed]")).to_contain_text("of 1,008 GB/s")
    expect(element.locator("[data-part=caption]")).to_contain_text("Gemma 4 in Q4_0 with 32,768 tokens")
    *parts, room = pot.evaluate(POT)
    assert [*parts, room] != first
    assert all(width > 0 for width in parts)
    # The pot is as wide as the larger of the two: what goes in, or the room.
    assert max(sum(parts), room) == pytest.approx(100, abs=0.5)
    assert room >= sum(parts)  # it fits


def test_a_machine_of_ones_own_fits_by_its_memory(page: Page, static_server: str) -> None:
    element = fit(page, static_server)
    element.get_by_text("Another machine", exact=True).click()
    element.get_by_label("Machine", exact=True).select_option("own")
    expect(said(element)).to_contain_text("Your machine, Gemma 4 12B in Q4_0", timeout=PATIENCE)
    expect(said(element)).to_contain_text("the machine has 16 GB.")
    expect(said(element)).not_to_contain_text("per second")
    element.locator("#fit-memory").fill("4")
    expect(said(element)).to_contain_text("too big")
    element.locator("#fit-memory").fill("64")
    element.get_by_label("Bandwidth of the memory").fill("400")
    expect(said(element)).to_contain_text("fits. ")
    expect(said(element)).to_contain_text("tokens per second")


def test_a_context_that_is_too_long_and_a_precision_without_figures_are_said(
    page: Page, static_server: str
) -> None:
    element = fit(page, static_server, fragment="#fit?size=gemma_e2b&tokens=200000")
    expect(said(element)).to_have_text("Gemma 4 E2B takes no conversation of that length.")
    expect(element.locator("td[data-cell=fit]").first).to_have_text("too long for it")
    expect(element.locator(".calc-pot")).to_be_hidden()
    element.get_by_label("Size of Gemma").select_option("gemma_31b")
    element.get_by_label("Precision").select_option("mobile")
    expect(said(element)).to_have_text("For Gemma 4 31B we found no figure in for phones.")
