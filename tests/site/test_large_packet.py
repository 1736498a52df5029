"""Gemma 4 in the tab: offered where a browser can hold it, refused with a reason elsewhere, hashed in pieces.

The stoves are pretended, and nothing of the 3.35 GB is ever fetched.
"""

import hashlib
import pathlib
import re

from playwright.sync_api import Page, Request, expect

from tests.site.conftest import Complaints
from tests.site.stove import fake_stove

PAGE = "cook-in-this-tab/"
HUB = "https://huggingface.co/"
LARGE = "Gemma 4 E2B (instruction-tuned, QAT Q4_0)"
# A browser as the address says: ?memory=8&room=4&threads=1&wide=1
PRETENDED = """
  const says = new URLSearchParams(location.search);
  const give = (owner, name, value) => Object.defineProperty(owner, name, { get: () => value });
  give(Navigator.prototype, "deviceMemory", Number(says.get("memory")) || undefined);
  give(window, "crossOriginIsolated", says.has("threads"));
  StorageManager.prototype.estimate = async () => ({ quota: Number(says.get("room")) * 1e9, usage: 0 });
  if (!says.has("wide")) delete WebAssembly.Suspending;
"""
SERVER = "Cook it with the local server: two commands, further down."
REFUSED = {
    "memory=8&room=4&threads=1": "is not for this browser: it needs WebAssembly with 64-bit memory that can "
    f"wait for files, which this one lacks. {SERVER}",
    "wide=1&room=4&threads=1": "needs a computer with 8 GB of memory, and this browser does not say how much "
    f"there is. {SERVER}",
    "wide=1&memory=4&room=4&threads=1": "needs a computer with 8 GB of memory, and this browser reports "
    f"4 GB. {SERVER}",
    "wide=1&memory=8&room=2&threads=1": "needs a cupboard with room for 3.3 GB, and this one has "
    f"2 GB. {SERVER}",
    "wide=1&memory=8&room=4": "needs several threads, and this host does not send the two headers that they "
    "need. The local server does.",
}


def test_it_is_offered_where_the_browser_can_and_refused_with_a_reason_where_not(
    page: Page, static_server: str, complaints: Complaints
) -> None:
    complaints.expected = (f"request to another origin: {HUB}google/", "403")
    asked: list[Request] = []
    page.context.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright marks it
    anyone = {"Access-Control-Allow-Origin": "*"}
    page.context.route(f"{HUB}**", lambda route: route.fulfill(status=403, headers=anyone))
    page.add_init_script(PRETENDED)
    tab = page.locator("cook-in-this-tab")
    button = tab.get_by_role("button", name="Fetch 3.3 GB from huggingface.co")
    for stove, reason in REFUSED.items():
        page.goto(f"{static_server}/{PAGE}?{stove}")
        expect(tab.locator(".tab-packets").get_by_text(LARGE)).to_have_text(f"{LARGE}, 3.3 GB, {reason}")
        expect(button).to_have_count(0)
        expect(tab.get_by_role("button", name="Fetch 291.5 MB from huggingface.co")).to_be_enabled()
    page.goto(f"{static_server}/{PAGE}?wide=1&memory=8&room=4&threads=1")
    expect(tab.get_by_text("up to 6 GB of memory while it loads")).to_be_visible()
    assert not [request for request in asked if request.url.startswith(HUB)]
    button.click()
    expect(tab.locator(".tt-notice [role=status]")).to_have_text(
        "huggingface.co does not hand the file out (status 403). Ask again later, or take another packet."
    )
    (request,) = [request for request in asked if request.url.startswith(HUB)]
    assert re.search(r"/google/gemma-4-E2B-it-qat-q4_0-gguf/resolve/[0-9a-f]{40}/", request.url)
    assert "authorization" not in request.headers
    page.route("**/workers/wllama.js", fake_stove("Soup."))
    button.click()
    tab.get_by_label("Your prompt").fill("What is ramen?")
    tab.get_by_role("button", name="Ask", exact=True).click()
    expect(tab.locator(".tt-origin")).to_contain_text(
        f"Cooked by {LARGE}. It knows a lot for its size, and is wrong at times, too. Stove: this browser"
    )


def test_a_large_file_from_the_disk_wants_as_much_as_a_large_packet(
    page: Page, static_server: str, tmp_path: pathlib.Path
) -> None:
    soup = tmp_path / "soup.gguf"
    with soup.open("wb") as file:
        file.truncate(1_200_000_000)
    page.add_init_script(PRETENDED)
    page.goto(f"{static_server}/{PAGE}?wide=1&memory=4&room=0&threads=1")
    tab = page.locator("cook-in-this-tab")
    tab.get_by_label("A GGUF file from your disk").set_input_files(soup)
    expect(tab.locator(".tt-notice [role=status]")).to_have_text(
        "soup.gguf, 1.2 GB, needs a computer with 8 GB of memory, and this browser reports 4 GB. "
        "Cook it in your own kitchen, outside of the browser."
    )
    assert not [worker.url for worker in page.workers if "wllama" in worker.url]


def test_a_file_that_no_tab_can_hold_is_refused_before_it_fills_the_memory(
    page: Page, static_server: str, tmp_path: pathlib.Path
) -> None:
    large = tmp_path / "large.gguf"
    with large.open("wb") as file:
        file.write(b"GGUF")
        file.truncate(3_600_000_000)
    page.goto(f"{static_server}/{PAGE}")
    tab = page.locator("cook-in-this-tab")
    tab.get_by_label("A GGUF file from your disk").set_input_files(large)
    expect(tab.locator(".tt-notice [role=status]")).to_have_text(
        "large.gguf is too large for a tab: 3.6 GB, and the program in here holds models up to 3.5 GB. "
        "Cook it with the local server or in your own kitchen."
    )
    assert not [worker.url for worker in page.workers if "wllama" in worker.url]


def test_a_file_hashed_in_pieces_has_the_hash_that_python_finds(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/{PAGE}")
    soup = bytes(number % 251 for number in range(200_000))
    lengths = [0, 1, 55, 56, 63, 64, 65, 119, 120, 200_000]
    found = page.evaluate(
        """async ([lengths, script]) => {
          const { sha256 } = await import(script);
          const soup = Uint8Array.from({ length: 200_000 }, (_, number) => number % 251);
          const blob = (length) => new Blob([soup.slice(0, 37), soup.slice(37)]).slice(0, length);
          return Promise.all(lengths.map((length) => sha256(blob(length), -1)));
        }""",
        [lengths, f"{static_server}/assets/demos/tab/sha256.js"],
    )
    assert found == [hashlib.sha256(soup[:length]).hexdigest() for length in lengths]
