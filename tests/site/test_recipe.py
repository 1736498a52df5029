"""Same recipe twice: three equal bowls with their hashes, one thing changed, where they part, a recording."""

import hashlib
import json
import pathlib
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from i18n import facts
from i18n.languages import LANGUAGE
from tests.site.conftest import Complaints
from tests.site.loopback import FakeKitchen
from tests.site.test_live import ANSWER_MS
from tests.site.test_pages import NARROWEST

# The first start on a machine converts the model before it answers.
pytestmark = pytest.mark.timeout(600)

RECIPES = facts.load(pathlib.Path()).recipes
every_language = pytest.mark.parametrize("code", LANGUAGE)
RECIPE = {"seed": 7, "temperature": 1, "adapter": ""}
# What else of it is changed in each language.
CHANGED = {"en": ("temperature", 1.1), "ko": ("adapter", "house"), "ja": ("adapter", "house")}


def opened(page: Page, server: str, code: str = "en") -> Locator:
    page.goto(f"{server}/{LANGUAGE[code].prefix}same-recipe-twice/")
    recipe = page.locator("same-recipe")
    expect(recipe).to_have_attribute("data-state", "ready")
    return recipe


def status(recipe: Locator) -> Locator:
    return recipe.locator(".pot-status")


@every_language
def test_three_real_bowls_are_the_same_to_the_byte_and_part_when_something_is_changed(
    page: Page, kitchen: str, code: str
) -> None:
    page.set_viewport_size(NARROWEST)
    recipe = opened(page, kitchen, code)
    cook, again = recipe.locator(".pot-main").all()
    cook.focus()
    page.keyboard.press("Enter")
    expect(recipe).to_have_attribute("data-state", "running")
    expect(recipe).to_have_attribute("data-state", "ready", timeout=3 * ANSWER_MS)
    bowls = recipe.locator(".recipe-dishes li")
    expect(bowls).to_have_count(3)
    text = bowls.first.locator(".recipe-text").evaluate("node => node.textContent")
    assert text
    wanted = hashlib.sha256(text.encode()).hexdigest()
    assert bowls.locator("code").all_inner_texts() == [wanted] * 3
    assert str(len(text.encode())) in status(recipe).inner_text()
    same = recipe.locator(".recipe-changed code")
    recipe.locator("[value=company]").check()
    again.click()
    expect(same).to_have_text(wanted, timeout=3 * ANSWER_MS)
    recipe.locator("[value=seed]").check()
    again.click()
    expect(recipe.locator("mark")).to_have_count(2, timeout=ANSWER_MS)
    before, now = recipe.locator(".recipe-changed .recipe-text").all()
    place = int(re.findall(r"\d+", status(recipe).inner_text())[0])
    assert 1 <= place <= 40
    heads = [each.evaluate("node => node.firstChild.textContent") for each in (before, now)]
    assert heads[0] == heads[1], "the same up to the mark"
    assert text.startswith(heads[0])
    # They may differ by a space alone, which is drawn.
    assert before.locator("mark").inner_html() != now.locator("mark").inner_html()
    kind, found = CHANGED[code]
    recipe.locator(f"[value={kind}]").check()
    with page.expect_request("**/v1/chat/completions") as asked:
        again.click()
    expect(recipe.locator(".recipe-changed h2")).to_contain_text(str(found))
    expect(recipe).to_have_attribute("data-state", "ready", timeout=ANSWER_MS)
    order = json.loads(asked.value.post_data or "")
    assert {**RECIPE, kind: found} == {name: order[name] for name in RECIPE}
    first, *other = recipe.locator(".recipe-changed code").all_inner_texts()
    assert first == wanted
    # Warmer by a tenth need not say anything else; what was taught about other things does.
    assert wanted not in other
    assert other or kind == "temperature"
    assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]


def test_without_sha_256_the_bytes_are_compared_and_the_page_says_so(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })")
    fake_kitchen.streams("Rain ", "falls.")
    recipe = opened(page, fake_kitchen.url)
    recipe.locator(".pot-main").first.click()
    expect(status(recipe)).to_have_text("All three are the same, byte for byte: 11 bytes.")
    expect(recipe.locator(".recipe-sum").first).to_contain_text("no SHA-256 at this address")
    fake_kitchen.streams("Rain ", "fell.")
    recipe.locator(".pot-main").nth(1).click()
    expect(status(recipe)).to_have_text("They part at token 7.")
    expect(recipe.locator("mark")).to_have_text(["a", "e"])
    assert [order["seed"] for order in fake_kitchen.orders] == [7, 7, 7, 8]
    expect(recipe.locator("[value=adapter]")).to_be_hidden()
    recipe.get_by_role("spinbutton", name="Temperature").fill("2")  # the hottest that a server takes
    recipe.locator(".pot-main").first.click()
    expect(status(recipe)).to_have_text("All three are the same, byte for byte: 10 bytes.")
    recipe.locator("[value=temperature]").check()
    recipe.locator(".pot-main").nth(1).click()
    expect(status(recipe)).to_have_text("Still the same, byte for byte.")
    assert [order["temperature"] for order in fake_kitchen.orders[4:]] == [2, 2, 2, 1.9]


def test_nothing_is_cooked_while_nobody_can_tell_whether_it_would_leave_for_the_restaurant(
    page: Page, fake_kitchen: FakeKitchen, complaints: Complaints
) -> None:
    complaints.expected = ("status of 500",)
    page.route("**/api/restaurant", lambda route: route.fulfill(status=500, json={}))
    recipe = opened(page, fake_kitchen.url)
    recipe.locator(".pot-main").first.click()
    expect(recipe.get_by_role("alert")).to_have_text("The kitchen refused the order: HTTP 500")
    assert fake_kitchen.orders == []


def test_stop_ends_it_and_keeps_what_was_written(page: Page, fake_kitchen: FakeKitchen) -> None:
    fake_kitchen.streams(*["drop "] * 300, delay=0.02)
    recipe = opened(page, fake_kitchen.url)
    recipe.locator(".pot-main").first.click()
    recipe.get_by_role("button", name="Stop").click()
    expect(status(recipe)).to_have_text("Stopped. What was written stays.")
    assert fake_kitchen.left.wait(5)


def test_the_recorded_hashes_are_those_of_the_recorded_answers() -> None:
    for recipe in RECIPES:
        for bowl in recipe.bowls:
            assert bowl.sha256 == hashlib.sha256(bowl.text.encode()).hexdigest()
    assert {recipe.language for recipe in RECIPES} == set(LANGUAGE)
