"""One column of the taste test beside the other: each with its own errors, its own retry and pace."""

import json
import pathlib
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from demos.server.engine import Status
from demos.server.errors import NotReadyError
from i18n import catalog
from i18n.languages import LANGUAGE, LANGUAGES
from tests.server.engines import ScriptedEngine
from tests.server.gemini_api import BAD_KEY, CUT, HANG, Script, chunk, error, event, quota, stream, usage
from tests.site.conftest import Complaints
from tests.site.house import Guest, House, opened_house
from tests.site.loopback import BOWL, FakeKitchen
from tests.site.visitor import asked, opened

ROOT = pathlib.Path(__file__).parents[2]
HALF = event(chunk("Half ", counts=usage(7, 3)))
BLOCKED = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": usage(7)}
PER_DAY = quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier")
OVERLOADED = [error(503, "UNAVAILABLE", "The model is overloaded.")] * 3
REVOKED = Script([HALF, event(json.loads(BAD_KEY.pieces[0]))])
KEY = "Google does not accept the API key. Make a new one in AI Studio and start the server again."
CUT_OFF = "The connection broke in the middle of the answer. Ask again."
NO_ANSWER = "What came back was no answer of the Gemini API; a proxy in between may be the reason. Ask again."
FILTER = "Gemini's filter stopped this before there was an answer. Word the question in another way."
# What the API plays, the page's sentence for it, and whether words had come that must stay.
TROUBLES = [
    ([BAD_KEY], KEY, False),
    ([REVOKED], KEY, True),
    (
        [PER_DAY],
        "The API key has used up its requests to this model. Choose another one, or come back later.",
        False,
    ),
    ([stream(BLOCKED)], FILTER, False),
    (
        [error(400, "FAILED_PRECONDITION", "User location is not supported for the API use.")],
        "The Gemini API is not offered where the server is, or not without billing.",
        False,
    ),
    (
        [error(404, "NOT_FOUND", "It is not found.")],
        "The Gemini API does not offer this model any more. Choose another one.",
        False,
    ),
    (
        OVERLOADED,
        "The model is overloaded right now. Ask again in a minute, or choose another one.",
        False,
    ),
    ([Script([HALF, b'data: {"candidates": [}\r\n\r\n'])], NO_ANSWER, True),
    ([Script([HALF, CUT])], CUT_OFF, True),
    ([Script([HALF])], CUT_OFF, True),
    ([Script([HALF, HANG])], "The model took too long to answer. Ask again, or ask for less.", True),
    ([stream(chunk("Half", "", "OTHER", usage(7, 3)))], "The Gemini API failed. Ask again later.", True),
]
WAIT = "%(reason)s Try again in %(wait)s."
LIMIT = "The API key has sent more to this model than its limit allows."


@pytest.fixture(scope="module")
def packet() -> ScriptedEngine:
    return ScriptedEngine("Ramen ", "is good.")


@pytest.fixture(scope="module")
def house(site: pathlib.Path, packet: ScriptedEngine) -> Iterator[House]:
    with opened_house(site, packet, budget_usd=50) as found:
        yield found


@pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
def test_every_trouble_of_the_api_stands_in_its_column_in_the_readers_words(
    page: Page, house: House, complaints: Complaints, code: str
) -> None:
    complaints.expected = ("status of 4", "status of 5")
    guest = Guest(page, house.url, code)
    words = None if code == "en" else catalog.load(ROOT, LANGUAGE[code])
    bubble = guest.restaurant.locator(".tt-bubble")
    alert, retry = bubble.get_by_role("alert"), bubble.locator("> .tt-button")

    def said(sentence: str) -> str:
        return words[sentence].string if words is not None else sentence

    guest.asks("What is ramen?")
    guest.says(yes=True)
    guest.sees(guest.restaurant, "done")
    for scripts, sentence, kept in TROUBLES:
        house.api.play(*scripts)
        guest.asks("What is ramen?")
        expect(alert).to_have_text(said(sentence))
        guest.sees(guest.packet, "done")
        expect(bubble.locator(".tt-text")).to_have_text("Half" if kept else "")
        expect(retry).to_be_enabled()
        guest.settles()
    retry.click()
    guest.sees(guest.restaurant, "done")
    guest.settles()

    house.api.play(stream(chunk("Half ", counts=usage(7, 3)), chunk("", "", "SAFETY", usage(7, 3))))
    guest.asks("What is ramen?")
    ended = said("Google's filter ended the answer here. Tokens: %(tokens)s.") % {"tokens": 3}
    expect(guest.restaurant.locator(".tt-status").last).to_have_text(ended)
    guest.settles()
    house.api.play(quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "38.2s"))
    guest.asks("What is ramen?")
    expect(alert).to_contain_text("39")
    assert alert.inner_text().startswith(said(WAIT).partition("%(wait)s")[0] % {"reason": said(LIMIT)})
    expect(retry).to_be_disabled()


def test_a_packet_that_cannot_be_loaded_leaves_the_restaurant_open(
    page: Page, house: House, packet: ScriptedEngine, complaints: Complaints
) -> None:
    complaints.expected = ("503",)
    reason = "The model needs more memory."
    packet.status = Status("failed", 0.4, "Reading the weights", reason, "out_of_memory")
    packet.refusal = NotReadyError(reason, code="out_of_memory")
    try:
        guest = Guest(page, house.url, state="error")
        alert = guest.packet.get_by_role("alert")
        expect(alert).to_contain_text("The model does not fit into the memory that is free.")
        expect(guest.table.locator(".tt-notice")).to_be_hidden()
        guest.asks("What is ramen?")
        guest.says(yes=True)
        guest.sees(guest.restaurant, "done")
        expect(alert).to_contain_text("The model does not fit into the memory that is free.")
    finally:
        packet.status, packet.refusal = Status("ready", 1.0, "Ready"), None
    answer = guest.restaurant.locator(".tt-text").inner_text()
    guest.packet.get_by_role("button", name="Retry").click()
    guest.sees(guest.packet, "done")
    expect(alert).to_be_hidden()
    expect(guest.restaurant.locator(".tt-text")).to_have_text(answer)


def test_a_finished_bowl_is_cooked_again_while_the_other_still_cooks(
    page: Page, house: House, packet: ScriptedEngine
) -> None:
    packet.go_on = threading.Semaphore(1)
    try:
        guest = Guest(page, house.url)
        asked = len(house.api.requests)
        guest.asks("What is ramen?")
        guest.says(yes=True)
        guest.sees(guest.restaurant, "done")
        expect(guest.packet.locator(".tt-text")).to_have_text("Ramen")
        house.api.play(stream(chunk("Another one.", "", "STOP", usage(7, 3))))
        guest.restaurant.get_by_role("button", name="Once more").click()
        expect(guest.restaurant.locator(".tt-text")).to_have_text("Another one.")
        guest.sees(guest.packet, "running")
        expect(guest.table).to_have_attribute("data-state", "running")
        expect(guest.table.get_by_role("button", name="Stop")).to_be_visible()
        assert len(house.api.requests) == asked + 2
    finally:
        packet.go_on.release(10**6)
    guest.sees(guest.packet, "done")
    expect(guest.table).to_have_attribute("data-state", "ready")
    expect(guest.table.locator(".tt-verdict")).to_be_empty()  # they did not cook side by side


def test_a_menu_that_cannot_be_read_is_said_and_nothing_goes_elsewhere_instead(
    page: Page, fake_kitchen: FakeKitchen, complaints: Complaints
) -> None:
    """Who cooks on another machine may be the restaurant, so it is not offered as a packet."""
    complaints.expected = ("status of 500",)
    elsewhere = BOWL | {"id": "far-away", "label": "Far away", "host": "example.org"}
    page.route("**/api/restaurant", lambda route: route.fulfill(status=500, json={}))
    page.route("**/v1/models", lambda route: route.fulfill(json={"data": [BOWL, elsewhere]}))
    element = opened(page, fake_kitchen.url)
    expect(element.get_by_role("alert").first).to_have_text(
        "The restaurant's menu could not be read, so only the packet is served: look into the server's log, "
        "then load this page again."
    )
    expect(element.locator(".tt-model option")).to_have_text([BOWL["label"]])
    asked(element)
    expect(element.get_by_text("Answer complete. Tokens: 3.")).to_be_visible()
