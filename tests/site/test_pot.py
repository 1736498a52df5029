"""Peek into the pot: odds as the server draws by them, branches from token ids, a recording without it."""

import json
import math
import pathlib
import time
from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Locator, Page, Request, expect
from transformers.generation.logits_process import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from i18n import facts
from i18n.languages import LANGUAGE
from tests.site.loopback import FakeHandler, FakeKitchen
from tests.site.test_live import ANSWER_MS, tokens_generated
from tests.site.test_pages import NARROWEST

# The first start on a machine converts the model before it answers.
pytestmark = pytest.mark.timeout(600)

POTS = {pot.language: pot for pot in facts.load(pathlib.Path()).pots}
every_language = pytest.mark.parametrize("code", LANGUAGE)


def opened(page: Page, server: str, code: str = "en", state: str = "ready") -> Locator:
    page.goto(f"{server}/{LANGUAGE[code].prefix}peek-into-the-pot/")
    pot = page.locator("token-pot")
    expect(pot).to_have_attribute("data-state", state)
    return pot


def orders(page: Page) -> list[dict]:
    """What the page asks the server, as it asks."""
    found: list[dict] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            found.append(json.loads(request.post_data or ""))

    page.on("request", note)
    return found


def choices(pot: Locator) -> Locator:
    return pot.locator(".token-choice")


@pytest.mark.parametrize("seasoning", [(1.0, 1.0), (0.35, 0.8), (1.7, 0.95), (1.0, 0.05), (0.0, 1.0)])
def test_the_odds_are_those_that_transformers_draws_by(
    page: Page, static_server: str, seasoning: tuple[float, float]
) -> None:
    temperature, top_p = seasoning
    logits = torch.randn(1, 5000, generator=torch.Generator().manual_seed(3)) * 3
    logprobs, ids = logits.log_softmax(-1)[0].topk(20)
    page.goto(f"{static_server}/")
    found = page.evaluate(
        "async ([logprobs, temperature, topP]) =>"
        " (await import(new URL('assets/demos/pot/odds.js', location.href)))"
        ".seasoned(logprobs, { temperature, topP })",
        [logprobs.tolist(), temperature, top_p],
    )
    if temperature == 0:
        assert found == [1] + [0] * 19
        return
    scores = TemperatureLogitsWarper(temperature)(None, logits)
    scores = TopPLogitsWarper(top_p)(None, TopKLogitsWarper(20)(None, scores))
    assert found == pytest.approx(scores.softmax(-1)[0][ids].tolist(), abs=1e-6)
    assert sum(found) == pytest.approx(1)


@every_language
def test_a_token_that_the_reader_chooses_is_gone_on_from_by_its_id(
    page: Page, kitchen: str, code: str
) -> None:
    asked = orders(page)
    pot = opened(page, kitchen, code)
    length, seed = pot.locator("input[type=number]").all()
    length.fill("6")
    seed.fill("3")
    pot.locator(".pot-main").click()
    expect(pot.locator(".token")).to_have_count(6, timeout=ANSWER_MS)
    expect(pot).to_have_attribute("data-state", "ready")
    before = pot.locator(".token").all_inner_texts()
    pot.locator(".token").nth(2).click()
    expect(choices(pot)).to_have_count(20)
    choices(pot).nth(3).click()
    expect(pot.locator(".token")).to_have_count(9, timeout=ANSWER_MS)
    after = pot.locator(".token").all_inner_texts()
    assert after[:2] == before[:2]
    expect(pot.locator(".token").nth(2)).to_have_attribute("data-mine", "")
    expect(pot.locator(".token").nth(2)).to_be_focused()
    first, second = asked
    assert isinstance(first["prompt"], str)
    assert all(isinstance(token, int) for token in second["prompt"])
    assert first["top_k"] == first["logprobs"] == 20
    pot.locator(".pot-back").click()
    assert pot.locator(".token").all_inner_texts() == before


def test_the_recording_can_be_gone_on_from_where_the_same_model_cooks_even_with_half_a_character(
    page: Page, kitchen: str
) -> None:
    asked = orders(page)
    recorded = POTS["ja"]
    pot = opened(page, kitchen, "ja")
    place, other = next(
        (place, other)
        for place, token in enumerate(recorded.tokens)
        for other in token.others
        if other.half and other.id != token.id
    )
    pot.locator(".token").nth(place).click()
    pot.locator(".token-more").click()
    half = bytes.fromhex(other.half or "").hex(" ").upper()
    choices(pot).filter(has=page.get_by_text(half, exact=True)).click()
    expect(pot.locator(".token").nth(place)).to_contain_text(half)
    expect(pot.locator(".token").nth(place + 1)).to_be_visible(timeout=ANSWER_MS)
    kept = [token.id for token in recorded.tokens[:place]]
    assert asked[0]["prompt"] == [*recorded.prompt_ids, *kept, other.id]
    expect(pot).to_have_attribute("data-state", "ready", timeout=ANSWER_MS)
    assert "\ufffd" not in pot.locator(".pot-whole").inner_text()


def test_the_sliders_show_what_they_do_and_ask_nothing(page: Page, static_server: str) -> None:
    asked = orders(page)
    pot = opened(page, static_server, state="absent")
    token = POTS["en"].tokens[0]
    expect(choices(pot).first.locator("b")).to_have_text(f"{math.exp(token.others[0].logprob) * 100:.0f}%")
    temperature, top_p = pot.get_by_role("slider").all()
    temperature.fill("0")
    expect(choices(pot).first.locator(".token-dice")).to_have_text("100%")
    expect(choices(pot).nth(1).locator(".token-dice")).to_have_text("out")
    temperature.fill("1")
    top_p.press("Home")
    expect(pot.locator(".token-sum")).to_contain_text("1 of 20")
    expect(pot.locator("button.token-choice")).to_have_count(0)
    assert asked == []


def test_the_arrow_keys_walk_along_the_tokens(page: Page, static_server: str) -> None:
    page.set_viewport_size(NARROWEST)
    pot = opened(page, static_server, "ko", state="absent")
    tokens = pot.locator(".token")
    tokens.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(tokens.nth(2)).to_be_focused()
    expect(tokens.nth(2)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("End")
    expect(tokens.last).to_be_focused()
    assert tokens.evaluate_all("all => all.filter((one) => one.tabIndex === 0).length") == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(choices(pot).nth(19)).to_be_visible()
    assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]


def tokens(kitchen: FakeKitchen, count: int = 500) -> Callable[[FakeHandler], None]:
    """An answer of so many tokens, fifty a second, to somebody who wants them with their odds."""

    def answer(handler: FakeHandler) -> None:
        token = {"id": 7, "token": " a", "bytes": [32, 97], "logprob": -1.0}
        content = [{**token, "top_logprobs": [token]}]
        handler.begin()
        for place in range(count):
            reason = "length" if place == count - 1 else None
            choice = {"index": 0, "text": " a", "finish_reason": reason, "prompt_token_ids": [2, 5]}
            handler.chunk(handler.event({"choices": [{**choice, "logprobs": {"content": content}}]}))
            kitchen.written += 1
            time.sleep(0.02)
        handler.chunk(handler.event("[DONE]"))
        handler.chunk(b"")

    return answer


def test_stop_keeps_what_came_and_a_refusal_is_said_in_the_readers_words(
    page: Page, fake_kitchen: FakeKitchen, complaints
) -> None:
    complaints.expected = ("status of 429",)
    fake_kitchen.answer = tokens(fake_kitchen)
    pot = opened(page, fake_kitchen.url)
    pot.locator(".pot-main").click()
    expect(pot.locator(".token").nth(2)).to_be_visible()
    pot.get_by_role("button", name="Stop").click()
    expect(pot.get_by_role("status").nth(1)).to_have_text("Stopped. What was written stays.")
    expect(pot.locator(".token").nth(2)).to_be_visible()
    fake_kitchen.refuses(429, "Full.", Retry_After="2")
    pot.locator(".pot-main").click()
    expect(pot.get_by_role("alert")).to_have_text("The kitchen is busy. Try again in 2 sec.")
    expect(pot).to_have_attribute("data-state", "error")


def test_a_branch_is_taken_back_by_keyboard_while_it_is_still_cooked(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    fake_kitchen.answer = tokens(fake_kitchen, 3)
    pot = opened(page, fake_kitchen.url)
    pot.locator(".pot-main").press("Enter")
    expect(pot).to_have_attribute("data-state", "ready")
    fake_kitchen.answer = tokens(fake_kitchen)
    pot.locator(".token").nth(1).press("Enter")
    choices(pot).first.press("Enter")
    expect(pot.locator(".token").nth(1)).to_be_focused()
    expect(pot.locator(".token").nth(5)).to_be_visible()
    pot.get_by_role("button", name="Back to the branch before").press("Enter")
    expect(pot.locator(".token").nth(1)).to_be_focused()
    assert fake_kitchen.left.wait(5)
    expect(pot).to_have_attribute("data-state", "ready")
    expect(pot.get_by_role("status").nth(1)).to_have_text("This is the branch before.")
    expect(pot.locator(".token")).to_have_count(3)


def test_stop_stops_the_model_too(page: Page, kitchen: str) -> None:
    pot = opened(page, kitchen)
    pot.locator("input[type=number]").first.fill("64")
    pot.locator(".pot-main").click()
    expect(pot.locator(".token").nth(1)).to_be_visible(timeout=ANSWER_MS)
    pot.get_by_role("button", name="Stop").click()
    page.wait_for_timeout(300)
    counted = tokens_generated(kitchen)
    page.wait_for_timeout(700)
    assert tokens_generated(kitchen) == counted
