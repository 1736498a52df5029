"""What a reader does with a calculator, and what its worker may not do."""

import time

from playwright.sync_api import Locator, Page, expect

from i18n.languages import LANGUAGE

# Python starts in a second or two; on a busy machine it may take ten times as long.
PATIENCE = 60_000


def opened(page: Page, server: str, path: str, tag: str, *, code: str = "en", fragment: str = "") -> Locator:
    """The element on its page, once its script has taken over."""
    page.goto(f"{server}/{LANGUAGE[code].prefix}{path}{fragment}")
    element = page.locator(tag)
    expect(element).to_have_attribute(
        "data-state", "idle" if "?" not in fragment else "ready", timeout=PATIENCE
    )
    return element


def reckoned(element: Locator, state: str = "ready") -> None:
    """Wait until the last change has been answered."""
    expect(element).to_have_attribute("data-state", state, timeout=PATIENCE)


def told(element: Locator) -> Locator:
    """What the calculator says of itself."""
    return element.locator(".calc-line [role=status]")


def shown(element: Locator) -> list[str]:
    """Every figure and sentence that Python may write anew; a table's caption has other words then."""
    return element.locator("[data-part]:not(caption), [data-cell], td").evaluate_all(
        "parts => parts.map((p) => p.textContent)"
    )


def pythons(page: Page) -> list[str]:
    """The workers of the page that run Python."""
    return [worker.url for worker in page.workers if worker.url.endswith("workers/python.js")]


def no_python(page: Page, within: float = 5) -> bool:
    """Whether no Python worker is left; a worker that was ended takes a moment to go."""
    end = time.monotonic() + within
    while pythons(page) and time.monotonic() < end:
        page.wait_for_timeout(50)
    return not pythons(page)
