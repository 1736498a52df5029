"""No page and no demo of the site asks another host for anything, unless a button that says so is pressed."""

import urllib.parse
from collections import Counter

import pytest
from playwright.sync_api import Browser, Page, Request

from i18n.languages import LANGUAGES
from tests.site.loopback import PAGES, FakeKitchen

# Whatever a reader may press without being asked for a download: what is folded away, and what starts a demo.
OPEN = """() => {
  for (const details of document.querySelectorAll("article details")) details.open = true;
  scrollTo(0, document.body.scrollHeight);
}"""
STARTS = "taste-test .tt-idea, taste-test .tt-main, .pot-main, .quiz-guess button, .calc [type=radio]"
PRESS = f"""() => {{
  for (const button of document.querySelectorAll({STARTS!r})) if (!button.disabled) button.click();
}}"""


# Demos that a kitchen stands behind have asked after it.
KNOWS = """() => [...document.querySelectorAll("taste-test, token-pot, same-recipe")]
  .every(({ dataset: { state } }) => state && state !== "idle" && state !== "loading")"""


@pytest.mark.timeout(300)
def test_a_pass_over_every_page_and_demo_asks_no_other_host(browser: Browser, fake_kitchen: FakeKitchen) -> None:
    """A page, its demos started beside a kitchen, in each language; workers and service workers count, too."""
    asked: Counter[str] = Counter()

    def note(request: Request) -> None:
        parts = urllib.parse.urlsplit(request.url)
        if parts.scheme not in {"data", "blob"}:
            asked[f"{parts.scheme}://{parts.netloc}"] += 1

    with browser.new_context() as context:
        context.on("request", note)
        page = context.new_page()
        for language in LANGUAGES:
            for path in PAGES:
                page.goto(f"{fake_kitchen.url}/{language.prefix}{path}")
                started(page)
        assert set(asked) == {fake_kitchen.url}
        assert asked[fake_kitchen.url] > len(PAGES) * len(LANGUAGES)
        assert len(fake_kitchen.orders) >= 3 * len(LANGUAGES), "the demos did ask the kitchen"
        # And the pass would have seen it.
        page.evaluate("() => { new Image().src = 'http://localhost:1/seen.png' }")
        page.wait_for_timeout(100)
    assert set(asked) == {fake_kitchen.url, "http://localhost:1"}


def started(page: Page) -> None:
    """Open and start what there is."""
    page.evaluate(OPEN)
    page.wait_for_function(KNOWS)
    page.evaluate(PRESS)
    page.wait_for_timeout(50)
