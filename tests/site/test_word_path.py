"""Where do my words go: what is handed over on each way, its bytes, a way walked on request, a counter."""

import json

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from i18n.languages import LANGUAGE
from tests.site.conftest import Complaints
from tests.site.loopback import FakeKitchen, Files, serving
from tests.site.stove import fake_stove
from tests.site.test_pages import DESKTOP, NARROWEST

WAYS = ("home", "tab", "restaurant")
LISTEN = """window.told = [];
const send = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (...said) {
  told.push(said[0]);
  return send.apply(this, said);
};"""
LONG_VISIT = """async (late) => {
  for (let request = 0; request < 300; request++) await fetch("../api/kitchen");
  await fetch(late).catch(() => {});
}"""
every_language = pytest.mark.parametrize("code", LANGUAGE)


def opened(page: Page, server: str, code: str = "en") -> Locator:
    page.goto(f"{server}/{LANGUAGE[code].prefix}your-words/")
    words = page.locator("word-path")
    expect(words).to_have_attribute("data-state", "ready")
    return words


def body(words: Locator) -> dict:
    """What is handed over on the way that shows."""
    return json.loads(words.locator("pre:visible code").inner_text().split("\n\n", 1)[1])


@every_language
def test_the_readers_question_stands_in_what_is_handed_over_and_its_bytes_are_counted(
    page: Page, static_server: str, code: str
) -> None:
    page.set_viewport_size(NARROWEST)
    words = opened(page, static_server, code)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    question = 'Is "라면" ラーメン? \\ $& 🍜'
    words.locator("input[type=text]").fill(question)
    said = {}
    for way in WAYS:
        words.locator(f"[value={way}]").check()
        expect(words.locator("article:visible")).to_have_attribute("data-way", way)
        said[way] = body(words)
        # The SDK writes ASCII, with blanks after commas and colons; a browser neither.
        compact = {} if way == "restaurant" else {"ensure_ascii": False, "separators": (",", ":")}
        size = len(json.dumps(said[way], **compact).encode())
        expect(words.locator(".way-size")).to_contain_text(str(size))
    assert said["home"]["messages"][0]["content"] == question
    assert said["tab"]["ask"]["prompt"] == f"Q: {question}\nA:"
    assert said["restaurant"]["contents"][0]["parts"][0]["text"] == question
    words.locator(".pot-main").click()
    assert [url for url in asked if "/assets/fonts/" not in url] == []
    assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]


def test_what_goes_to_the_stove_at_home_is_what_the_taste_test_really_sends(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    told = body(opened(page, fake_kitchen.url))
    page.goto(f"{fake_kitchen.url}/taste-test/")
    page.get_by_label("Your prompt").fill(told["messages"][0]["content"])
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("taste-test .tt-answer")).to_have_attribute("data-state", "done")
    assert fake_kitchen.orders == [told | {"model": "fake-270m"}]


def test_what_goes_to_the_stove_in_the_tab_is_what_the_tab_hands_to_its_worker(
    page: Page, static_server: str
) -> None:
    words = opened(page, static_server)
    words.locator("[value=tab]").check()
    told = body(words)
    file = {"file": "noodles", "bytes": 7, "sha256": "0" * 64}
    manifest = {"model": {"label": "Noodles", "bytes": 7, "parts": [file]}, "topping": file}
    page.route("**/api/model/manifest.json", lambda route: route.fulfill(json=manifest))
    page.route("**/workers/wllama.js", fake_stove("Soup."))
    page.add_init_script(LISTEN)
    page.goto(f"{static_server}/cook-in-this-tab/")
    tab = page.locator("cook-in-this-tab")
    tab.get_by_role("button", name="Fetch 0").first.click()
    tab.get_by_label("Your prompt").fill(told["ask"]["prompt"].removeprefix("Q: ").removesuffix("\nA:"))
    tab.get_by_role("button", name="Ask", exact=True).click()
    expect(tab.locator(".tt-text")).to_have_text("Soup.")
    assert page.evaluate("told.filter(({ ask }) => ask)") == [told]


def test_the_counter_is_the_browsers_own_record(
    page: Page, static_server: str, fake_kitchen: FakeKitchen, complaints: Complaints
) -> None:
    complaints.expected = ("request to another origin", "CORS", "net::ERR_FAILED")
    words = opened(page, static_server)
    page.wait_for_load_state("networkidle")
    expect(words.locator(".way-sum")).to_contain_text(": 0.")
    rows = words.locator(".way-requests tbody tr")
    expect(rows).to_have_count(1)
    counted = int(rows.first.locator("td").inner_text())
    assert counted == page.evaluate("performance.getEntriesByType('resource').length") + 1
    page.evaluate("fetch(location.href)")
    expect(rows.first.locator("td")).to_have_text(str(counted + 1))
    page.evaluate("url => fetch(url).catch(() => {})", f"{fake_kitchen.url}/assets/images/logo.svg")
    expect(words.locator(".way-sum")).to_contain_text(": 1.")
    expect(rows.nth(1).locator("th")).to_have_text(fake_kitchen.url.removeprefix("http://"))


def test_the_counter_knows_what_a_worker_asked_for_and_what_came_late_in_a_long_visit(
    page: Page, fake_kitchen: FakeKitchen, complaints: Complaints
) -> None:
    """The worker has gone by then, and browsers by themselves keep records of 250 requests."""
    complaints.expected = ("request to another origin", "CORS", "net::ERR_FAILED")
    page.set_viewport_size(DESKTOP)

    class Hub(Files):
        """Has nothing itself, and sends who asks to its store, which sends too little."""

        def do_GET(self) -> None:  # noqa: N802 - the base class calls it so
            begins, store = self.path.startswith("/ggml-org/"), f"http://localhost:{self.server.server_port}/"
            self.send_response(302 if begins else 200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", "0" if begins else "4")
            if begins:
                self.send_header("Location", store)
            self.end_headers()
            self.wfile.write(b"" if begins else b"GGUF")

    with serving(Hub) as hub:

        def from_hub(route: Route) -> None:
            text = route.fetch().text().replace("https://huggingface.co/", f"{hub.url}/")
            route.fulfill(body=text, content_type="text/html")

        page.route("**/cook-in-this-tab/", from_hub)
        page.goto(f"{fake_kitchen.url}/cook-in-this-tab/")
        page.evaluate("window.stayed = true")
        page.get_by_role("button", name="Fetch 291.5 MB").click()
        expect(page.locator("cook-in-this-tab")).to_have_attribute("data-state", "error")
        page.evaluate(LONG_VISIT, f"{hub.url}/late")
        page.locator("a[href$='your-words/']").first.evaluate("link => link.click()")
        rows = page.locator("word-path .way-requests tbody tr")
        expect(rows).to_have_count(3)
        assert page.evaluate("stayed")
        port = hub.server_port
        assert {f"127.0.0.1:{port}\t2", f"localhost:{port}\t1"} < set(rows.all_inner_texts())
    expect(page.locator("word-path .way-sum")).to_contain_text(": 3.")


def test_the_slip_walks_when_it_is_told_to_and_not_before(page: Page, static_server: str) -> None:
    words = opened(page, static_server)
    slip, stops = words.locator(".slip"), words.locator("article:visible .stops li")
    begin = slip.get_attribute("transform")
    page.wait_for_timeout(300)
    assert slip.get_attribute("transform") == begin
    words.locator("[value=restaurant]").check()
    words.locator(".pot-main").focus()
    page.keyboard.press("Enter")
    expect(words).to_have_attribute("data-state", "running")
    expect(stops.nth(1)).to_have_attribute("aria-current", "step")
    expect(stops.nth(2)).to_have_attribute("aria-current", "step")
    expect(words).to_have_attribute("data-state", "ready")
    assert words.locator("[aria-current]").count() == 1


def test_who_wants_no_motion_gets_none(page: Page, static_server: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    words = opened(page, static_server)
    words.locator(".pot-main").click()
    assert (
        words.locator("article:visible [aria-current]").inner_text() == "The model on your machine answers."
    )
    expect(words).to_have_attribute("data-state", "ready")


def test_without_javascript_all_ways_stand_there(browser: Browser, static_server: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{static_server}/your-words/")
        expect(page.locator("word-path article:visible")).to_have_count(len(WAYS))
