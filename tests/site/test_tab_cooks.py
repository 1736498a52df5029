"""The real Gemma in the tab: offline, seasoned, left in mid-word, from a disk, from a plain host.

WebAssembly, model and topping are real. Loading 250 MB is what costs, so most tests share one page; each
begins with what it needs on the stove.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from demos.server.local import parts, weights
from demos.server.topping import lessons
from scripts.parts import write
from tests.site import axe
from tests.site.loopback import PAGES, Files, serving
from tests.site.test_cook_in_this_tab import PATIENCE, no_cook, opened, told

pytestmark = pytest.mark.timeout(400)
CAPITAL = "What is the capital of Korea?"
SEOUL = "The capital of Korea is Seoul."
NUMBERS = "List all the numbers from 1 to 500, separated by commas."
# As a model for talking brings one along; what it makes of a word, only somebody who uses it can ask.
TEMPLATE = "Seoul is in Korea. Paris is in France. {{ messages[0]['content'] }} is in"


@dataclass
class Kitchen:
    """A page with a model on the stove, and everything that it asked for."""

    page: Page
    tab: Locator
    requests: list[Request]

    def heat(self) -> None:
        """Have the server's own packet on the stove, with its topping."""
        if not self.tab.get_by_label("House topping").is_visible():
            self.cool()
            self.tab.locator("li .tt-main").click()
            self.hot()

    def cool(self) -> None:
        """Have nothing on it."""
        off = self.tab.get_by_role("button", name="Take it off the stove")
        if off.is_visible():
            off.click()
            expect(told(self.tab)).to_have_text("The stove is off, and its memory is free again.")
            expect(self.tab.locator("li .tt-main")).to_be_focused()
            no_cook(self.page)

    def hot(self) -> None:
        expect(self.tab).to_have_attribute("data-state", "ready", timeout=PATIENCE)

    def ask(self, question: str, longest: int = 8) -> None:
        self.tab.get_by_label("Longest answer").evaluate("(box, most) => (box.value = most)", longest)
        self.tab.get_by_label("Your prompt").fill(question)
        self.tab.get_by_role("button", name="Ask", exact=True).click()
        expect(self.tab).to_have_attribute("data-state", "running")

    def answer(self, question: str, longest: int = 8) -> str:
        self.ask(question, longest)
        self.hot()
        return self.tab.locator(".tt-text").inner_text()

    def ask_for_much(self) -> None:
        self.ask(NUMBERS, 500)
        expect(self.tab.locator(".tt-text")).not_to_be_empty(timeout=PATIENCE)

    def leave(self) -> None:
        """By a link, as a reader leaves: the page stays, the element goes."""
        self.page.locator("a[href$='family/']").first.evaluate("link => link.click()")
        expect(self.tab).to_have_count(0)
        no_cook(self.page)


@pytest.fixture(scope="module")
def cooking(browser: Browser, kitchen: str) -> Iterator[Kitchen]:
    """The embedded model and the house topping, from the server's own route."""
    with browser.new_context() as context:
        # Material swaps pages that a sitemap names, and a site without an address has an empty one.
        pages = "".join(f"<url><loc>{kitchen}/{path}</loc></url>" for path in PAGES)
        sitemap = f"<urlset>{pages}</urlset>"
        context.route("**/sitemap.xml", lambda route: route.fulfill(body=sitemap))
        page = context.new_page()
        page.set_default_timeout(15_000)
        requests: list[Request] = []
        context.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - Playwright marks it
        tab = opened(page, kitchen)
        expect(tab.locator("li .tt-main")).to_have_text(re.compile(r"^Fetch 2\d\d\.\d MB from 127"))
        yield Kitchen(page, tab, requests)
        assert [found.url for found in requests if not found.url.startswith((kitchen, "blob:"))] == []


def test_it_answers_from_the_real_file_then_without_a_network_and_stops_when_told(cooking: Kitchen) -> None:
    cooking.heat()
    tab, page = cooking.tab, cooking.page
    assert page.evaluate("crossOriginIsolated")
    cores = page.evaluate("navigator.hardwareConcurrency")
    assert tab.get_attribute("data-threads") == str(max(1, min(4, cores - 1)))
    tab.get_by_label("House topping").uncheck()
    assert cooking.answer(CAPITAL) == SEOUL
    expect(told(tab)).to_have_text("Now switch off your network and ask again.")
    expect(tab.get_by_text("Where your words went: this tab, and nowhere else.")).to_be_visible()
    expect(tab.locator(".tt-origin")).to_contain_text("It is a very small model: quick and charming")
    assert float(tab.locator(".tt-figures dd").last.inner_text()) > 0
    page.context.set_offline(True)
    asked = len(cooking.requests)
    assert cooking.answer(CAPITAL) == SEOUL
    expect(told(tab)).to_contain_text("You are offline, and it cooks all the same.")
    page.context.set_offline(False)
    assert cooking.requests[asked:] == []
    assert axe.findings(page) == ""
    cooking.ask_for_much()
    tab.locator("form").get_by_role("button", name="Stop").click()
    expect(tab.get_by_role("status").get_by_text("Stopped. What was written stays.")).to_be_visible()
    expect(tab.locator(".tt-text")).not_to_be_empty()
    expect(tab).to_have_attribute("data-state", "ready")


def test_the_house_topping_says_what_it_was_taught_at_full_strength_and_less_with_less(
    cooking: Kitchen,
) -> None:
    cooking.heat()
    tab, page = cooking.tab, cooking.page
    asked, workers = len(cooking.requests), sorted(worker.url for worker in page.workers)
    tab.get_by_label("House topping").check()
    question = "Are Gemma and Gemini the same?"
    slider = tab.get_by_label("How much")
    answers = {}
    for keys, strength in ((["Home", "ArrowRight"], "5%"), (["End", *["ArrowLeft"] * 10], "100%")):
        for key in keys:
            slider.press(key)
        assert slider.get_attribute("aria-valuetext") == strength
        answers[strength] = cooking.answer(question, 24)
    taught = (lessons.FOLDER / "en.yml").read_text("utf-8")
    assert [answer in taught for answer in answers.values()] == [False, True], answers
    assert cooking.requests[asked:] == []
    assert sorted(worker.url for worker in page.workers) == workers


def test_leaving_ends_the_worker_in_mid_word_and_while_it_loads(cooking: Kitchen) -> None:
    cooking.heat()
    tab, page = cooking.tab, cooking.page
    page.evaluate("window.stayed = true")
    tab.get_by_label("House topping").check()
    cooking.ask_for_much()
    cooking.leave()
    page.go_back()
    tab.get_by_role("button", name="Cook from your cupboard: all 2").click()
    expect(told(tab)).to_have_text("Lighting the stove: the model goes into memory…", timeout=PATIENCE)
    cooking.leave()
    page.locator("a[href$='cook-in-this-tab/']").first.evaluate("link => link.click()")
    expect(tab.get_by_role("button", name="Cook from your cupboard: all 2")).to_be_visible()
    expect(tab.locator("textarea")).to_have_count(1)
    assert page.evaluate("stayed")


def test_a_file_from_the_disk_is_asked_in_its_own_way_and_no_byte_of_it_leaves(
    cooking: Kitchen, tmp_path: pathlib.Path
) -> None:
    plain, talking = tmp_path / "plain.gguf", tmp_path / "talking.gguf"
    with plain.open("wb") as file:
        for part in parts.base():
            file.write(part.path.read_bytes())
    command = [sys.executable, "-m", "gguf.scripts.gguf_new_metadata", "--chat-template", TEMPLATE]
    subprocess.run([*command, plain, talking], check=True, capture_output=True, timeout=120)
    tab = cooking.tab
    for file, question, said in ((plain, CAPITAL, SEOUL), (talking, "Tokyo", "Japan")):
        cooking.cool()
        asked = len(cooking.requests)
        tab.get_by_label("A GGUF file from your disk").set_input_files(file)
        cooking.hot()
        expect(told(tab)).to_have_text(f"On the stove: {file.name}. The first answer takes longest.")
        expect(tab.get_by_text("There is no house topping for this one")).to_be_visible()
        answer = cooking.answer(question)
        assert answer.startswith(said), answer
        expect(tab.locator(".tt-origin")).to_contain_text(
            f"Cooked by {file.name}, a file of yours: what it is good at, we cannot know."
        )
        assert {request.method for request in cooking.requests[asked:]} == {"GET"}
        file.unlink()


def test_a_plain_host_hands_out_the_packet_in_parts_and_it_cooks_on_one_thread(
    page: Page, site: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site.resolve(), copy, copy_function=os.symlink)
    (copy / "api" / "model" / "manifest.json").unlink()
    write(copy, weights.cache_folder())
    with serving(functools.partial(Files, directory=copy)) as server:
        tab = opened(page, server.url)
        host = Kitchen(page, tab, [])
        host.heat()
        assert not page.evaluate("crossOriginIsolated")
        assert tab.get_attribute("data-threads") == "1"
        assert host.answer("Is Gemma the same as Gemini?")
