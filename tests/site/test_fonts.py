"""The fonts of the built pages: what is cut, what a page fetches, and that nothing moves when it comes."""

import json
import pathlib
import re

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from i18n import fonts, glyphs
from i18n.languages import LANGUAGE, LANGUAGES
from tests.site.test_pages import PHONE

every_language = pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
MOST_SHIFT = 0.02
SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""


# Slices


def alphabet(start: str, count: int) -> frozenset[str]:
    return frozenset(chr(ord(start) + index) for index in range(count))


def test_the_home_page_has_its_own_slice_and_the_latin_letters_another() -> None:
    found = glyphs.slices(
        {"index.html": alphabet("家", 30), "other/index.html": alphabet("가", 40)}, "index.html"
    )
    assert found["always"] == glyphs.ALWAYS
    assert found["home"] == alphabet("家", 30)
    assert found["other/index.html"] == alphabet("가", 40)


def test_what_several_pages_show_is_shared_and_no_character_is_in_two_slices() -> None:
    common, one, two = alphabet("가", 30), alphabet("나", 30), alphabet("다", 30)
    found = glyphs.slices({"index.html": frozenset(), "a": common | one, "b": common | two}, "index.html")
    assert found == {"always": glyphs.ALWAYS, "shared": common, "a": one, "b": two}


def test_a_handful_of_characters_is_no_request_of_its_own() -> None:
    few = alphabet("가", glyphs.FEW - 1)
    assert glyphs.slices({"index.html": few, "a": few}, "index.html") == {"always": glyphs.ALWAYS | few}
    assert glyphs.slices({"index.html": frozenset(), "a": few}, "index.html") == {
        "always": glyphs.ALWAYS | few
    }


def test_neighbouring_code_points_are_written_as_a_range() -> None:
    assert fonts._span('가#!"') == "U+21-23,U+AC00"


def test_headings_and_bold_words_are_read_off_a_page(tmp_path: pathlib.Path) -> None:
    page = '<h2>一</h2><p>二<strong>三</strong><img alt="四"></p><script>"\\u4e94"</script>'
    (tmp_path / "index.html").write_text(page, "utf-8")
    shown = glyphs.of_site(tmp_path)["index.html"]
    assert shown.display == set("一")
    assert shown.bold == set("三")
    assert set("一二三四五") <= shown.text


def test_the_words_of_the_demos_count_as_a_page(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "assets" / "demos"
    folder.mkdir(parents=True)
    (folder / "strings.json").write_text(json.dumps({"Ask": "聞く"}), "utf-8")
    assert glyphs.of_site(tmp_path)["assets/demos/strings.json"].text == set("聞く")


# In the browser


def fetched(page: Page, address: str, *, scripts: bool = True) -> list[str]:
    """The names of the font files that a visit fetches."""
    found: list[str] = []

    def note(request: Request) -> None:
        if request.resource_type == "font":
            found.append(request.url.rpartition("/")[2])

    page.on("request", note)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if scripts:
        page.evaluate("document.fonts.ready.then(() => true)")
    return found


def stood_in(page: Page, code: str) -> bool:
    """Whether this machine has one of the local fonts that stand in for a language's own."""
    local = ",".join(f'local("{name}")' for name in fonts.FACES[code].stand_in)
    return bool(page.evaluate("src => new FontFace('Any', src).load().then(() => true, () => false)", local))


@every_language
def test_the_home_page_fetches_no_other_pages_characters(
    page: Page, static_server: str, site: pathlib.Path, code: str
) -> None:
    files = fetched(page, f"{static_server}/{LANGUAGE[code].prefix}")
    folder = site / LANGUAGE[code].prefix / "assets" / "fonts"
    sizes = {name: (folder / name).stat().st_size for name in files}
    assert sum(sizes.values()) < 220_000, sizes


@pytest.mark.parametrize("path", ["", "side-by-side/", "ramen-story/", "comic-studio/"])
def test_nothing_moves_when_the_fonts_come_late(page: Page, static_server: str, path: str) -> None:
    # In English only: a machine without Korean and Japanese fonts has nothing to stand in for them.
    page.set_viewport_size(PHONE)
    page.add_init_script(SHIFTS)
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/*.woff2", hold)
    page.goto(f"{static_server}/{path}", wait_until="domcontentloaded")
    page.wait_for_timeout(600)  # painted in the stand-ins
    assert waiting
    if not stood_in(page, "en"):
        pytest.skip("none of the local fonts that stand in is on this machine")
    page.unroute("**/*.woff2")  # lets them go
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") <= MOST_SHIFT


ADDED = "[...document.fonts].filter(face => face.status !== 'error').length"
FONTS = "performance.getEntriesByType('resource').filter(e => e.name.endsWith('.woff2'))"


@pytest.mark.parametrize("code", ["ko", "ja"])
def test_the_large_fonts_wait_for_the_first_paint_and_come_at_once_the_next_time(
    page: Page, static_server: str, site: pathlib.Path, code: str
) -> None:
    large = set(re.findall(r"[\w-]+\.woff2", (site / code / "assets/fonts/later.css").read_text("utf-8")))
    files = fetched(page, f"{static_server}/{code}/ramen-story/")
    assert sum((site / code / "assets/fonts" / name).stat().st_size for name in set(files) - large) < 40_000
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    starts = page.evaluate(f"{FONTS}.map(e => [e.name.replace(/.*\\//, ''), e.startTime])")
    assert {name for name, _ in starts} & large
    assert [name for name, start in starts if name in large and start < painted] == []
    assert page.evaluate(
        "document.fonts.check('1em \"Bowl Text\"', document.querySelector('.lead').textContent)"
    )
    # A stand-in that kerns ends its lines elsewhere; ours has no kerning for these letters.
    style = page.evaluate(
        "(({ fontKerning, fontFeatureSettings }) => [fontKerning, fontFeatureSettings])"
        "(getComputedStyle(document.querySelector('.lead')))"
    )
    assert code == "ko" or style == ["none", "normal"]
    page.wait_for_function("localStorage.getItem('bowl-fonts')")
    page.add_init_script("window.PerformanceObserver = undefined")  # what waits for the paint would break now
    page.reload()
    assert page.evaluate(ADDED) >= len(large)


@pytest.mark.parametrize(("code", "letter"), [("ko", "쀍"), ("ja", "鱻")])
def test_a_letter_that_no_page_shows_and_nothing_else_has_the_whole_font_fetched(
    page: Page, static_server: str, code: str, letter: str
) -> None:
    whole = f"{pathlib.PurePath(fonts.FACES[code].text).name}.woff2"
    assert whole not in fetched(page, f"{static_server}/{code}/your-words/")
    if stood_in(page, code):
        pytest.skip("a local font has the letter")
    with page.expect_request(lambda request: request.url.endswith(whole)):
        page.locator("word-path").get_by_role("textbox").fill(letter)


@pytest.mark.parametrize("code", ["ko", "ja"])
def test_the_large_fonts_stay_through_instant_navigation(page: Page, static_server: str, code: str) -> None:
    page.goto(f"{static_server}/{code}/")
    page.wait_for_function(f"{ADDED} > 6")
    page.locator("article a[href*='side-by-side']").first.click()
    page.wait_for_url("**/side-by-side/")
    expect(page.locator("bowl-comparison")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(
        "document.fonts.check('1em \"Bowl Text\"', document.querySelector('.lead').textContent)"
    )


@pytest.mark.parametrize("code", ["ko", "ja"])
def test_without_scripts_the_large_fonts_come_from_their_sheet(
    browser: Browser, static_server: str, code: str
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        files = fetched(page, f"{static_server}/{code}/ramen-story/", scripts=False)
    assert len([name for name in files if "400-normal" in name]) >= 4
