"""The comic studio in a real browser: three languages at once, the build's bytes, links, files to keep."""

import pathlib
import re
import struct
import urllib.parse

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from i18n.languages import LANGUAGE, LANGUAGES
from tests.site import axe
from tests.site.calculators import PATIENCE, no_python, pythons, reckoned
from tests.site.conftest import Complaints
from tests.site.test_pages import NARROWEST

STRIPS = sorted(path.stem for path in pathlib.Path("comics/strips").glob("*.yml"))
HOSTILE = "<img src=x onerror=alert(1)>"
# Every strip in every language, as the page's Python draws it with nothing changed, and as the build drew it.
DRAW_ALL = """async ({ home, strips, codes }) => {
  const { Drawing, font, lettered } = await import(new URL("assets/demos/studio/drawing.js", home));
  const { Book } = await import(new URL("assets/demos/studio/book.js", home));
  const host = document.querySelector("comic-studio").dataset;
  const ways = [host.python, host.studio, host.root];
  const [python, studio, root] = ways.map((way) => new URL(way, location.href).href);
  const life = new AbortController();
  const drawing = new Drawing({ home: python, studio, root }, life.signal);
  const book = new Book(await drawing.plainBook());
  const same = [];
  for (const strip of strips) for (const code of codes) {
    const { svg } = await drawing.drawn({ strip, language: code, words: {}, acting: {}, reader: code });
    const built = await drawing.built(book, strip, code);
    if (lettered(svg, font(built)) === built && svg.length > 100000) same.push(`${strip}.${code}`);
  }
  life.abort();
  return same;
}"""


DRAWN = "([code, before]) => document.querySelector(`[data-code=${code}] .studio-picture > svg`).innerHTML"


def studio(page: Page, server: str, code: str = "en", fragment: str = "") -> Locator:
    page.goto(f"{server}/{LANGUAGE[code].prefix}comic-studio/{fragment}")
    element = page.locator("comic-studio")
    reckoned(element)
    return element


def column(element: Locator, code: str) -> Locator:
    return element.locator(f".studio-column[data-code={code}]")


def bubble(element: Locator, code: str, number: int = 1) -> Locator:
    return column(element, code).locator("textarea").nth(number - 1)


def picture(element: Locator, code: str) -> Locator:
    return column(element, code).locator(".studio-picture > svg")


def wrong(element: Locator, code: str) -> Locator:
    return column(element, code).locator(".studio-wrong:not(:empty)")


@pytest.fixture
def wide(page: Page) -> Page:
    page.set_viewport_size({"width": 1280, "height": 900})
    return page


@pytest.mark.timeout(240)
def test_every_untouched_strip_is_the_bytes_of_the_build(page: Page, static_server: str) -> None:
    studio(page, static_server)
    codes = [language.code for language in LANGUAGES]
    same = page.evaluate(DRAW_ALL, {"home": f"{static_server}/", "strips": STRIPS, "codes": codes})
    assert same == [f"{strip}.{code}" for strip in STRIPS for code in codes]
    assert len(same) == 24


def test_nothing_of_python_comes_before_the_first_change_and_then_three_languages_follow(
    wide: Page, static_server: str
) -> None:
    element = studio(wide, static_server)
    assert pythons(wide) == []
    before = {code: picture(element, code).inner_html() for code in LANGUAGE}
    bubble(element, "en").fill("Which one is for lunch?")
    expect(picture(element, "en")).to_contain_text("lunch?", timeout=PATIENCE)
    assert picture(element, "ko").inner_html() == before["ko"]
    assert len(pythons(wide)) == 1
    element.get_by_role("group", name="The cat").get_by_label("Face").select_option(label="in tears")
    for code in LANGUAGE:
        expect(picture(element, code)).to_be_visible()
        wide.wait_for_function(
            DRAWN + " !== before",
            arg=[code, before[code]],
        )
    expect(picture(element, "en")).to_contain_text("lunch?")
    faces = {code: picture(element, code).inner_html() for code in LANGUAGE}
    element.locator("input[name=studio-panel]").nth(3).press("Space")
    element.get_by_text("Things in this panel").click()
    thing = element.locator("select[data-place^=prop]").first
    thing.select_option(label="scooter")
    for code in LANGUAGE:
        wide.wait_for_function(DRAWN + " !== before", arg=[code, faces[code]])
    place = thing.get_attribute("data-place")
    wide.wait_for_url(f"**{place}=scooter*")
    element.locator("input[name=studio-panel]").nth(1).press("Space")
    element.get_by_role("button", name="Back to the strip as it was").click()
    for code, first in before.items():
        expect(picture(element, code)).to_be_visible()
        wide.wait_for_function(
            DRAWN + " === before",
            arg=[code, first],
        )
    expect(bubble(element, "en")).to_have_value("Same house, similar names… Twins, right?")
    assert urllib.parse.urlsplit(wide.url).fragment == ""


@pytest.mark.parametrize(
    ("code", "long", "sentence", "elsewhere"),
    [
        (
            "en",
            "on and on ",
            "This is too long for its bubble. Make it shorter.",
            "Panel 1, bubble 1: This is too long for its bubble. Make it shorter.",
        ),
        (
            "ko",
            "끝없이 ",
            "말풍선에 넣기에는 너무 길어요. 줄여 주세요.",
            "1번째 칸, 1번째 말풍선: 말풍선에 넣기에는 너무 길어요. 줄여 주세요.",
        ),
        (
            "ja",
            "どこまでも",
            "吹き出しに入りきりません。短くしてください。",
            "1コマ目、1つ目の吹き出し：吹き出しに入りきりません。短くしてください。",
        ),
    ],
)
def test_on_a_phone_a_misfit_stands_at_its_bubble_in_the_readers_language(  # noqa: PLR0917
    page: Page, static_server: str, code: str, long: str, sentence: str, elsewhere: str
) -> None:
    page.set_viewport_size(NARROWEST)
    element = studio(page, static_server, code)
    for other in LANGUAGE:
        expect(column(element, other)).to_be_visible(visible=other == code)
    field = bubble(element, code)
    last = picture(element, code).inner_html()
    field.fill(long * 40)
    expect(wrong(element, code)).to_have_text(sentence, timeout=PATIENCE)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(sentence)
    assert picture(element, code).inner_html() == last
    expect(column(element, code).locator(".studio-files button").first).to_be_disabled()
    assert axe.findings(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"]
    element.locator("input[name=studio-panel]").nth(2).focus()
    page.keyboard.press("Space")
    expect(wrong(element, code)).to_have_text(elsewhere)
    element.locator("input[name=studio-panel]").nth(2).press("ArrowLeft")
    bubble(element, code).fill("?")
    expect(wrong(element, code)).to_have_count(0)
    expect(picture(element, code)).to_contain_text("?")


def test_stop_ends_a_drawing_for_good_and_trying_again_draws_it(wide: Page, static_server: str) -> None:
    element = studio(wide, static_server)
    before = picture(element, "en").inner_html()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    stop, retry = (element.get_by_role("button", name=name) for name in ("Stop", "Try again"))
    wide.context.route("**/faces.json", hold)  # it never arrives
    bubble(element, "en").fill("Wait")
    stop.click()
    expect(element.locator(".studio-foot")).to_contain_text("Stopped. The pictures are those of before.")
    held[0].continue_()
    wide.context.unroute("**/faces.json")
    wide.context.route("**/pyodide.asm.wasm.gz", hold)  # nor does this
    retry.click()
    expect(element.get_by_role("progressbar")).to_have_accessible_name("Start of Python")
    assert axe.findings(wide) == ""
    bubble(element, "ko").fill("잠깐")
    stop.click()
    expect(element.locator(".studio-foot")).to_contain_text("Stopped. The pictures are those of before.")
    expect(retry).to_be_focused()
    assert no_python(wide)
    wide.wait_for_timeout(500)
    assert pythons(wide) == [], "what had waited has started Python again"
    assert picture(element, "en").inner_html() == before
    wide.context.unroute("**/pyodide.asm.wasm.gz")
    retry.click()
    expect(picture(element, "en")).to_contain_text("Wait", timeout=PATIENCE)
    expect(picture(element, "ko")).to_contain_text("잠깐", timeout=PATIENCE)
    reckoned(element)
    expect(stop).to_be_hidden()


def test_a_link_holds_the_differences_and_brings_them_back(wide: Page, static_server: str) -> None:
    element = studio(wide, static_server)
    element.get_by_label("Strip", exact=True).focus()
    wide.keyboard.type("The receipt")
    element.locator("input[name=studio-panel]").nth(1).press("ArrowRight")
    bubble(element, "ja").fill("高い！")
    place = element.locator("select[data-place^=expression]").first.get_attribute("data-place")
    element.locator("select[data-place^=expression]").first.select_option("starry")
    wide.wait_for_url("**starry**")
    said = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(wide.url).fragment.partition("?")[2]))
    assert said.pop("strip") in STRIPS
    assert said == {"ja.2.1": "高い！", place: "starry"}
    link = urllib.parse.urlsplit(wide.url).fragment
    wide.goto("about:blank")
    again = studio(wide, static_server, "ko", f"#{link}")
    expect(picture(again, "ja")).to_contain_text("高い！", timeout=PATIENCE)
    again.locator("input[name=studio-panel]").nth(2).press("Space")
    expect(bubble(again, "ja")).to_have_value("高い！")
    assert wide.locator("a[data-language-root][hreflang=ja]").first.get_attribute("href").endswith(f"#{link}")


def test_what_a_hostile_link_says_is_text_or_nothing(wide: Page, static_server: str) -> None:
    values = {
        "strip": "twins",
        "en.1.1": HOSTILE,
        "ja.2.1": "長" * 300,
        "en.9.9": "nowhere",
        "pose.1.6": "__proto__",
        "prop.1.1": "bowl",
        "constructor": "x",
    }
    element = studio(wide, static_server, fragment=f"#studio?{urllib.parse.urlencode(values)}")
    expect(picture(element, "en")).to_contain_text("onerror", timeout=PATIENCE)
    assert element.locator("img").count() == 0
    expect(bubble(element, "en")).to_have_value(HOSTILE)
    # What does not fit leaves the strip as it was built.
    expect(wrong(element, "ja")).to_have_text(
        "Panel 2, bubble 1: This is too long for its bubble. Make it shorter."
    )
    expect(picture(element, "ja")).to_contain_text("ふたごでしょ")
    bubble(element, "ko", 2).fill("싫어!")
    wide.wait_for_url("**ko.1.2**")
    said = urllib.parse.parse_qsl(urllib.parse.urlsplit(wide.url).fragment.partition("?")[2])
    assert [key for key, _ in said] == ["strip", "en.1.1", "ja.2.1", "ko.1.2"]


def test_the_files_to_take_away_carry_their_letters(
    wide: Page, static_server: str, site: pathlib.Path
) -> None:
    element = studio(wide, static_server)
    bubble(element, "ja").fill("鬱蒼")  # no letters of the built strip
    expect(picture(element, "ja")).to_contain_text("鬱蒼", timeout=PATIENCE)
    reckoned(element)
    files = {}
    for kind in ("SVG", "PNG"):
        with wide.expect_download() as taken:
            column(element, "ja").get_by_role("button", name=f"Save as {kind}: 日本語").click()
        assert taken.value.suggested_filename == f"twins.ja.{kind.lower()}"
        files[kind] = pathlib.Path(taken.value.path()).read_bytes()
    svg = files["SVG"].decode()
    assert "鬱蒼" in svg
    # The letters of the built strip, and the slice of each letter that it has not: not the whole font.
    rule = "@font-face{font-family:strip-twins-ja;src:url(data:font/woff2;base64,d09GMg"
    assert 2 <= svg.count(rule) <= 3
    ranges = ",".join(re.findall(r"unicode-range:([^}]*)}", svg))
    assert sorted(ranges.split(",")) == [f"U+{ord(letter):x}" for letter in sorted("鬱蒼")]
    built = (site / "ja/assets/comics/twins.ja.svg").stat().st_size
    assert len(files["SVG"]) < built + 120_000
    for letter in "鬱蒼":
        assert wide.evaluate("letter => document.fonts.check('1em strip-twins-ja', letter)", letter)
    assert files["PNG"][:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", files["PNG"][16:24]) == (1600, 1638)


def test_what_cannot_be_fetched_is_said_and_tried_again(
    page: Page, static_server: str, complaints: Complaints
) -> None:
    complaints.expected = ("404",)
    page.context.route("**/book.json", lambda route: route.fulfill(status=404))
    page.goto(f"{static_server}/comic-studio/")
    element = page.locator("comic-studio")
    reckoned(element, "error")
    expect(element.locator(".studio-foot")).to_contain_text(
        "The studio could not draw this. (Error: 404 for http"
    )
    page.context.unroute("**/book.json")
    page.context.route("**/faces.json", lambda route: route.fulfill(status=404))
    element.get_by_role("button", name="Try again").click()
    reckoned(element)
    bubble(element, "en").fill("Hm")
    reckoned(element, "error")
    page.context.unroute("**/faces.json")
    element.get_by_role("button", name="Try again").click()
    expect(picture(element, "en")).to_contain_text("Hm", timeout=PATIENCE)
