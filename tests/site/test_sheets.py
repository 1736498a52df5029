"""The one style sheet of a built language, and the links that leave it, marked."""

import pathlib

import pytest

from i18n import links, sheets

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
    (tmp_path / sheets.FOLDER).mkdir()
    return tmp_path


def test_packing_keeps_strings_and_the_spaces_that_mean_something() -> None:
    assert sheets.packed(CSS).strip() == (
        'a:hover,b > c{color: red;content: "a  ;  b"}@media print{i{margin: 0 auto}}'
    )


def test_pages_link_one_sheet_from_where_they_are(site: pathlib.Path) -> None:
    name = sheets.join(site).name
    page = '<link rel="stylesheet" href="{}assets/stylesheets/{}"><title></body>'
    assert (site / "index.html").read_text("utf-8") == page.format("", name)
    assert (site / "a/index.html").read_text("utf-8") == page.format("../", name)
    assert not (site / "assets/one.css").exists()


def test_addresses_in_a_sheet_follow_it(site: pathlib.Path) -> None:
    text = sheets.join(site).read_text("utf-8")
    assert 'url("../images/a.svg")' in text
    assert 'url("../fonts/a.woff2")' in text


def test_a_page_with_other_sheets_keeps_them(site: pathlib.Path) -> None:
    before = (site / "404.html").read_text("utf-8")
    sheets.join(site)
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
