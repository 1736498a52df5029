"""The taste test against the running server with the real embedded model."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Locator, Page, expect

from i18n.languages import LANGUAGE, LANGUAGES

# The first start on a machine converts the model before it answers.
pytestmark = pytest.mark.timeout(600)

every_language = pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
ANSWER_MS = 60_000  # the machine may be busy with other tests


def opened(page: Page, kitchen: str, code: str) -> Locator:
    page.goto(f"{kitchen}/{LANGUAGE[code].prefix}taste-test/")
    element = page.locator("taste-test")
    expect(element).to_have_attribute("data-state", "ready")
    return element


# The page reads the stream itself, so the browser keeps no body to look at: listen in.
LISTEN = """
  const real = window.fetch;
  window.fetch = async (...request) => {
    const response = await real(...request);
    if (response.url.endsWith("/v1/chat/completions")) window.told = response.clone().text();
    return response;
  };
"""


def last_timings(stream: str) -> dict:
    """The timings in the chunk that ends the stream."""
    chunks = [json.loads(data) for data in re.findall(r"^data: (\{.*)$", stream, re.MULTILINE)]
    return next(chunk["timings"] for chunk in chunks if "timings" in chunk)


def tokens_generated(kitchen: str) -> int:
    with urllib.request.urlopen(f"{kitchen}/api/kitchen", timeout=10) as response:
        return json.load(response)["tokens_generated"]


@every_language
def test_a_real_answer_streams_in_with_the_servers_own_figures(page: Page, kitchen: str, code: str) -> None:
    page.add_init_script(LISTEN)
    element = opened(page, kitchen, code)
    element.locator(".tt-idea").first.click()
    element.locator(".tt-main").click()
    card = element.locator(".tt-answer")
    expect(card).to_have_attribute("data-state", "done", timeout=ANSWER_MS)
    assert card.locator(".tt-text").inner_text().strip()
    timings = last_timings(page.evaluate("told"))
    first, rate, _, prompt, tokens = (number(text) for text in card.locator("dd").all_inner_texts()[:5])
    assert prompt == timings["prompt_n"]
    assert tokens == timings["predicted_n"] > 0
    assert rate == pytest.approx(timings["predicted_per_second"], abs=0.06)
    assert rate > 0
    # The page's clock starts before the server's and stops after it.
    assert timings["ttft_ms"] > 0
    assert first >= timings["ttft_ms"] / 1000 - 0.01
    expect(card.locator(".tt-origin")).to_contain_text("Gemma 3 270M")
    expect(card.locator(".tt-origin")).to_contain_text(kitchen.removeprefix("http://"))


def number(text: str) -> float:
    found = re.search(r"[\d.,]+", text)
    assert found, f"no number in {text!r}"
    return float(found[0].replace(",", ""))


def ask_for_a_long_answer(element: Locator) -> None:
    element.locator("summary").first.click()
    element.get_by_label("Longest answer").fill("512")
    element.get_by_label("Temperature").fill("0")
    element.get_by_label("Your prompt").fill("List all the numbers from 1 to 500, separated by commas.")
    element.locator(".tt-main").click()


def test_stop_stops_the_model_and_not_only_the_page(page: Page, kitchen: str) -> None:
    element = opened(page, kitchen, "en")
    ask_for_a_long_answer(element)
    expect(element.locator(".tt-text")).not_to_be_empty(timeout=ANSWER_MS)
    element.get_by_role("button", name="Stop").click()
    expect(element.locator(".tt-answer")).to_have_attribute("data-state", "stopped")
    page.wait_for_timeout(500)
    counted = tokens_generated(kitchen)
    page.wait_for_timeout(1500)
    assert tokens_generated(kitchen) == counted
    assert element.locator(".tt-text").inner_text().strip()


def test_the_same_seed_gives_the_same_answer(page: Page, kitchen: str) -> None:
    element = opened(page, kitchen, "en")
    element.locator("summary").first.click()
    element.get_by_label("Longest answer").fill("24")
    element.get_by_label("Seed").fill("7")
    element.get_by_label("Your prompt").fill("Why is the sky blue?")
    answers = []
    for _ in range(2):
        element.locator(".tt-main").click()
        expect(element).to_have_attribute("data-state", "running")
        expect(element.locator(".tt-answer")).to_have_attribute("data-state", "done", timeout=ANSWER_MS)
        answers.append(element.locator(".tt-text").inner_text())
    assert answers[0] == answers[1] != ""


def test_leaving_the_page_stops_the_model_and_coming_back_works(page: Page, kitchen: str) -> None:
    element = opened(page, kitchen, "en")
    ask_for_a_long_answer(element)
    expect(element.locator(".tt-text")).not_to_be_empty(timeout=ANSWER_MS)
    page.goto(f"{kitchen}/side-by-side/")
    page.wait_for_timeout(500)
    counted = tokens_generated(kitchen)
    page.wait_for_timeout(1000)
    assert tokens_generated(kitchen) == counted
    page.go_back()
    expect(element).to_have_attribute("data-state", "ready")
    element.locator(".tt-idea").first.click()
    element.locator(".tt-main").click()
    expect(element.locator(".tt-answer")).to_have_attribute("data-state", "done", timeout=ANSWER_MS)


def test_a_reload_starts_afresh(page: Page, kitchen: str) -> None:
    element = opened(page, kitchen, "ko")
    element.locator(".tt-idea").first.click()
    page.reload()
    expect(element).to_have_attribute("data-state", "ready")
    expect(element.locator(".tt-answer")).to_have_attribute("data-state", "resting")


def test_the_page_needs_no_other_host_to_answer_offline(page: Page, kitchen: str) -> None:
    element = opened(page, kitchen, "en")
    elsewhere: list[str] = []
    page.route(
        lambda url: not url.startswith(kitchen),
        lambda route: (elsewhere.append(route.request.url), route.abort()),
    )
    element.locator(".tt-idea").first.click()
    element.locator(".tt-main").click()
    expect(element.locator(".tt-answer")).to_have_attribute("data-state", "done", timeout=ANSWER_MS)
    assert elsewhere == []
