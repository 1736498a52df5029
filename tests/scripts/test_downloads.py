"""The strips to take away: files in every tree, and a list of them for a page."""

import io

import jinja2
import pytest
from PIL import Image

from i18n.languages import LANGUAGE, LANGUAGES
from scripts import downloads, site

FILES = {
    ("twins", language.code, suffix): b"x" * size
    for language in LANGUAGES
    for suffix, size in (("svg", 1_234_000), ("png", 56_000))
}


@pytest.fixture
def shelf():
    return downloads.Shelf(["twins"], FILES)


def test_a_page_lists_every_file_its_own_language_first(shelf):
    env = jinja2.Environment()  # noqa: S701 - plain text
    env.globals.update(downloads=shelf.listed(LANGUAGE["ko"]), root="../../")
    template = "{% for d in downloads('twins') %}{{ d.label }}|{{ d.href }}|{{ d.size }}\n{% endfor %}"
    assert env.from_string(template).render().splitlines() == [
        "한국어 · SVG|../../ko/assets/comics/twins.ko.svg|1,234 kB",
        "한국어 · PNG|../../ko/assets/comics/twins.ko.png|56 kB",
        "English · SVG|../../assets/comics/twins.en.svg|1,234 kB",
        "English · PNG|../../assets/comics/twins.en.png|56 kB",
        "日本語 · SVG|../../ja/assets/comics/twins.ja.svg|1,234 kB",
        "日本語 · PNG|../../ja/assets/comics/twins.ja.png|56 kB",
    ]


def test_a_tree_gets_the_files_of_its_own_language(shelf, tmp_path):
    shelf.write(tmp_path, LANGUAGE["ja"])
    names = sorted(path.name for path in (tmp_path / downloads.FOLDER).iterdir())
    assert names == ["twins.ja.png", "twins.ja.svg"]


def test_a_strip_is_drawn_once_and_in_few_colours(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "CACHE", tmp_path)
    strip, language, words = site.lettered(LANGUAGE["en"], str, "twins")
    first = downloads.draw(strip, language, words, site.typeface("en"))
    picture = Image.open(io.BytesIO(first["png"]))
    assert picture.width == downloads.PNG_WIDTH
    assert len(first["png"]) < 300_000
    assert first["svg"].startswith(b"<svg ")

    def never(*_):
        raise AssertionError("it was drawn again")

    monkeypatch.setattr(downloads.export, "png", never)
    assert downloads.draw(strip, language, words, site.typeface("en")) == first


def test_the_strip_that_introduces_everybody_comes_first():
    shelf = site.strips()
    assert shelf.strips[0] == site.INTRODUCTION
    assert sorted(shelf.strips) == sorted(path.stem for path in (site.ROOT / "comics/strips").glob("*.yml"))
