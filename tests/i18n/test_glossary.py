"""The glossaries of this project: what they forbid, and what they must not mistake for it."""

import pathlib

import pytest

from i18n import glossary
from i18n.languages import LANGUAGE, TRANSLATED
from scripts import texts

ROOT = pathlib.Path(texts.__file__).parent.parent


def findings(code, msgid, msgstr):
    return list(glossary.load(ROOT, LANGUAGE[code]).findings(msgid, msgstr))


@pytest.mark.parametrize(
    ("code", "wrong", "instead"),
    [
        ("ko", "라멘 한 그릇", "라면"),
        ("ko", "인스턴트 라면", "봉지라면"),
        ("ko", "셰프가 요리해요", "주방장"),
        ("ko", "오픈소스예요", "오픈 웨이트"),
        ("ko", "파인 튜닝을 해요", "미세 조정"),
        ("ko", "미세조정", "미세 조정"),
        ("ko", "라이센스", "라이선스"),
        ("ko", "어답터", "어댑터"),
        ("ko", "부대 찌개", "부대찌개"),
        ("ko", "Gemma은 달라요", "the particle after a vowel (는, 를, 와, 로, 랑, 나)"),
        ("ko", "Gemini 는 달라요", "the particle without a space"),
        ("ko", "Google는 달라요", "the particle after a consonant (은, 을, 과)"),
        ("ko", "%(model)s을 골라요", "a counter or a noun between"),
        ("ko", "맞아요，정말", "the half-width mark (, . ! ? : ; ( ) ‘ ’)"),
        ("ko", "맞아요 !", "the mark without a space before it"),
        ("ja", "インスタントラーメン", "袋麺"),
        ("ja", "ラーメン屋さん", "ラーメン店 or お店"),
        ("ja", "コックさん", "シェフ"),
        ("ja", "猫が聞く", "ネコ"),
        ("ja", "ラポッキ", "ラッポッキ"),
        ("ja", "ブデチゲ", "プデチゲ"),
        ("ja", "ジェマの話", "Gemma, at first mention with （ジェンマ）"),
        ("ja", "オープンソースです", "オープンウェイト"),
        ("ja", "微調整します", "ファインチューニング"),
        ("ja", "サーバを動かす", "サーバー"),
        ("ja", "そうです.", "the full-width mark (、 。 ！ ？ ： ；)"),
        ("ja", "家(うち)で作る", "（ ）"),
        ("ja", "“味”の話", "「 」"),
        ("ja", "ｶﾞｽ代", "full-width kana"),
        ("ja", "２杯", "half-width digits and letters"),
        ("ja", "%(seconds)s 秒", "the counter right after the value"),
    ],
)
def test_a_forbidden_form_is_found(code, wrong, instead):
    (finding,) = findings(code, "", wrong)
    assert finding.startswith('says "')
    assert finding.endswith(f"; write {instead}")


@pytest.mark.parametrize(
    ("code", "msgid", "right"),
    [
        ("ko", "Not “open source”", "‘오픈 소스’는 아니에요"),
        ("ko", "", "살찌게 되는 문제마다 Gemma는, Gemini를, Google은"),
        ("ko", "", "%(count)s가지, %(price)s에, %(seconds)s초, (%(day)s)"),
        ("ko", "", "`make`는 명령이에요. [Gemma](https://a.example/x), E2B·E4B"),
        ("ko", "", "“이게 다예요...” ‘정말’ (네)"),
        ("ja", "Not “open source”", "「オープンソース」ではありません"),
        ("ja", "", "サーバー、ユーザー、コンピューター、アダプター（`make`）、ストック"),
        ("ja", "", "Humanity's Last Exam（ツールなし）で %(score)s点、1, 2, 3"),
        ("ja", "", "[くらべる](side-by-side.md)のページをどうぞ。**番号**は「本当」です。"),
    ],
)
def test_what_only_looks_like_it_passes(code, msgid, right):
    assert findings(code, msgid, right) == []


@pytest.mark.parametrize(
    ("code", "msgid", "wrong", "right"),
    [
        ("ko", "A license", "허가", "라이선스"),
        ("ko", "It was fine-tuned.", "다듬었어요.", "미세 조정(파인튜닝)했어요."),
        ("ko", "Open weights", "공개 모델", "오픈 웨이트(가중치 공개)"),
        ("ja", "The chef", "料理人", "シェフ"),
        ("ja", "Budae-jjigae", "チゲ", "プデチゲ"),
        ("ja", "Tokens per second", "毎秒の速さ", "毎秒トークン数"),
    ],
)
def test_a_term_has_its_word(code, msgid, wrong, right):
    assert [finding.partition(" for the English ")[0] for finding in findings(code, msgid, wrong)] != []
    assert findings(code, msgid, right) == []


def test_a_term_is_a_whole_word_in_small_or_capital_letters():
    assert findings("ko", "A tokenizer, a token-free chefdom", "도구") == [
        'does not say 토큰 for the English "token"; use the word of i18n/glossary/ko.yml'
    ]
    assert findings("ko", "Tokenizers", "토크나이저") == []
    assert findings("ko", "`tokens` and %(tokens)s", "값") == []


@pytest.mark.parametrize("language", TRANSLATED, ids=lambda language: language.code)
def test_no_form_that_is_wanted_is_forbidden(language):
    words = glossary.load(ROOT, language)
    for term in words.rules.terms:
        for wanted in term.wanted:
            for rule in words.rules.forbidden:
                assert not rule.form.search(wanted), f"{wanted}: {rule.why}"


def test_a_name_is_a_name_only_as_a_whole():
    assert findings("ko", "", "Gemma와 Gemini 3.8 Flash, Raspberry Pi 5") == []
    assert findings("ko", "", "Gemmas와 raspberry") == [
        'has the English "Gemmas", "raspberry"; translate it, or allow it in i18n/glossary/names.yml,'
    ]


def test_a_language_without_a_glossary_has_no_rules_but_knows_the_names():
    words = glossary.load(ROOT, LANGUAGE["en"])
    assert list(words.findings("The chef", "Le chef (")) == []
    assert words.says_more_than_names("Gemini chef")
    assert not words.says_more_than_names("Gemini 3.8 Flash, E2B")
