"""What a visitor of the taste test does."""

from playwright.sync_api import Locator, Page, expect


def opened(page: Page, url: str, state: str = "ready") -> Locator:
    """The element on its page, once it has found out what kitchen it has."""
    page.goto(f"{url}/taste-test/")
    element = page.locator("taste-test")
    expect(element).to_have_attribute("data-state", state)
    return element


def asked(element: Locator, prompt: str = "Is ramen good?") -> None:
    element.get_by_label("Your prompt").fill(prompt)
    element.get_by_role("button", name="Ask", exact=True).click()
