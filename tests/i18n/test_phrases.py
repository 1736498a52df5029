"""Where a Japanese line may end."""

import pytest

from i18n import catalog, phrases
from i18n.languages import LANGUAGE
from scripts import site

JAPANESE = LANGUAGE["ja"]


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("ラーメンを味見する", "ラーメンを<wbr>味見する"),
        ("記録日：今日", "記録日：<wbr>今日"),
        ("味見中", "味見中"),
        ("本の舞台裏", "本の<wbr>舞台裏"),
    ],
)
def test_a_word_that_budoux_takes_apart_is_kept_whole(text, broken):
    assert phrases.broken(text, JAPANESE) == broken


def test_every_kept_word_stands_in_a_text():
    texts = "".join(str(entry.string) for entry in catalog.load(site.ROOT, JAPANESE))
    assert [word for word in phrases.KEPT.pattern.split("|") if word not in texts] == []


def test_other_breaks_of_the_sentence_stay():
    assert phrases.broken("今日は味見の日です", JAPANESE) == "今日は<wbr>味見の<wbr>日です"


def test_a_text_that_is_empty_or_of_one_word_has_no_break():
    assert phrases.broken("", JAPANESE) == ""
    assert phrases.broken("袋麺", JAPANESE) == "袋麺"
