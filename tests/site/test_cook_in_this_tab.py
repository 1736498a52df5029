"""A Gemma in the tab: nothing before a button, what a host sends instead, what a browser lacks.

What goes wrong on the way is shown with small files in place of the model. The model itself cooks in
`test_tab_cooks.py`.
"""

import hashlib
import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from demos.server.engine import Message
from demos.server.local import prompt
from demos.server.topping import turns
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
    packet_there.silent = True
    tab.get_by_role("button", name="Fetch 0.4 MB").press("Enter")
    expect(tab).to_have_attribute("data-state", "loading")
    expect(tab.get_by_role("button", name="Stop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(told(tab)).to_have_text("Stopped. What has come so far is kept.")
    expect(tab.get_by_role("button", name="Fetch 0.4 MB")).to_be_focused()
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


def test_a_browser_that_cannot_wait_for_files_is_sent_to_no_other_host(
    page: Page, static_server: str
) -> None:
    """Left to itself, wllama takes another program from a CDN there; the page fails for such a request."""

    def older(route: Route) -> None:
        script = "delete WebAssembly.Suspending;\n" + route.fetch().text()
        route.fulfill(body=script, content_type="text/javascript")

    page.route("**/workers/wllama.js", older)
    tab = opened(page, static_server)
    soup = {"name": "soup.gguf", "mimeType": "application/octet-stream", "buffer": b"GGUF soup"}
    tab.get_by_label("A GGUF file from your disk").set_input_files([soup])
    expect(told(tab)).to_have_text(re.compile("The stove went out: .+"), timeout=PATIENCE)
    expect(tab).to_have_attribute("data-state", "error")
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
