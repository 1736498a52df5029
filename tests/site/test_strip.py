"""The strip on the built home page: lettering inside its bubbles, names for pictures, panels that stack."""

import pytest
from playwright.sync_api import Page, expect

from i18n.languages import LANGUAGE, LANGUAGES

every_language = pytest.mark.parametrize("code", [language.code for language in LANGUAGES])

OUTSIDE = """() => [...document.querySelectorAll(".strip-panel text[data-box]")].flatMap((text) => {
  const [x, y, width, height] = text.dataset.box.split(" ").map(Number);
  const line = text.getBBox();
  const inside = line.x >= x - 1 && line.y >= y - 1
    && line.x + line.width <= x + width + 1 && line.y + line.height <= y + height + 1;
  return inside ? [] : [`${text.textContent}: ${JSON.stringify(line)} in ${text.dataset.box}`];
})"""


@every_language
def test_lettering_stays_inside_its_bubble(page: Page, static_server: str, code: str) -> None:
    page.goto(f"{static_server}/{LANGUAGE[code].prefix}")
    page.evaluate("document.fonts.ready")
    expect(page.locator(".strip-panel text[data-box]")).to_have_count(7)
    assert page.evaluate(OUTSIDE) == []


@every_language
def test_every_panel_has_a_name_and_the_strip_a_transcript(page: Page, static_server: str, code: str) -> None:
    page.goto(f"{static_server}/{LANGUAGE[code].prefix}")
    panels = page.locator(".strip-panel")
    expect(panels).to_have_count(4)
    names = panels.evaluate_all("panels => panels.map(panel => panel.getAttribute('aria-label'))")
    assert all(names)
    assert len(set(names)) == 4
    page.locator(".strip-transcript summary").click()
    for bubble in page.locator(".strip-panel text[data-box]").all_text_contents():
        expect(page.locator(".strip-transcript")).to_contain_text(bubble.strip())


@pytest.mark.parametrize(("width", "rows"), [(390, 4), (1280, 2)], ids=["phone", "desktop"])
def test_panels_stack_on_a_phone_and_pair_on_a_desktop(
    page: Page, static_server: str, width: int, rows: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{static_server}/")
    tops = page.locator(".strip-panel").evaluate_all(
        "panels => panels.map(panel => Math.round(panel.getBoundingClientRect().top))"
    )
    assert len(set(tops)) == rows
