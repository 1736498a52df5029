"""Which bowl: answers lead to a bowl with the page's own reasons, by keyboard, and in a link."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from demos.kitchen import choose
from i18n.languages import LANGUAGE
from tests.site.calculators import PATIENCE, opened

every_language = pytest.mark.parametrize("code", LANGUAGE)


def choice(page: Page, server: str, code: str = "en", fragment: str = "") -> Locator:
    return opened(page, server, "which-bowl/", "bowl-choice", code=code, fragment=fragment)


def said(element: Locator) -> Locator:
    return element.locator("[data-part=said]")


def answered(element: Locator, question: str, answer: str) -> None:
    element.locator(f"input[name={question}][value={answer}]").check()


def test_private_words_lead_home_with_the_reasons_of_the_page(page: Page, static_server: str) -> None:
    element = choice(page, static_server)
    expect(element.locator("[data-part=why]")).to_be_hidden()
    expect(element.locator("[data-part=bars]")).to_be_hidden()
    answered(element, "words", "nowhere")
    expect(said(element)).to_have_text(
        "Your bowl: Gemma at home. Points: Gemini: ruled out, Gemma at home: 3, Hosted Gemma: ruled out. "
        "Answered: 1 of 9.",
        timeout=PATIENCE,
    )
    bars = element.locator("[data-part=bars] span")
    assert bars.evaluate_all("bars => bars.map((bar) => [bar.textContent, bar.style.cssText])") == [
        ["Gemini", "--share: 0%;"],
        ["Gemma at home", "--share: 100%;"],
        ["Hosted Gemma", "--share: 0%;"],
    ]
    rules = choose.recommend({"words": "nowhere"}).reasons
    reasons = element.locator("[data-part=reasons] li")
    expect(reasons).to_have_count(len(rules))
    for index, each in enumerate(rules):
        expect(reasons.nth(index)).to_contain_text(each.rule.reason)
    expect(reasons.nth(1).locator("sup a").first).to_have_accessible_name(re.compile(r"Source \d+"))


def test_answers_that_exclude_each_other_leave_no_bowl_and_close_ones_both(
    page: Page, static_server: str
) -> None:
    element = choice(page, static_server)
    answered(element, "words", "nowhere")
    answered(element, "media", "long")
    expect(said(element)).to_contain_text("No bowl does all of that. Split the work.", timeout=PATIENCE)
    element.get_by_role("button", name="Start over").click()
    expect(said(element)).to_have_text("Answer as many as you like. Your bowl then stands here.")
    answered(element, "media", "clips")
    expect(said(element)).to_contain_text("Have both: Gemini and Gemma at home.")


def test_the_largest_gemma_for_the_readers_machine_is_named(page: Page, static_server: str) -> None:
    element = choice(page, static_server, fragment="#choose?words=nowhere&device=rtx_4060")
    expect(element.locator("input[name=words][value=nowhere]")).to_be_checked()
    expect(said(element)).to_contain_text("The largest that fits that machine: Gemma 4 E4B.")


@every_language
def test_the_bowls_have_the_names_of_the_page(page: Page, static_server: str, code: str) -> None:
    element = choice(page, static_server, code)
    answered(element, "setup", "nobody")
    expect(element.locator("[data-part=reasons] li")).to_have_count(2, timeout=PATIENCE)
    name = element.get_attribute("data-hosted")
    assert name is not None
    expect(said(element)).to_contain_text(name)
    expect(element.locator("[data-part=reasons]")).to_contain_text(name)
