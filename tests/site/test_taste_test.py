"""The taste-test element in each of its states, on the built page, with a kitchen told to misbehave."""

import re
import threading

import pytest
from playwright.sync_api import Page, Request, expect

from tests.site import axe
from tests.site.conftest import Complaints
from tests.site.loopback import READY, FakeKitchen
from tests.site.visitor import asked, opened


def test_an_answer_streams_in_as_markdown_with_its_figures(page: Page, fake_kitchen: FakeKitchen) -> None:
    element = opened(page, fake_kitchen.url)
    asked(element)
    expect(element.get_by_text("Answer complete. Tokens: 3.")).to_be_visible()
    expect(element.locator(".tt-text strong")).to_have_text("good")
    figures = [re.compile(rf"^{figure}$") for figure in (r"[\d.]+ sec", "31.4", r"[\d.]+ sec", "–", "3")]
    expect(element.locator(".tt-figures dd")).to_have_text([*figures, "$0.00₩0 · ¥0", "$0.00₩0 · ¥0", "0"])
    expect(element.get_by_text("Where your words went: this computer (127.0.0.1:")).to_be_visible()
    expect(element.get_by_text("Cooked by Fake 270M")).to_be_visible()


def test_a_live_kitchen_takes_the_place_of_the_static_words(page: Page, fake_kitchen: FakeKitchen) -> None:
    element = opened(page, fake_kitchen.url)
    expect(element.locator("#open-kitchen")).to_be_hidden()
    expect(element.locator("form")).to_be_visible()


def test_the_order_carries_model_prompt_and_options(page: Page, fake_kitchen: FakeKitchen) -> None:
    element = opened(page, fake_kitchen.url)
    element.get_by_text("Options").click()
    element.get_by_label("Longest answer").fill("17")
    element.get_by_label("Temperature").fill("0")
    element.get_by_label("Seed").fill("7")
    asked(element, "  Is ramen good?\n")
    expect(element).to_have_attribute("data-state", "ready")
    assert fake_kitchen.orders == [
        {
            "model": "fake-270m",
            "messages": [{"role": "user", "content": "Is ramen good?"}],
            "stream": True,
            "stream_options": {"continuous_usage_stats": True},
            "max_tokens": 17,
            "temperature": 0,
            "seed": 7,
        }
    ]


def test_an_option_out_of_range_is_shown_and_nothing_is_sent(page: Page, fake_kitchen: FakeKitchen) -> None:
    element = opened(page, fake_kitchen.url)
    element.get_by_text("Options").click()
    element.get_by_label("Temperature").fill("3")
    element.get_by_text("Options").click()
    asked(element)
    expect(element.get_by_label("Temperature")).to_be_focused()
    assert fake_kitchen.orders == []


def test_a_blank_prompt_is_not_sent(page: Page, fake_kitchen: FakeKitchen) -> None:
    element = opened(page, fake_kitchen.url)
    asked(element, " \n ")
    expect(element.get_by_label("Your prompt")).to_be_focused()
    assert fake_kitchen.orders == []


def test_an_idea_fills_the_prompt_box(page: Page, fake_kitchen: FakeKitchen) -> None:
    element = opened(page, fake_kitchen.url)
    idea = element.get_by_role("group", name="Prompt ideas").get_by_role("button").first
    idea.click()
    expect(element.get_by_label("Your prompt")).to_have_value(idea.inner_text())


def test_stop_keeps_the_text_and_closes_the_connection(page: Page, fake_kitchen: FakeKitchen) -> None:
    fake_kitchen.streams(*(f"word{n} " for n in range(500)), delay=0.02)
    element = opened(page, fake_kitchen.url)
    asked(element)
    expect(element.locator(".tt-text")).to_contain_text("word5")
    element.get_by_role("button", name="Stop").click()
    expect(element.get_by_role("status").get_by_text("Stopped.")).to_be_visible()
    expect(element.locator(".tt-text")).to_contain_text("word5")
    assert fake_kitchen.left.wait(3), "the server never saw the connection close"
    assert fake_kitchen.written < 500
    expect(element.get_by_role("button", name="Ask", exact=True)).to_be_enabled()


def test_a_double_click_asks_and_does_not_stop(page: Page, fake_kitchen: FakeKitchen) -> None:
    fake_kitchen.streams(*("word " for _ in range(30)), delay=0.02)
    element = opened(page, fake_kitchen.url)
    element.get_by_label("Your prompt").fill("Is ramen good?")
    element.get_by_role("button", name="Ask", exact=True).dblclick()
    expect(element.get_by_text("Answer complete. Tokens: 30.")).to_be_visible()
    assert len(fake_kitchen.orders) == 1


def test_tokens_per_second_is_live_while_streaming(page: Page, fake_kitchen: FakeKitchen) -> None:
    fake_kitchen.streams(*("word " for _ in range(200)), delay=0.05)
    element = opened(page, fake_kitchen.url)
    asked(element)
    rate = element.locator("[data-figure=rate]")
    expect(rate).to_have_text(
        re.compile(r"^1\d")
    )  # 20 a second at the most, and not the 31.4 of the last chunk
    expect(element.get_by_text("Answering…")).to_be_visible()
    element.get_by_role("button", name="Stop").click()


def test_the_page_says_how_far_a_loading_kitchen_is_and_then_opens(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    loading = READY | {"state": "loading", "progress": 0.42, "step": "weights"}
    fake_kitchen.states = [loading, loading, READY]
    element = opened(page, fake_kitchen.url, "loading")
    expect(element.get_by_text("42%")).to_be_visible()
    assert element.get_by_role("progressbar").evaluate("bar => bar.value") == 0.42
    expect(element.get_by_role("button", name="Ask", exact=True)).to_be_disabled()
    expect(element.get_by_role("link", name="how the two differ")).to_be_visible()
    element.get_by_label("Your prompt").fill("already writing")
    expect(element).to_have_attribute("data-state", "ready")
    expect(element.get_by_label("Your prompt")).to_have_value("already writing")
    expect(element.get_by_role("button", name="Ask", exact=True)).to_be_enabled()


def test_a_failed_kitchen_gives_its_reason_and_can_be_asked_again(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    fake_kitchen.states = [{"state": "failed", "reason": "the model file is damaged."}, READY]
    element = opened(page, fake_kitchen.url, "error")
    expect(element.get_by_text("The kitchen could not open: the model file is damaged.")).to_be_visible()
    element.get_by_role("button", name="Check again").click()
    expect(element).to_have_attribute("data-state", "ready")


def test_a_kitchen_that_was_gone_is_looked_for_again_when_the_network_is_back(
    page: Page, fake_kitchen: FakeKitchen, complaints: Complaints
) -> None:
    complaints.expected = ("ERR_",)
    page.route("**/api/kitchen", lambda route: route.abort("internetdisconnected"))
    element = opened(page, fake_kitchen.url, "error")
    page.unroute("**/api/kitchen")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(element).to_have_attribute("data-state", "ready")
    asked(element)
    expect(element.get_by_text("Answer complete.")).to_be_visible()


def test_a_busy_kitchen_says_how_long_to_wait_and_then_offers_retry(
    page: Page, fake_kitchen: FakeKitchen, complaints: Complaints
) -> None:
    complaints.expected = ("429",)
    fake_kitchen.refuses(429, "The queue is full.", Retry_After="1")
    element = opened(page, fake_kitchen.url)
    asked(element)
    expect(element.get_by_role("alert")).to_have_text("The kitchen is busy. Try again in 1 sec.")
    retry = element.get_by_role("button", name="Retry")
    expect(retry).to_be_disabled()
    expect(retry).to_be_enabled()
    fake_kitchen.streams("Now.")
    retry.click()
    expect(element.locator(".tt-text")).to_have_text("Now.")
    expect(element.get_by_role("alert")).to_be_hidden()


def test_a_refused_order_shows_the_servers_sentence(
    page: Page, fake_kitchen: FakeKitchen, complaints: Complaints
) -> None:
    complaints.expected = ("400",)
    fake_kitchen.refuses(400, "max_tokens must be at most 512, got 900.")
    element = opened(page, fake_kitchen.url)
    asked(element)
    expect(element.get_by_role("alert")).to_have_text(
        "The kitchen refused the order: max_tokens must be at most 512, got 900."
    )


@pytest.mark.parametrize("end", ["close", "vanish"])
def test_a_stream_cut_in_the_middle_keeps_the_text(
    page: Page, fake_kitchen: FakeKitchen, complaints: Complaints, end: str
) -> None:
    complaints.expected = ("ERR_INCOMPLETE_CHUNKED_ENCODING",)
    read = threading.Event()
    fake_kitchen.streams("Half ", "an ", "answer", delay=0.05, end=end, read=read)
    element = opened(page, fake_kitchen.url)
    asked(element)
    expect(element.locator(".tt-text")).to_have_text("Half an answer")
    read.set()
    expect(element.get_by_role("alert")).to_contain_text("The stream broke off")
    expect(element.locator(".tt-text")).to_have_text("Half an answer")
    expect(element.get_by_role("button", name="Retry")).to_be_enabled()


def test_a_kitchen_that_went_away_is_named_and_retry_finds_it_again(
    page: Page, fake_kitchen: FakeKitchen, complaints: Complaints
) -> None:
    complaints.expected = ("ERR_",)
    element = opened(page, fake_kitchen.url)
    page.route("**/v1/chat/completions", lambda route: route.abort("connectionrefused"))
    asked(element)
    expect(element.get_by_role("alert")).to_contain_text("The kitchen does not answer.")
    page.unroute("**/v1/chat/completions")
    element.get_by_role("button", name="Retry").click()
    expect(element.get_by_text("Answer complete.")).to_be_visible()


def test_copy_gives_the_models_own_markdown(page: Page, fake_kitchen: FakeKitchen) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    element = opened(page, fake_kitchen.url)
    asked(element)
    element.get_by_role("button", name="Copy", exact=True).click()
    expect(element.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Ramen is **good**."


def test_clear_takes_the_answer_away_and_keeps_the_keyboards_place(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    element = opened(page, fake_kitchen.url)
    asked(element)
    element.get_by_role("button", name="Clear").click()
    expect(element.locator(".tt-bubble")).to_be_hidden()
    expect(element.get_by_text("The bowl is waiting for your question.")).to_be_visible()
    expect(element.get_by_role("button", name="Ask", exact=True)).to_be_focused()


def test_everything_can_be_done_with_the_keyboard_alone(page: Page, fake_kitchen: FakeKitchen) -> None:
    fake_kitchen.streams(*("word " for _ in range(500)), delay=0.02)
    element = opened(page, fake_kitchen.url)
    element.get_by_label("Your prompt").focus()
    page.keyboard.type("Is ramen good?")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Really?")
    expect(element.get_by_label("Your prompt")).to_have_value("Is ramen good?\nReally?")
    page.keyboard.press("Enter")
    expect(element.locator(".tt-text")).to_contain_text("word")
    expect(element.get_by_label("Your prompt")).to_be_focused()
    stop = element.get_by_role("button", name="Stop")
    for _ in range(8):
        if stop.evaluate("node => node === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(stop).to_be_focused()
    page.keyboard.press("Enter")
    expect(element.get_by_text("Stopped.")).to_be_visible()
    expect(element.get_by_role("button", name="Ask", exact=True)).to_be_focused()
    assert len(fake_kitchen.orders) == 1


def test_a_screen_reader_hears_the_status_and_not_every_token(page: Page, fake_kitchen: FakeKitchen) -> None:
    element = opened(page, fake_kitchen.url)
    page.evaluate(
        """() => {
          window.heard = [];
          const live = document.querySelector(".tt-answer [role=status]");
          new MutationObserver(() => heard.push(live.textContent)).observe(live, { childList: true });
        }"""
    )
    asked(element)
    expect(element.get_by_text("Answer complete. Tokens: 3.")).to_be_visible()
    assert page.evaluate("heard") == ["Answering…", "Answer complete. Tokens: 3."]
    assert (
        element.locator(".tt-text").evaluate(
            "node => node.closest('[aria-live], [role=status], [role=alert]')"
        )
        is None
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_an_answer_or_an_error(
    page: Page, fake_kitchen: FakeKitchen, complaints: Complaints, scheme: str
) -> None:
    complaints.expected = ("429",)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    element = opened(page, fake_kitchen.url)
    for summary in element.locator("summary:visible").all():
        summary.click()
    fake_kitchen.streams(
        "# Title\n\n- one\n\n`code` and a [link](https://example.org)\n\n```\nmore code\n```\n"
    )
    asked(element)
    expect(element.get_by_text("Answer complete.")).to_be_visible()
    assert axe.findings(page) == ""
    fake_kitchen.refuses(429, "The queue is full.")
    asked(element)
    expect(element.get_by_role("alert")).to_be_visible()
    assert axe.findings(page) == ""


def test_nothing_widens_the_narrowest_phone_and_everything_fits_a_finger(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    fake_kitchen.streams(f"{'noodle' * 60}\n\n`{'x' * 200}`\n\n| {'a | ' * 30}\n|{'---|' * 30}\n")
    element = opened(page, fake_kitchen.url)
    for summary in element.locator("summary:visible").all():
        summary.click()
    asked(element)
    expect(element.get_by_text("Answer complete.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    # A tick is pressed by its label.
    for control in element.locator(
        ":is(button, .tt-check, input:not(.tt-check *), textarea, summary):visible"
    ).all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 44, control.inner_text()


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_the_bowl_steams_while_answering_unless_motion_is_unwelcome(
    page: Page, fake_kitchen: FakeKitchen, motion: str, moves: bool
) -> None:
    fake_kitchen.streams(*("word " for _ in range(500)), delay=0.02)
    page.emulate_media(reduced_motion=motion)
    element = opened(page, fake_kitchen.url)
    steam = element.locator(".tt-steam path").first
    still = "path => path.getAnimations().length === 0"
    assert steam.evaluate(still)
    asked(element)
    expect(element.locator(".tt-text")).to_contain_text("word")
    assert steam.evaluate(still) is not moves
    element.get_by_role("button", name="Stop").click()
    expect(element.get_by_text("Stopped.")).to_be_visible()
    assert steam.evaluate(still)


def test_leaving_the_page_stops_the_answer_and_the_asking(page: Page, fake_kitchen: FakeKitchen) -> None:
    fake_kitchen.streams(*("word " for _ in range(500)), delay=0.02)
    element = opened(page, fake_kitchen.url)
    asked(element)
    expect(element.locator(".tt-text")).to_contain_text("word")
    element.evaluate("node => { window.kept = node; node.remove(); }")
    assert fake_kitchen.left.wait(3), "the request outlived the element"
    page.evaluate("document.querySelector('h1').after(kept)")
    expect(element).to_have_attribute("data-state", "ready")
    expect(element.locator("form")).to_have_count(1)
    fake_kitchen.streams("Back.")
    asked(element)
    expect(element.locator(".tt-text")).to_have_text("Back.")
    assert len(fake_kitchen.orders) == 2, "one press of Ask sent more than one order"


def test_a_loading_kitchen_is_not_asked_again_after_the_reader_left(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    fake_kitchen.states = [READY | {"state": "loading", "progress": 0.1}]
    element = opened(page, fake_kitchen.url, "loading")
    asks: list[str] = []
    element.evaluate("node => node.remove()")
    page.on("request", lambda request: asks.append(request.url))
    page.wait_for_timeout(1000)
    assert asks == []


def test_an_answer_still_comes_when_the_page_has_nothing_else_to_load(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    element = opened(page, fake_kitchen.url)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    asked(element)
    expect(element.get_by_text("Answer complete.")).to_be_visible()
    assert requested == [f"{fake_kitchen.url}/v1/chat/completions"]


# The access token


def test_a_token_behind_the_hash_leaves_the_address_and_goes_with_every_question(
    page: Page, static_server: str
) -> None:
    asked: list[str | None] = []

    def note(request: Request) -> None:
        if request.url.endswith("/api/kitchen"):
            asked.append(request.headers.get("authorization"))

    page.on("request", note)
    page.goto(f"{static_server}/ko/taste-test/#token=a-secret-of-this-server")
    expect(page.locator("taste-test")).to_have_attribute("data-state", "absent")
    assert page.url == f"{static_server}/ko/taste-test/"
    page.reload()
    expect(page.locator("taste-test")).to_have_attribute("data-state", "absent")
    assert asked == ["Bearer a-secret-of-this-server"] * 2
    page.evaluate("sessionStorage.clear()")
    page.reload()
    expect(page.locator("taste-test")).to_have_attribute("data-state", "absent")
    assert asked[2:] == [None]
