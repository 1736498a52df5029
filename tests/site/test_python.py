"""Python in the page: fetched on first use, one for a page, kept for the next visit, stopped for good."""

import gzip
import pathlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, Route, expect

from i18n.languages import LANGUAGES
from tests.site import axe
from tests.site.calculators import no_python, opened, pythons, reckoned, told
from tests.site.conftest import Complaints

RECEIPT = ("costs/", "bowl-receipt")
KEPT = "caches.open('two-bowls-python').then((cache) => cache.keys()).then((all) => all.map((r) => r.url))"
KEEP = """urls => caches.open("two-bowls-python").then((cache) =>
  Promise.all(urls.map((url) => cache.put(url, new Response("")))))"""


@pytest.fixture
def asked(page: Page) -> Iterator[list[str]]:
    """The files of Python that the page asks the server for, by name."""
    found: list[str] = []

    def note(request: Request) -> None:
        if "/assets/python/" in request.url:
            found.append(request.url.rpartition("/")[2])

    page.context.on("request", note)
    yield found
    page.context.remove_listener("request", note)


def test_nothing_of_python_is_fetched_before_the_reader_changes_something(
    page: Page, static_server: str, asked: list[str]
) -> None:
    opened(page, static_server, *RECEIPT)
    page.wait_for_load_state("networkidle")
    assert asked == []
    assert pythons(page) == []


def test_the_first_change_fetches_every_file_once_and_says_how_far_it_is(
    page: Page, static_server: str, asked: list[str]
) -> None:
    receipt = opened(page, static_server, *RECEIPT)
    elsewhere, older = "/assets/python/1/manifest.json", "/some/where/assets/python/1/manifest.json"
    page.evaluate(KEEP, [elsewhere, older])
    page.evaluate(
        """() => {
          window.said = [];
          const status = document.querySelector("bowl-receipt [role=status]");
          new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true });
        }"""
    )
    receipt.get_by_label("Questions a day").first.fill("20000")
    reckoned(receipt)
    assert sorted(asked) == sorted(
        [
            "manifest.json",
            "pyodide-lock.json.gz",
            "pyodide.asm.mjs.gz",
            "pyodide.asm.wasm.gz",
            "pyodide.mjs.gz",
            "python_stdlib.zip.gz",
            "two_bowls-0.1.0-py3-none-any.whl.gz",
        ]
    )
    said = page.evaluate("said")
    assert re.fullmatch(r"Fetching Python for this page: \d+% of \d\.\d MB", said[0])
    assert "Starting Python…" in said
    assert said[-1] == ""
    assert len(pythons(page)) == 1
    expect(receipt.locator("progress")).to_be_hidden()
    kept = [url.removeprefix("http://").partition("/")[2] for url in page.evaluate(KEPT)]
    assert elsewhere[1:] in kept, "another site on this host has lost its Python"
    assert older[1:] not in kept, "an older build of this site keeps its room"


def test_the_next_visit_needs_no_network_for_python(
    page: Page, static_server: str, asked: list[str], complaints: Complaints
) -> None:
    complaints.expected = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")  # the worker's script, and the search's
    receipt = opened(page, static_server, *RECEIPT)
    receipt.get_by_label("Questions a day").first.fill("20000")
    reckoned(receipt)
    asked.clear()
    receipt = opened(page, static_server, *RECEIPT)
    page.wait_for_load_state("networkidle")
    page.context.route("**/assets/**", lambda route: route.abort())
    page.context.set_offline(True)
    receipt.get_by_label("Questions a day").first.fill("40000")
    reckoned(receipt)
    expect(receipt.locator("[data-part=said]")).to_contain_text("40,000")
    assert asked == []


def test_all_languages_share_one_copy(site: pathlib.Path) -> None:
    homes = {
        re.search(
            r'data-python="((?:\.\./)+)(assets/python/\w+)/"', (tree / "index.html").read_text("utf-8")
        )[2]
        for tree in (site / language.prefix / "costs" for language in LANGUAGES)
    }
    assert len(homes) == 1
    assert [path.name for path in site.rglob("pyodide.asm.wasm.gz")] == ["pyodide.asm.wasm.gz"]
    assert (site / homes.pop() / "manifest.json").is_file()


def test_stop_ends_the_worker_at_once_and_the_next_change_starts_another(
    page: Page, static_server: str
) -> None:
    receipt = opened(page, static_server, *RECEIPT)
    page.context.route("**/pyodide.asm.wasm.gz", lambda _: None)  # it never arrives
    before = receipt.locator("[data-part=said]").inner_text()
    receipt.get_by_label("Questions a day").first.fill("10000")
    expect(receipt).to_have_attribute("data-state", "loading")
    expect(receipt.get_by_role("progressbar")).to_have_accessible_name("Start of Python")
    assert axe.findings(page) == ""
    receipt.get_by_label("Questions a day").first.fill("20000")
    page.wait_for_timeout(200)  # asked for, too, and waiting
    stop = receipt.get_by_role("button", name="Stop")
    stop.click()
    expect(told(receipt)).to_have_text("Stopped. The figures are those of before.")
    expect(stop).to_be_hidden()
    assert receipt.locator("[data-part=said]").inner_text() == before
    assert no_python(page)
    page.wait_for_timeout(500)
    assert pythons(page) == [], "what had waited has started Python again"
    page.context.unroute("**/pyodide.asm.wasm.gz")
    receipt.get_by_role("button", name="Try again").click()
    reckoned(receipt)
    expect(receipt.locator("[data-part=said]")).to_contain_text("20,000")


def test_a_python_that_cannot_be_fetched_is_said_and_can_be_tried_again(
    page: Page, static_server: str, complaints: Complaints
) -> None:
    complaints.expected = ("404",)
    receipt = opened(page, static_server, *RECEIPT)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.context.route("**/python_stdlib.zip.gz", hold)
    receipt.get_by_label("Questions a day").first.fill("10000")
    expect(receipt).to_have_attribute("data-state", "loading")
    receipt.get_by_label("Questions a day").first.fill("20000")
    page.wait_for_timeout(200)  # asked for, too, and waiting
    held[0].fulfill(status=404)
    reckoned(receipt, "error")
    expect(told(receipt)).to_contain_text(
        "Python could not be fetched or started, so the figures are those of before. (Error: 404 for http"
    )
    assert no_python(page)
    page.wait_for_timeout(300)
    assert len(held) == 1, "what cannot be had is not asked for again"
    page.context.unroute("**/python_stdlib.zip.gz")
    receipt.get_by_role("button", name="Try again").click()
    reckoned(receipt)


def test_a_file_that_was_changed_on_the_server_is_neither_run_nor_kept(
    page: Page, static_server: str
) -> None:
    receipt = opened(page, static_server, *RECEIPT)
    swapped = gzip.compress(b"export {};")

    def changed(route: Route) -> None:
        body = route.fetch().body()
        route.fulfill(body=swapped + bytes(len(body) - len(swapped)))  # of the same size

    page.context.route("**/pyodide.mjs.gz", changed)
    receipt.get_by_label("Questions a day").first.fill("20000")
    reckoned(receipt, "error")
    expect(told(receipt)).to_contain_text(
        "pyodide.mjs.gz is not the file that this site was built with: its SHA-256 begins with "
    )
    kept = page.evaluate(KEPT)
    assert not [url for url in kept if url.endswith("/pyodide.mjs.gz")]
    page.context.unroute("**/pyodide.mjs.gz")
    receipt.get_by_role("button", name="Try again").click()
    reckoned(receipt)


def test_a_plain_http_address_has_neither_store_nor_hashes_and_runs_it_all_the_same(
    page: Page, static_server: str
) -> None:
    def from_here(route: Route) -> None:
        path = route.request.url.removeprefix("http://bowls.example")
        route.fulfill(response=route.fetch(url=static_server + path))

    page.context.route("http://bowls.example/**", from_here)
    page.context.route("**/pyodide.mjs.gz", lambda route: route.fulfill(body=b"\x1f\x8bshort"))
    receipt = opened(page, "http://bowls.example", *RECEIPT)
    assert page.evaluate("[isSecureContext, 'caches' in self, crypto.subtle]") == [False, False, None]
    receipt.get_by_label("Questions a day").first.fill("20000")
    reckoned(receipt, "error")
    expect(told(receipt)).to_contain_text("pyodide.mjs.gz has 7 bytes, not ")
    page.context.unroute("**/pyodide.mjs.gz")
    receipt.get_by_role("button", name="Try again").click()
    reckoned(receipt)


def test_a_host_that_unpacks_on_the_way_does_as_well(page: Page, static_server: str) -> None:
    def says_gzip(route: Route) -> None:
        response = route.fetch()
        headers = {**response.headers, "content-encoding": "gzip"}
        route.fulfill(status=200, headers=headers, body=response.body())

    page.context.route("**/assets/python/**/*.gz", says_gzip)
    receipt = opened(page, static_server, *RECEIPT)
    receipt.get_by_label("Questions a day").first.fill("20000")
    reckoned(receipt)
