"""The words to find a page by, and the index that is divided into settings and texts."""

import json

import pytest

from i18n import search
from i18n.errors import SiteError

INDEX = {
    "config": {"lang": ["ja"], "separator": "[\\s]+"},
    "docs": [
        {"location": "costs/", "title": "費用", "text": "一杯"},
        {"location": "costs/#bill", "title": "請求書", "text": ""},
        {"location": "costs/#sources", "title": "出典", "text": "料金表"},
    ],
}


def test_every_page_fetches_the_settings_and_who_searches_the_texts(tmp_path):
    (tmp_path / "search").mkdir()
    (tmp_path / search.SETTINGS).write_text(json.dumps(INDEX))
    search.divide(tmp_path, {"costs.md": "値段, 料金", "speed.md": "速さ"})
    assert json.loads((tmp_path / search.SETTINGS).read_text("utf-8")) == {**INDEX, "docs": []}
    texts = (tmp_path / search.TEXTS).read_text("utf-8")
    assert "費用" in texts, "escapes would double the size"
    assert json.loads(texts) == [
        {"location": "costs/", "title": "費用", "text": "一杯", "words": ["値段", "料金"]},
        {"location": "costs/#bill", "title": "請求書", "text": ""},
    ]


def test_words_are_read_as_english_texts_by_page(project):
    project.write("docs/data/search.yml", 'words:\n  index.md: !t "price, cost"\n')
    assert search.words(project.root) == {"index.md": "price, cost"}
    assert "price, cost" in [message.msgid for message in project.messages()]


def test_a_page_that_does_not_exist_is_named(project):
    project.write("docs/data/search.yml", "words:\n  price.md: !t price\n")
    with pytest.raises(SiteError) as error:
        search.words(project.root)
    assert str(error.value) == (
        "docs/data/search.yml: there is no page docs/price.md; correct the name or delete the line."
    )


def test_a_project_without_such_words_has_none(project):
    assert search.words(project.root) == {}
