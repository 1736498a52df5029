"""A Gemma in the tab: nothing before a button, the real file by the real route, and then without a network.

What goes wrong on the way is shown with small files in place of the model; WebAssembly and model are real in
the tests that cook.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect

from demos.server.engine import Message
from demos.server.local import prompt
from demos.server.topping import packet, turns
from tests.server import tiny_adapter
from tests.site import axe
from tests.site.conftest import Complaints

PAGE = "cook-in-this-tab/"
HUB = "https://huggingface.co/"
# 250 MB and a start of llama.cpp, on a machine that does other things meanwhile.
PATIENCE = 150_000


def opened(page: Page, server: str) -> Locator:
    page.goto(f"{server}/{PAGE}")
    tab = page.locator("cook-in-this-tab")
    expect(tab.get_by_role("button", name=re.compile("huggingface")).first).to_be_visible()
    return tab


def told(tab: Locator) -> Locator:
    """What the tab says of itself."""
    return tab.locator(".tt-notice [role=status]")


def cooks(page: Page) -> list[str]:
    """Workers of the page that hold a model, or are getting one."""
    return [worker.url for worker in page.workers if not worker.url.endswith("words.js")]


def no_cook(page: Page) -> None:
    """A worker that was ended takes a moment to go."""
    for _ in range(300):
        if not [url for url in cooks(page) if "wllama" in url or url.startswith("blob:")]:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"workers are left: {cooks(page)}")


# Small files in place of the model


@dataclass
class Packet:
    """A packet of two files that are no model, on a host that misbehaves when told to."""

    files: list[bytes] = field(default_factory=lambda: [b"noodles" * 30_000, b"broth" * 40_000])
    cut: set[int] = field(default_factory=set)
    silent: bool = False
    ranges: list[str | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def manifest(self) -> dict:
        parts = [
            {"file": f"part-{n}", "bytes": len(data), "sha256": sha256(data)} for n, data in self.numbered
        ]
        size = sum(len(data) for data in self.files)
        return {"model": {"label": "Test noodles", "bytes": size, "parts": parts}, "topping": None}

    @property
    def numbered(self) -> list[tuple[int, bytes]]:
        return list(enumerate(self.files))

    def answer(self, route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        self.asked.append(name)
        if name == "manifest.json":
            route.fulfill(json=self.manifest)
        elif not self.silent:
            number = int(name.removeprefix("part-"))
            wanted = route.request.headers.get("range")
            self.ranges.append(wanted)
            first = int(re.search(r"\d+", wanted)[0]) if wanted else 0
            data = self.files[number]
            last = len(data) // 2 if number in self.cut else len(data)
            route.fulfill(status=206 if wanted else 200, body=data[first:last])


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def packet_there(page: Page) -> Packet:
    offered = Packet()
    page.context.route("**/api/model/**", offered.answer)
    return offered


def test_nothing_is_fetched_before_a_button_that_says_how_much_and_from_where(
    page: Page, static_server: str, packet_there: Packet
) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    tab = opened(page, static_server)
    page.wait_for_load_state("networkidle")
    assert packet_there.asked == ["manifest.json"]
    assert not [url for url in urls if "assets/wllama/" in url or url.startswith(HUB)]
    host = re.search(r"127.0.0.1:\d+", static_server)[0]
    expect(tab.get_by_role("button").first).to_have_text(f"Fetch 0.4 MB from {host}")
    expect(tab.get_by_role("button").nth(1)).to_have_text("Fetch 291.5 MB from huggingface.co")
    expect(tab.get_by_text("This asks another host: huggingface.co and the store behind it")).to_be_visible()
    expect(tab.get_by_text("One, because this host does not send the two headers")).to_be_visible()
    no_cook(page)


def test_a_graphics_chip_is_asked_for_only_by_who_wants_it(
    page: Page, static_server: str, complaints: Complaints
) -> None:
    complaints.expected = ("No available adapters.",)
    tab = opened(page, static_server)
    wish = tab.get_by_label("Let the graphics chip help.")
    assert complaints.found == []
    wish.click()
    expect(tab.get_by_text("None to borrow (WebGPU).")).to_be_visible()
    expect(tab.get_by_role("checkbox", name="None to borrow")).not_to_be_checked()


def test_other_bytes_than_promised_are_thrown_away(
    page: Page, static_server: str, packet_there: Packet
) -> None:
    tab = opened(page, static_server)
    expected = packet_there.manifest["model"]["parts"][1]["sha256"]
    packet_there.files[1] = b"salty" * 40_000
    tab.get_by_role("button", name="Fetch 0.4 MB").click()
    host = re.search(r"127.0.0.1:\d+", static_server)[0]
    expect(told(tab)).to_have_text(
        f"What came from {host} is not this packet: its SHA-256 begins with "
        f"{sha256(b'salty' * 40_000)[:12]}…, not with {expected[:12]}…. It was thrown away; fetch it again."
    )
    expect(tab).to_have_attribute("data-state", "error")
    expect(tab.get_by_role("button", name="Clear the cupboard (0.2 MB)")).to_be_visible()


def test_a_download_that_was_cut_goes_on_where_it_stopped(
    page: Page, static_server: str, packet_there: Packet
) -> None:
    host = re.search(r"127.0.0.1:\d+", static_server)[0]
    tab = opened(page, static_server)
    packet_there.cut = {1}
    tab.get_by_role("button", name="Fetch 0.4 MB").click()
    expect(told(tab)).to_have_text(
        f"The download from {host} broke off. What has come so far is kept: press the button again to go on."
    )
    go_on = tab.get_by_role("button", name=f"Go on fetching from {host}: 75% of 0.4 MB are here")
    expect(go_on).to_be_focused()
    packet_there.cut = set()
    packet_there.ranges.clear()
    go_on.click()
    expect(told(tab)).to_have_text(re.compile("The stove went out: .+"), timeout=PATIENCE)  # it is no model
    assert packet_there.ranges == ["bytes=100000-"]
    kept = tab.get_by_role("button", name="Cook from your cupboard: all 0.4 MB are here")
    expect(kept).to_be_visible()
    no_cook(page)
    tab.get_by_role("button", name="Clear the cupboard (0.4 MB)").click()
    expect(told(tab)).to_have_text("The cupboard is empty: the files are deleted.")
    expect(tab.get_by_role("button", name="Fetch 0.4 MB")).to_be_focused()
    expect(tab.get_by_role("button", name="Clear the cupboard")).to_be_hidden()


def test_the_hub_is_asked_only_when_its_button_is_pressed(
    page: Page, static_server: str, complaints: Complaints
) -> None:
    complaints.expected = (f"request to another origin: {HUB}ggml-org/",)
    asked: list[Request] = []
    page.context.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright marks it

    def short(route: Route) -> None:
        route.fulfill(body=b"GGUF", headers={"Access-Control-Allow-Origin": "*"})

    page.context.route(f"{HUB}**", short)
    tab = opened(page, static_server)
    assert not [request for request in asked if request.url.startswith(HUB)]
    tab.get_by_role("button", name="Fetch 291.5 MB from huggingface.co").click()
    expect(told(tab)).to_contain_text("The download from huggingface.co broke off.")
    (request,) = [request for request in asked if request.url.startswith(HUB)]
    assert request.url.endswith("/ggml-org/gemma-3-270m-it-GGUF/resolve/main/gemma-3-270m-it-Q8_0.gguf")
    assert "authorization" not in request.headers


def test_a_file_from_the_disk_is_looked_at_and_sent_nowhere(page: Page, static_server: str) -> None:
    tab = opened(page, static_server)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.method))
    soup = {"name": "soup.gguf", "mimeType": "application/octet-stream", "buffer": b"PK soup"}
    tab.get_by_label("A GGUF file from your disk").set_input_files([soup])
    expect(told(tab)).to_have_text("soup.gguf is no GGUF file: it does not begin with these four letters.")
    expect(tab).to_have_attribute("data-state", "error")
    assert set(asked) <= {"GET"}
    no_cook(page)


def test_questions_are_worded_as_the_server_words_them(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/{PAGE}")
    for question in (" What is\n ramen? ", "라면이 뭐예요?", "ラーメンとは何ですか？", "拉麺"):
        bare, seasoned = page.evaluate(
            """async ([question, script]) => {
              const prompts = await import(script);
              return [await prompts.bare(question), prompts.seasoned(question)];
            }""",
            [question, f"{static_server}/assets/demos/tab/prompts.js"],
        )
        assert bare == prompt.as_examples([Message("user", question)])
        assert seasoned == turns.asked(question)


# The real model


@dataclass
class Kitchen:
    """The page with the real model on the stove, and everything that it asked for."""

    page: Page
    tab: Locator
    requests: list[str]

    def answer(self, question: str) -> str:
        self.tab.get_by_label("Your prompt").fill(question)
        self.tab.get_by_role("button", name="Ask", exact=True).click()
        expect(self.tab).to_have_attribute("data-state", "running")
        expect(self.tab).to_have_attribute("data-state", "ready", timeout=PATIENCE)
        return self.tab.locator(".tt-text").inner_text()


@pytest.fixture(scope="module")
def cooking(browser: Browser, kitchen: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kitchen]:
    """The embedded model from the server's own route, with an adapter of the tests' beside it."""
    folder = tmp_path_factory.mktemp("adapter")
    packet.write(tiny_adapter.save(folder), folder / "topping.gguf")
    data = (folder / "topping.gguf").read_bytes()
    context = browser.new_context()

    def with_topping(route: Route) -> None:
        manifest = route.fetch().json()
        manifest["topping"] = {"file": "tiny", "bytes": len(data), "sha256": sha256(data)}
        route.fulfill(json=manifest)

    context.route("**/api/model/manifest.json", with_topping)
    context.route("**/api/model/tiny", lambda route: route.fulfill(body=data))
    page = context.new_page()
    page.set_default_timeout(15_000)
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    tab = opened(page, kitchen)
    tab.get_by_role("button", name=re.compile(r"^Fetch 253\.\d MB from 127")).click()
    expect(tab).to_have_attribute("data-state", "ready", timeout=PATIENCE)
    tab.get_by_text("Options").click()
    tab.get_by_label("Longest answer").fill("8")
    yield Kitchen(page, tab, requests)
    tab.get_by_role("button", name="Take it off the stove").click()
    expect(told(tab)).to_have_text("The stove is off, and its memory is free again.")
    expect(tab.get_by_role("button", name="Cook from your cupboard: all 253.")).to_be_focused()
    no_cook(page)
    context.close()


@pytest.mark.timeout(400)
def test_it_answers_from_the_real_file_then_without_a_network_and_stops_when_told(
    cooking: Kitchen, kitchen: str
) -> None:
    tab, page = cooking.tab, cooking.page
    assert page.evaluate("crossOriginIsolated")
    tab.get_by_label("House topping").uncheck()
    answer = cooking.answer("What is the capital of Korea?")
    assert answer == "The capital of Korea is Seoul."
    expect(told(tab)).to_have_text("Now switch off your network and ask again.")
    expect(tab.get_by_text("Where your words went: this tab, and nowhere else.")).to_be_visible()
    assert float(tab.locator(".tt-figures dd").last.inner_text()) > 0
    page.context.set_offline(True)
    asked = len(cooking.requests)
    assert cooking.answer("What is the capital of Korea?") == answer
    expect(told(tab)).to_contain_text("You are offline, and it cooks all the same.")
    page.context.set_offline(False)
    assert cooking.requests[asked:] == []
    assert {url for url in cooking.requests if not url.startswith((kitchen, "blob:"))} == set()
    assert axe.findings(page) == ""
    tab.get_by_label("Longest answer").fill("500")
    tab.get_by_label("Your prompt").fill("List all the numbers from 1 to 500, separated by commas.")
    tab.get_by_role("button", name="Ask", exact=True).click()
    expect(tab.locator(".tt-text")).not_to_be_empty(timeout=PATIENCE)
    tab.locator("form").get_by_role("button", name="Stop").click()
    expect(tab.get_by_role("status").get_by_text("Stopped. What was written stays.")).to_be_visible()
    expect(tab.locator(".tt-text")).not_to_be_empty()
    expect(tab).to_have_attribute("data-state", "ready")
    tab.get_by_label("Longest answer").fill("8")


@pytest.mark.timeout(400)
def test_the_topping_is_turned_up_and_down_without_loading_again(cooking: Kitchen) -> None:
    tab, page = cooking.tab, cooking.page
    asked, workers = len(cooking.requests), sorted(worker.url for worker in page.workers)
    tab.get_by_label("House topping").check()
    slider = tab.get_by_label("How much")
    answers = {}
    for strength in ("0.05", "1.5"):
        slider.fill(strength)
        answers[strength] = cooking.answer("What is ramen?")
    assert slider.get_attribute("aria-valuetext") == "150%"
    assert answers["0.05"] != answers["1.5"]
    assert cooking.requests[asked:] == []
    assert sorted(worker.url for worker in page.workers) == workers
