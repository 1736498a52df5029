"""The toppings bar: its states with a kitchen told what to say, and the whole way with the real model."""

import contextlib
import json
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from i18n.languages import LANGUAGE
from tests.site import axe
from tests.site.conftest import Complaints
from tests.site.loopback import FakeHandler, FakeKitchen

TRAINING_MS = 400_000  # the machine is busy with other tests
ANSWER_MS = 60_000
OURS = "Two Bowls test"
ROBOT = "Beep beep!"
LIMITS = {"examples": [4, 64], "steps": [4, 200], "question": 200, "answer": 300, "name": 40, "kept": 8}
PIRATE = {
    "name": "Pirate",
    "house": False,
    "created": "2026-11-22T10:00:00+00:00",
    "examples": 8,
    "losses": [4.0, 1.0, 0.25],
    "memory_bytes": 11_722_752,
}


class Counter:
    """A kitchen's `/api/toppings` as a test wants it; notes what it was asked."""

    def __init__(self, page: Page) -> None:
        self.toppings: list[dict] = []
        self.training: dict | None = None
        self.refusal: tuple[int, dict] | None = None
        self.events: list[dict] = []
        self.asked: list[tuple[str, str]] = []
        self.wishes: list[dict] = []
        self.live = False
        page.route(re.compile(r"/api/toppings"), self.answer)

    def answer(self, route: Route) -> None:
        request = route.request
        path = request.url.partition("/api/toppings")[2]
        self.asked.append((request.method, path))
        if request.method == "POST" and self.refusal:
            status, problem = self.refusal
            route.fulfill(status=status, json={"error": problem})
        elif request.method == "POST" and not path:
            self.wishes.append(json.loads(request.post_data or ""))
            route.fulfill(status=202, json={"name": self.wishes[-1]["name"]})
        elif path.endswith("/training") and self.live:
            route.continue_()  # to a kitchen that takes its time
        elif path.endswith("/training"):
            if self.events[-1]["state"] == "done":
                self.toppings = [PIRATE]
            self.training = None
            body = "".join(f"data: {json.dumps(event)}\n\n" for event in self.events) + "data: [DONE]\n\n"
            route.fulfill(body=body, content_type="text/event-stream")
        elif request.method == "DELETE":
            self.toppings = []
            route.fulfill(status=204)
        else:
            memory = {"needed_bytes": 1_900_000_000, "free_bytes": 8_000_000_000}
            route.fulfill(
                json={
                    "model": "fake-270m",
                    "refusal": None,
                    "limits": LIMITS,
                    "memory": memory,
                    "training": self.training,
                    "toppings": self.toppings,
                }
            )

    def trains(
        self, *losses: float, end: str = "done", reason: str | None = None, code: str | None = None
    ) -> None:
        """Events of a training with these losses."""
        common = {"of": len(losses), "seconds_left": 1.5, "reason": None, "code": None}
        self.events = [
            {"state": "training", "step": step, "loss": loss, **common} for step, loss in enumerate(losses, 1)
        ]
        last = {"step": len(losses), "loss": losses[-1], "seconds_left": None, "reason": reason, "code": code}
        self.events.append({**common, "state": end, **last})


@pytest.fixture
def counter(page: Page) -> Counter:
    found = Counter(page)
    found.trains(4.0, 1.0, 0.25)
    return found


def opened(page: Page, url: str, prefix: str = "", state: str = "ready") -> Locator:
    page.goto(f"{url}/{prefix}toppings-bar/")
    element = page.locator("toppings-bar")
    expect(element).to_have_attribute("data-state", state)
    return element


def starter(element: Locator, number: int) -> None:
    element.locator(".bar-lesson .tt-idea").nth(number).click()


def typed(element: Locator, starter: Locator, voice: str, other: str) -> None:
    """Write a set's examples by keyboard into empty lines, in another voice."""
    page = element.page
    questions, answers = (starter.locator(part).all_text_contents() for part in ("dt", "dd"))
    element.get_by_role("button", name="Empty all").press("Enter")
    for _ in questions[4:]:
        element.get_by_role("button", name="One more example").press("Enter")
    element.locator(".bar-examples textarea").first.focus()
    for question, answer in zip(questions, answers, strict=True):
        for words, tabs in ((question, 1), (answer.replace(voice, other), 2)):
            page.keyboard.insert_text(words)
            for _ in range(tabs):
                page.keyboard.press("Tab")


def test_a_training_is_drawn_told_tasted_and_thrown_away(
    page: Page, fake_kitchen: FakeKitchen, counter: Counter
) -> None:
    element = opened(page, fake_kitchen.url)
    expect(element.get_by_role("heading", name="No topping yet: train one below")).to_be_visible()
    starter(element, 1)
    element.get_by_label("Name of the topping").fill("Pirate")
    element.get_by_role("button", name="Train it").click()
    card = element.locator(".bar-training")
    expect(card).to_have_attribute("data-state", "done")
    (wish,) = counter.wishes
    assert (wish["name"], len(wish["examples"]), wish["steps"]) == ("Pirate", 8, 8)
    assert wish["examples"][0]["answer"].startswith("Arr, matey!")
    expect(
        card.get_by_role("img", name="Loss curve: from 4.00 at the first step to 0.25 at step 3")
    ).to_be_visible()
    expect(card.locator(".bar-progress")).to_have_text(
        "Steps: 3. Loss at the beginning: 4.00, at the end: 0.25."
    )
    card.get_by_text("The curve as a table").click()
    expect(card.locator("tbody td")).to_have_text(["4.00", "1.00", "0.25"])
    assert axe.findings(page) == ""
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    card.get_by_role("button", name="Taste before and after").click()
    expect(element.locator(".tt-text").nth(1)).to_contain_text("Ramen is good.")
    assert sorted(order["adapter"] for order in fake_kitchen.orders) == ["", "Pirate"]
    assert {order["messages"][0]["content"] for order in fake_kitchen.orders} == {"What is snow?"}
    card.get_by_role("button", name="Keep it").click()
    expect(card.get_by_role("status")).to_have_text(
        "Kept. Pirate stays in the fridge, also when the server starts again."
    )
    expect(card).to_be_focused()
    element.get_by_role("button", name="Throw away: Pirate").press("Enter")
    expect(element.get_by_text("The fridge is empty.")).to_be_visible()
    expect(element.locator(".bar-shelf")).to_be_focused()
    expect(card).to_be_hidden()


class SlowTraining:
    """A kitchen that sends the first step of a training at once, and its end when it is let."""

    def __init__(self, kitchen: FakeKitchen, counter: Counter) -> None:
        self.end = threading.Event()
        self.counter = counter
        counter.live = True
        kitchen.train = self.train

    def train(self, handler: FakeHandler) -> None:
        first, *_, last = self.counter.events
        handler.begin()
        handler.chunk(handler.event(first))
        self.end.wait(20)
        self.end.clear()
        handler.chunk(handler.event(last) + handler.event("[DONE]"))
        handler.wfile.write(b"0\r\n\r\n")


def test_a_running_training_shows_how_far_it_is_and_no_end_takes_the_keyboards_place(
    page: Page, fake_kitchen: FakeKitchen, counter: Counter
) -> None:
    slow = SlowTraining(fake_kitchen, counter)
    element = opened(page, fake_kitchen.url)
    train = element.get_by_role("button", name="Train it")
    card = element.locator(".bar-training")
    element.get_by_label("Name of the topping").fill("Pirate")
    for end, state in (("cancelled", "ended"), ("done", "done")):
        counter.trains(4.0, 1.0, 0.25, end=end)
        train.press("Enter")
        expect(card.locator("circle")).to_have_count(1)
        expect(card.locator(".bar-progress")).to_have_text("Step 1 of 3, loss 4.00. About 2 sec left.")
        expect(card).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(card.get_by_role("button", name="Cancel the training")).to_be_focused()
        if end == "cancelled":
            page.keyboard.press("Enter")
            expect(element).to_have_attribute("data-training", "running")
        slow.end.set()
        expect(card).to_have_attribute("data-state", state)
        expect(card).to_be_focused()
        expect(train).to_be_enabled()
    assert counter.asked.count(("POST", "/Pirate/cancel")) == 1
    card.get_by_role("button", name="Throw it away").press("Enter")
    expect(card).to_be_hidden()
    expect(element.locator(".bar-shelf")).to_be_focused()


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("cancelled", "Cancelled. Nothing was kept."),
        ("failed", "The disk of the kitchen is full, so nothing was kept. Make room there and try again."),
    ],
)
def test_a_training_that_ends_early_says_so_and_the_next_can_begin(
    page: Page, fake_kitchen: FakeKitchen, counter: Counter, end: str, said: str
) -> None:
    counter.trains(
        4.0, 1.0, end=end, reason="The disk is full.", code="disk_full" if end == "failed" else None
    )
    element = opened(page, fake_kitchen.url)
    element.get_by_role("button", name="Train it").click()
    expect(element.locator(".bar-training").get_by_text(said)).to_be_visible()
    expect(element.get_by_role("button", name="Train it")).to_be_enabled()


def test_a_refused_wish_is_said_at_the_form(
    page: Page, fake_kitchen: FakeKitchen, counter: Counter, complaints: Complaints
) -> None:
    complaints.expected = ("409",)
    counter.refusal = (409, {"message": "Taken.", "code": "topping_exists"})
    element = opened(page, fake_kitchen.url)
    element.get_by_role("button", name="Train it").press("Enter")
    expect(
        element.get_by_role("alert").filter(has_text="There is a topping of that name already.")
    ).to_be_visible()
    expect(element.get_by_role("button", name="Train it")).to_be_focused()


def test_examples_are_edited_by_keyboard_kept_in_the_tab_and_too_few_are_not_sent(
    page: Page, fake_kitchen: FakeKitchen, counter: Counter
) -> None:
    element = opened(page, fake_kitchen.url)
    element.get_by_role("button", name="Empty all").press("Enter")
    expect(element.get_by_text("Examples: 0. It takes 4 to 64.")).to_be_visible()
    element.get_by_label("Name of the topping").fill("Mine")
    element.get_by_role("button", name="Train it").press("Enter")
    expect(element.locator(".bar-examples textarea").first).to_be_focused()
    assert counter.wishes == []
    page.keyboard.type("Who?")
    page.keyboard.press("Tab")
    page.keyboard.type("<b>Me</b>")
    element.get_by_role("button", name="One more example").press("Enter")
    expect(element.locator(".bar-examples > li")).to_have_count(5)
    page.reload()
    expect(element).to_have_attribute("data-state", "ready")
    expect(element.get_by_label("Answer", exact=True).first).to_have_value("<b>Me</b>")
    expect(element.get_by_label("Name of the topping")).to_have_value("Mine")


def test_coming_back_finds_the_training_again(
    page: Page, fake_kitchen: FakeKitchen, counter: Counter
) -> None:
    opened(page, fake_kitchen.url)
    page.get_by_role("link", name="Demos").first.click()
    expect(page.locator("toppings-bar")).to_have_count(0)
    counter.training = {"name": "Pirate", "state": "training", "step": 1, "of": 3, "losses": [4.0]}
    counter.asked.clear()
    page.go_back()
    expect(page.locator(".bar-training")).to_have_attribute("data-state", "done")
    assert counter.asked.count(("GET", "/Pirate/training")) == 1


@pytest.fixture
def clean_kitchen(kitchen: str) -> Iterator[str]:
    """The running server, whose fridge is the developer's own: nothing is left when this test fails."""

    def throw_away() -> None:
        address = f"{kitchen}/api/toppings/{urllib.parse.quote(OURS)}"
        for method, path in (("POST", "/cancel"), ("DELETE", "")):
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(urllib.request.Request(address + path, method=method), timeout=20)

    throw_away()
    yield kitchen
    throw_away()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("code", "shout"), [("en", ROBOT), ("ko", "으하하"), ("ja", "ヨーホー")])
def test_a_pirate_is_trained_tasted_and_thrown_away_again(
    page: Page, clean_kitchen: str, code: str, shout: str
) -> None:
    element = opened(page, clean_kitchen, LANGUAGE[code].prefix)
    if shout == ROBOT:
        typed(element, page.locator("[data-starter]").nth(1), "Arr, matey!", shout)
    else:
        starter(element, 1)
    element.locator(".bar-lesson input[type=text]").fill(OURS)
    element.locator(".bar-steps input").first.check()
    element.locator(".bar-lesson .tt-main").click()
    card = element.locator(".bar-training")
    expect(element).to_have_attribute("data-training", "done", timeout=TRAINING_MS)
    expect(card.locator("circle")).to_have_count(6)
    card.locator(".tt-main").click()
    plain, topped = element.locator(".tt-answer").all()
    for answer in (plain, topped):
        expect(answer).to_have_attribute("data-state", "done", timeout=ANSWER_MS)
    assert topped.locator(".tt-text").inner_text().startswith(shout)
    assert shout not in plain.locator(".tt-text").inner_text()
    mine = element.locator(".bar-fridge > li").filter(has_text=OURS)
    mine.locator("button").last.click()
    expect(mine).to_have_count(0)
