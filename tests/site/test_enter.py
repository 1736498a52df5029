"""Enter in the prompt box with an input method at work: the order of events decides, and browsers differ.

Chromium's order is made by its own input method machinery (over CDP); Safari's, which Chromium cannot make,
is dispatched.
"""

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.site.loopback import FakeKitchen

INPUT_METHOD, RETURN = 229, 13


class Writer:
    """A person who writes in the prompt box through an input method."""

    def __init__(self, page: Page, url: str) -> None:
        page.goto(url)
        self.page = page
        self.element: Locator = page.locator("taste-test")
        expect(self.element).to_have_attribute("data-state", "ready")
        self.box = self.element.locator("textarea").first
        self.box.focus()
        self.devtools: CDPSession = page.context.new_cdp_session(page)

    def composes(self, text: str) -> None:
        self.devtools.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )

    def commits(self, text: str) -> None:
        self.devtools.send("Input.insertText", {"text": text})

    def key(self, kind: str, code: int, name: str = "Enter") -> None:
        text = {"text": "\r"} if (kind, code) == ("keyDown", RETURN) else {}
        self.devtools.send(
            "Input.dispatchKeyEvent",
            {"type": kind, "windowsVirtualKeyCode": code, "key": name, "code": "Enter", **text},
        )

    def safari(self, data: str) -> None:
        """Enter as Safari tells it: the composition ends first, then comes a key that it has used."""
        self.box.evaluate(
            """(box, data) => {
              box.dispatchEvent(new CompositionEvent("compositionstart", { data: "" }));
              box.value += data;
              box.dispatchEvent(new CompositionEvent("compositionend", { data }));
              const enter = { key: "Enter", code: "Enter", cancelable: true };
              box.dispatchEvent(new KeyboardEvent("keydown", { ...enter, keyCode: 229 }));
              box.dispatchEvent(new KeyboardEvent("keyup", { ...enter, keyCode: 13 }));
            }""",
            data,
        )

    def settles(self) -> None:
        """Time enough for an answer to come and for a second order to be sent by mistake."""
        self.page.wait_for_timeout(300)


@pytest.fixture
def korean(page: Page, fake_kitchen: FakeKitchen) -> Writer:
    return Writer(page, f"{fake_kitchen.url}/ko/taste-test/")


@pytest.fixture
def japanese(page: Page, fake_kitchen: FakeKitchen) -> Writer:
    return Writer(page, f"{fake_kitchen.url}/ja/taste-test/")


def prompts(kitchen: FakeKitchen) -> list[str]:
    return [order["messages"][0]["content"] for order in kitchen.orders]


@pytest.mark.parametrize("name", ["Enter", "Process"], ids=["macOS", "Windows"])
def test_japanese_enter_confirms_the_candidate_and_the_next_one_sends(
    japanese: Writer, fake_kitchen: FakeKitchen, name: str
) -> None:
    japanese.composes("らーめん")
    japanese.key("rawKeyDown", INPUT_METHOD, name)
    japanese.commits("ラーメン")
    japanese.key("keyUp", RETURN)
    japanese.settles()
    assert prompts(fake_kitchen) == []
    expect(japanese.box).to_have_value("ラーメン")
    japanese.key("keyDown", RETURN)
    japanese.key("keyUp", RETURN)
    japanese.settles()
    assert prompts(fake_kitchen) == ["ラーメン"]
    expect(japanese.box).to_have_value("ラーメン")


@pytest.mark.parametrize("name", ["Enter", "Process"], ids=["macOS", "Windows"])
def test_korean_sends_the_whole_last_syllable_with_one_enter(
    korean: Writer, fake_kitchen: FakeKitchen, name: str
) -> None:
    korean.commits("라면 맛있어")
    korean.composes("요")
    korean.key("rawKeyDown", INPUT_METHOD, name)
    korean.commits("요")
    korean.key("keyUp", RETURN)
    korean.settles()
    assert prompts(fake_kitchen) == ["라면 맛있어요"]
    expect(korean.box).to_have_value("라면 맛있어요")


def test_korean_sends_once_where_the_browser_repeats_the_enter(
    korean: Writer, fake_kitchen: FakeKitchen
) -> None:
    korean.composes("요")
    korean.key("rawKeyDown", INPUT_METHOD)
    korean.commits("요")
    korean.key("keyDown", RETURN)
    korean.key("keyUp", RETURN)
    korean.settles()
    assert prompts(fake_kitchen) == ["요"]
    expect(korean.box).to_have_value("요")
    korean.key("keyDown", RETURN)
    korean.key("keyUp", RETURN)
    korean.settles()
    assert prompts(fake_kitchen) == ["요", "요"], "a new press of Enter asks again"


def test_a_syllable_that_ends_without_enter_is_not_sent(korean: Writer, fake_kitchen: FakeKitchen) -> None:
    korean.composes("라")
    korean.key("rawKeyDown", INPUT_METHOD)
    korean.page.keyboard.press("ArrowLeft")
    korean.commits("라")
    korean.settles()
    assert prompts(fake_kitchen) == []


def test_safari_japanese_enter_confirms_and_korean_enter_sends(
    japanese: Writer, fake_kitchen: FakeKitchen
) -> None:
    japanese.safari("拉麺")
    japanese.settles()
    assert prompts(fake_kitchen) == []
    japanese.safari("라면")
    japanese.settles()
    assert prompts(fake_kitchen) == ["拉麺라면"]


def test_a_held_enter_sends_once_and_breaks_no_line(korean: Writer, fake_kitchen: FakeKitchen) -> None:
    korean.commits("라면")
    for _ in range(3):
        korean.page.keyboard.down("Enter")  # from the second on, a key that repeats
        korean.settles()  # the answer is complete by now, so a repeat would ask again
    korean.page.keyboard.up("Enter")
    korean.settles()
    assert prompts(fake_kitchen) == ["라면"]
    expect(korean.box).to_have_value("라면")


def test_enter_while_an_answer_is_being_written_neither_stops_nor_asks(
    korean: Writer, fake_kitchen: FakeKitchen
) -> None:
    fake_kitchen.streams(*("면 " for _ in range(40)), delay=0.02)
    korean.commits("라면")
    korean.page.keyboard.press("Enter")
    expect(korean.element).to_have_attribute("data-state", "running")
    korean.page.keyboard.press("Enter")
    expect(korean.element.locator(".tt-answer")).to_have_attribute("data-state", "done")
    assert prompts(fake_kitchen) == ["라면"]
