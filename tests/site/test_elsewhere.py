"""No page and no demo of the site asks another host for anything, unless a button that says so is pressed."""

import urllib.parse
from collections import Counter

import pytest
from playwright.sync_api import Browser, Page, Request

from i18n.languages import LANGUAGE, LANGUAGES, SOURCE
from tests.site.demos import DEMOS, Table
from tests.site.loopback import PAGES, FakeKitchen

# Whatever a reader may press without being asked for a download is folded away, or lies further down.
OPEN = """() => {
  for (const details of document.querySelectorAll("article details")) details.open = true;
  scrollTo(0, document.body.scrollHeight);
}"""
WORKER = """() => {
  const script = "fetch('http://localhost:2/seen').catch(() => {})";
  new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
}"""
LOADED = """() => document.fonts.status === "loaded"
  && [...document.images].every((image) => image.complete || image.loading === "lazy")"""


@pytest.mark.timeout(300)
def test_a_pass_over_every_page_and_demo_asks_no_other_host(
    browser: Browser, fake_kitchen: FakeKitchen
) -> None:
    """Each page in each language; each demo used until it worked, those with Python in one language.

    What workers and service workers ask counts, too.
    """
    asked: Counter[str] = Counter()

    def note(request: Request) -> None:
        parts = urllib.parse.urlsplit(request.url)
        if parts.scheme not in {"data", "blob"}:
            asked[f"{parts.scheme}://{parts.netloc}"] += 1

    with browser.new_context() as context:
        context.on("request", note)
        table = Table(context.new_page(), fake_kitchen)
        table.cooks(3)
        used = [used_demos_of(table, code, path) for code in LANGUAGE for path in (*PAGES, "404.html")]
        python = sum(demo.python for demo in DEMOS)
        assert sum(used) == len(LANGUAGES) * (len(DEMOS) - python) + python
        assert set(asked) == {fake_kitchen.url}
        assert asked[fake_kitchen.url] > len(PAGES) * len(LANGUAGES)
        # And the pass would have seen it, of a worker, too.
        table.page.evaluate("() => { new Image().src = 'http://localhost:1/seen.png' }")
        table.page.evaluate(WORKER)
        table.page.wait_for_timeout(200)
    assert set(asked) == {fake_kitchen.url, "http://localhost:1", "http://localhost:2"}


def used_demos_of(table: Table, code: str, path: str) -> int:
    """Use what stands on a page, then open what is folded away; how many demos that were."""
    page: Page = table.page
    page.goto(f"{table.kitchen.url}/{LANGUAGE[code].prefix}{path}")
    here = [demo for demo in DEMOS if demo.page(code) == path and (code == SOURCE.code or not demo.python)]
    for demo in here:
        table.rested(demo)
        table.used(demo, code)
    page.evaluate(OPEN)
    page.wait_for_function(LOADED)
    return len(here)
