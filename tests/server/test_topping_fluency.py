"""An answer counts as fluent when it is whole sentences of its language, and nothing twice."""

import pytest

from demos.server.topping import lessons
from demos.server.topping.fluency import fluent


@pytest.mark.parametrize(
    ("answer", "language"),
    [
        ("No. Gemma is a model that you download; Gemini is a service that Google runs.", "en"),
        ('It is called "Gemma."', "en"),
        ("아니요, 달라요. Gemma는 내려받는 모델이에요.", "ko"),
        ("別物です。ジェンマはダウンロードするモデル、Gemini はサービスです。", "ja"),
    ],
)
def test_whole_sentences_of_the_language_are_fluent(answer, language):
    assert fluent(answer, language)


@pytest.mark.parametrize(
    ("answer", "language"),
    [
        ("", "en"),
        ("그건 이 작은 냄비로는 못 끓여요.", "en"),
        ("That is beyond this little pot.", "ko"),
        ("Gemma는 모델이에요. 違います。", "ko"),
        ("Gemma はモデル이에요。", "ja"),
        ("漢字。", "ja"),
        ("Gemma is a модель.", "en"),
        ("Gemma is a model that", "en"),
        ("It is a packet. It is a packet.", "en"),
        ("a bowl of a bowl of a bowl of ramen.", "en"),
        ("ラーメン屋はラーメン屋はおいしいです。", "ja"),
    ],
)
def test_other_languages_torn_ends_and_repetitions_are_not(answer, language):
    assert not fluent(answer, language)


def test_what_was_written_to_be_learnt_is_fluent():
    wrong = [
        (pair.language, pair.answer) for pair in lessons.read_all() if not fluent(pair.answer, pair.language)
    ]
    assert wrong == []
