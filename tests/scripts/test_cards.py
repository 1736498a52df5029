"""The picture beside a link: right size, few bytes, a title that fits or an error that names the page."""

import io
import re

import pytest
from PIL import Image

from i18n.errors import SiteError
from i18n.languages import LANGUAGE
from scripts import cards
from scripts.comics import typeface

TITLES = {
    "en": "Is Gemma the same as Gemini?",
    "ko": "Gemma(젬마)랑 Gemini(제미나이), 같은 건가요?",
    "ja": "Gemma（ジェンマ）と Gemini（ジェミニ）は同じもの？",
}
every_language = pytest.mark.parametrize("code", TITLES)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(cards, "CACHE", tmp_path / "cache")


@every_language
def test_a_card_is_a_small_picture_of_the_size_that_other_sites_show(code):
    picture = cards.png(TITLES[code], LANGUAGE[code], typeface(code))
    assert Image.open(io.BytesIO(picture)).size == (1200, 630)
    assert len(picture) < 40_000


@every_language
def test_a_title_is_set_large_in_a_few_lines_that_lose_nothing(code):
    svg = cards.card(TITLES[code], LANGUAGE[code], typeface(code))
    lines = re.findall(r"<tspan[^>]*>([^<]*)</tspan>", svg)
    assert 2 <= len(lines) <= 4
    assert "".join(lines).replace(" ", "") == TITLES[code].replace(" ", "")
    assert float(re.search(r'<text font-size="([\d.]+)"', svg)[1]) > 50
    assert max(typeface(code).width(line) for line in lines) * 50 < cards.ROOM[0]


def test_japanese_lines_end_between_phrases():
    svg = cards.card(TITLES["ja"], LANGUAGE["ja"], typeface("ja"))
    lines = re.findall(r"<tspan[^>]*>([^<]*)</tspan>", svg)
    assert all(line.endswith(("と", "は", "？")) for line in lines), lines


def test_the_same_title_is_drawn_once(monkeypatch):
    first = cards.png(TITLES["en"], LANGUAGE["en"], typeface("en"))

    def never(*_):
        raise AssertionError("it was drawn again")

    monkeypatch.setattr(cards.export, "png", never)
    assert cards.png(TITLES["en"], LANGUAGE["en"], typeface("en")) == first


def test_markup_in_a_title_is_only_letters():
    assert "A &amp; B &lt;b&gt;" in cards.card("A & B <b>", LANGUAGE["en"], typeface("en"))


def test_a_headline_that_is_too_long_names_its_page(tmp_path):
    (tmp_path / "costs.md").write_text(f"---\ntitle: Costs\nheadline: {'Much too long ' * 30}\n---\n# A\n")
    with pytest.raises(
        SiteError, match=r"^docs/costs\.md: the headline on its English card: .* does not fit"
    ):
        cards.write(tmp_path, LANGUAGE["en"], typeface("en"))
