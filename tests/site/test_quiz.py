"""Myth or menu: guesses count, answers open with their sources, a result to share, a list without script."""

import pathlib

import pytest
from playwright.sync_api import Locator, Page, expect

from i18n import facts
from i18n.languages import LANGUAGE

MYTHS = facts.load(pathlib.Path()).myths
KINDS = ("myth", "half", "outdated", "true")
every_language = pytest.mark.parametrize("code", LANGUAGE)


def quiz(page: Page, server: str, code: str = "en", fragment: str = "") -> Locator:
    page.goto(f"{server}/{LANGUAGE[code].prefix}myths/{fragment}")
    expect(page.locator("bowl-quiz")).to_have_attribute("data-state", "ready")
    return page.locator("#quiz")


def guess(element: Locator, index: int, kind: str) -> Locator:
    """The button of a guess on the claim that stands at this place of the page."""
    return element.locator(".quiz-guess").nth(index).get_by_role("button").nth(KINDS.index(kind))


def told(element: Locator) -> list[str]:
    """The verdicts in the order of the page."""
    classes = element.locator("details.claim .verdict").evaluate_all("all => all.map((one) => one.className)")
    return [name.removeprefix("verdict ") for name in classes]


def score(page: Page) -> Locator:
    return page.locator("bowl-quiz [role=status]")


def test_every_claim_of_the_data_can_be_guessed(page: Page, static_server: str) -> None:
    element = quiz(page, static_server)
    expect(element.locator(".quiz-guess")).to_have_count(len(MYTHS))
    assert sorted(told(element)) == sorted(myth.verdict for myth in MYTHS)


def test_a_right_guess_counts_and_opens_the_answer_with_its_sources(page: Page, static_server: str) -> None:
    element = quiz(page, static_server)
    right = told(element)[0]
    guess(element, 0, right).focus()
    page.keyboard.press("Enter")
    claim = element.locator("details.claim").first
    expect(claim).to_have_attribute("open", "")
    expect(claim.locator("sup a").first).to_be_visible()
    expect(element.locator(".quiz-told").first).to_have_text("Right!")
    expect(guess(element, 0, right)).to_be_focused()
    expect(score(page)).to_have_text(f"Right so far: 1 of 1. Claims: {len(MYTHS)}.")


def test_a_wrong_guess_says_the_verdict_and_a_second_one_does_not_count(
    page: Page, static_server: str
) -> None:
    element = quiz(page, static_server)
    right = told(element)[0]
    wrong = next(kind for kind in KINDS if kind != right)
    guess(element, 0, wrong).click()
    name = page.locator("bowl-quiz").get_attribute(f"data-{right}")
    expect(element.locator(".quiz-told").first).to_have_text(f"Not quite: {name}.")
    guess(element, 0, right).click(force=True)
    expect(score(page)).to_have_text(f"Right so far: 0 of 1. Claims: {len(MYTHS)}.")


def test_looking_first_does_not_count(page: Page, static_server: str) -> None:
    element = quiz(page, static_server)
    element.locator("details.claim summary").first.click()
    expect(element.locator(".quiz-told").first).to_have_text("Opened before a guess: does not count.")
    expect(score(page)).to_have_text(f"Right so far: 0 of 0. Claims: {len(MYTHS)}.")


@every_language
def test_a_whole_round_gives_a_text_to_share_and_starts_over(
    page: Page, static_server: str, code: str
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    element = quiz(page, static_server, code)
    verdicts = told(element)
    guess(element, 0, next(kind for kind in KINDS if kind != verdicts[0])).click()
    for index, kind in enumerate(verdicts[1:], 1):
        guess(element, index, kind).click()
    page.locator(".quiz-score button").first.click()
    line, signs, address = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert str(len(MYTHS) - 1) in line
    assert signs == "💨" + "🍜" * (len(MYTHS) - 1)
    assert address == f"{static_server}/{LANGUAGE[code].prefix}myths/"
    page.locator(".quiz-score button").nth(1).click()
    expect(element.locator("details.claim[open]")).to_have_count(0)
    expect(guess(element, 0, KINDS[0])).to_be_focused()


def test_a_link_to_a_claim_shows_its_answer(page: Page, static_server: str) -> None:
    quiz(page, static_server, fragment=f"#{MYTHS[3].id}")
    expect(page.locator(f"#{MYTHS[3].id}")).to_be_visible()


def test_a_mangled_link_finds_the_quiz_all_the_same(page: Page, static_server: str) -> None:
    expect(quiz(page, static_server, fragment="#%").locator(".quiz-guess")).to_have_count(len(MYTHS))
