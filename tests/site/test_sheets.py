"""The styles that a built page carries, the fonts it asks for first, and its links that leave the site."""

import pathlib

import pytest

from i18n import links, preload, sheets

CSS = """
/* A comment with "quotes". */
a:hover ,
b   > c { color: red ; content: "a  ;  b" }

@media print { i { margin: 0 auto } }
"""


@pytest.fixture
def site(tmp_path: pathlib.Path) -> pathlib.Path:
    """Two pages with two sheets, and a page for wrong addresses with one of its own."""
    for name, text in {
        "assets/one.css": CSS + ".x{background:url(images/a.svg)}",
        "assets/fonts/fonts.css": '@font-face{src:url("a.woff2")}',
        "index.html": '<link rel="stylesheet" href="assets/one.css">\n'
        '<link rel="stylesheet" href="assets/fonts/fonts.css"><title></body>',
        "a/index.html": '<link rel="stylesheet" href="../assets/one.css">'
        '<link rel="stylesheet" href="../assets/fonts/fonts.css"><title></body>',
        "404.html": '<link rel="stylesheet" href="assets/fonts/fonts.css">',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_packing_keeps_strings_and_the_spaces_that_mean_something() -> None:
    assert sheets.packed(CSS).strip() == (
        'a:hover,b > c{color: red;content: "a  ;  b"}@media print{i{margin: 0 auto}}'
    )


def test_a_page_carries_its_sheets_in_their_order_and_links_none(site: pathlib.Path) -> None:
    sheets.inline(site)
    for name in ("index.html", "a/index.html"):
        text = (site / name).read_text("utf-8")
        assert text.startswith(sheets.STYLE)
        assert text.index("a:hover,b > c{") < text.index(".x{")
        assert text.index(".x{") < text.index("@font-face")
        assert text.endswith("</style><title></body>")
        assert "<link" not in text
    assert not (site / "assets/one.css").exists()


def test_addresses_in_a_sheet_are_right_on_every_page(site: pathlib.Path) -> None:
    sheets.inline(site)
    assert 'url("assets/images/a.svg")' in (site / "index.html").read_text("utf-8")
    assert 'url("../assets/images/a.svg")' in (site / "a/index.html").read_text("utf-8")
    assert 'url("../assets/fonts/a.woff2")' in (site / "a/index.html").read_text("utf-8")


def test_a_page_with_other_sheets_keeps_them(site: pathlib.Path) -> None:
    before = (site / "404.html").read_text("utf-8")
    sheets.inline(site)
    assert (site / "404.html").read_text("utf-8") == before
    assert (site / "assets/fonts/fonts.css").exists()


def test_a_link_that_leaves_is_marked_once(site: pathlib.Path) -> None:
    page = site / "index.html"
    page.write_text('<a class="x" href="https://a.example/">a</a><a href="b/">b</a>', "utf-8")
    links.mark(site)
    links.mark(site)
    assert page.read_text("utf-8") == (
        '<a rel="external" class="x" href="https://a.example/">a</a><a href="b/">b</a>'
    )


def test_a_page_asks_first_for_the_slices_that_set_it(site: pathlib.Path) -> None:
    sheets.inline(site)
    (site / preload.LATER).write_text('@font-face{src:url("large.woff2")}', "utf-8")
    (site / "a/index.html").write_text(f"<head>{sheets.STYLE}</style></head><h1>Q</h1><p>x</p>", "utf-8")
    preload.add(
        site,
        [
            preload.Slice("assets/fonts/text.woff2", "text", True, frozenset("x")),
            preload.Slice("assets/fonts/head.woff2", "display", True, frozenset("Q")),
            preload.Slice("assets/fonts/none.woff2", "display", True, frozenset("x")),
            preload.Slice("assets/fonts/large.woff2", "text", False, frozenset("x")),
            preload.Slice("assets/fonts/other.woff2", "bold", False, frozenset("x")),
        ],
    )
    hint = '<link rel="preload" href="../assets/fonts/{}.woff2" as="font" type="font/woff2" crossorigin>'
    text = (site / "a/index.html").read_text("utf-8")
    assert text.startswith(f"<head>{hint.format('text')}{hint.format('head')}{sheets.STYLE}")
    assert "none.woff2" not in text
    rule = '@font-face{src:url("../assets/fonts/large.woff2")}'
    assert f'<style id="later" media="not all" data-now="large">{rule}</style>' in text
    assert '<noscript><link rel="stylesheet" href="../assets/fonts/later.css"></noscript></head>' in text
