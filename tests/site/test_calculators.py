"""Calculators with their drawers open, on the narrowest phone; closed, test_pages looks at them."""

import pytest
from playwright.sync_api import Page

from i18n.languages import LANGUAGE
from tests.site import axe
from tests.site.calculators import opened
from tests.site.test_pages import NARROWEST


@pytest.mark.parametrize("code", LANGUAGE)
@pytest.mark.parametrize(("path", "tag"), [("costs/", "bowl-receipt"), ("your-kitchen/", "bowl-fit")])
def test_an_open_drawer_neither_scrolls_sideways_nor_troubles_axe(
    page: Page, static_server: str, path: str, tag: str, code: str
) -> None:
    page.set_viewport_size(NARROWEST)
    element = opened(page, static_server, path, tag, code=code)
    element.locator("details").first.evaluate("details => { details.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe.findings(page) == ""
