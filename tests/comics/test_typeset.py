"""Lines fit, words stay whole, kinsoku holds; what cannot fit says so."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comics import typeset
from comics.errors import FitError
from comics.typeset import BUBBLE, CAPTION, SHOUT, fit

SIZES = (21.0, 34.0)
ENGLISH = st.text(st.sampled_from("abcdefgh ABCXYZ.,!?’0123456789"), min_size=1, max_size=60)
KOREAN = st.text(
    st.sampled_from("나는제미이앉아만있게요리내가 하지단주방은출입금지.,!?"), min_size=1, max_size=40
)
JAPANESE = st.text(
    st.sampled_from("われこそジェミニ座れば出てくる至高の一杯。、！？「」っょーGemma 3"),
    min_size=1,
    max_size=40,
)
TEXTS = st.one_of(
    st.tuples(st.just("en"), ENGLISH), st.tuples(st.just("ko"), KOREAN), st.tuples(st.just("ja"), JAPANESE)
).filter(lambda pair: pair[1].strip())
ROOMS = st.tuples(st.integers(90, 460), st.integers(60, 180))


@given(text=TEXTS, room=ROOMS, outline=st.sampled_from([BUBBLE, SHOUT, CAPTION]))
def test_any_text_fits_by_the_fonts_own_measure_or_is_refused(faces, text, room, outline):
    language, words = text
    try:
        setting = fit(words, language, faces[language], room, sizes=SIZES, outline=outline)
    except FitError:
        return
    assert SIZES[0] <= setting.size <= SIZES[1]
    assert 2 * setting.a <= room[0] + 0.01
    assert 2 * setting.b <= room[1] + 0.01
    for line, baseline in zip(setting.lines, setting.baselines(), strict=True):
        middle = baseline - 0.35 * setting.size
        edge = abs(middle) + typeset.HALF_LINE * setting.size
        assert faces[language].width(line) * setting.size <= outline.room(setting.a, setting.b, edge) + 0.01


@given(text=KOREAN.filter(str.strip), room=ROOMS)
def test_no_korean_word_is_ever_split(faces, text, room):
    try:
        setting = fit(text, "ko", faces["ko"], room, sizes=SIZES)
    except FitError:
        return
    assert " ".join(setting.lines) == " ".join(text.split())


def test_words_tied_by_a_no_break_space_stay_on_one_line(faces):
    loose = fit("Priciest cat bed in town.", "en", faces["en"], (264, 124), sizes=SIZES)
    tied = fit("Priciest cat\u00a0bed in\u00a0town.", "en", faces["en"], (264, 124), sizes=SIZES)
    assert loose.lines == ("Priciest cat", "bed in town.")
    assert tied.lines == ("Priciest", "cat\u00a0bed in\u00a0town.")


@given(text=JAPANESE.filter(str.strip), room=ROOMS)
def test_no_japanese_line_starts_or_ends_where_kinsoku_forbids_it(faces, text, room):
    try:
        setting = fit(text, "ja", faces["ja"], room, sizes=SIZES)
    except FitError:
        return
    for before, after in itertools.pairwise(setting.lines):
        assert after[0] not in "、。！？」っょー"
        assert before[-1] != "「"
        assert not (before[-1].isascii() and after[0].isascii() and before[-1] + after[0] in text)
    assert "".join(setting.lines).replace(" ", "") == text.replace(" ", "")


def test_a_space_after_an_opening_mark_is_no_place_for_a_break():
    for anywhere in (False, True):
        assert 4 not in typeset.breaks("これ「 ラーメン」だ", "ja", anywhere=anywhere)


def test_sentences_stay_together_when_there_is_room(faces):
    setting = fit("I am Gemini! You sit, I serve.", "en", faces["en"], (440, 150), sizes=SIZES)
    assert setting.lines == ("I am Gemini!", "You sit, I serve.")


def test_a_japanese_line_may_end_after_a_sentence_and_its_space(faces):
    setting = fit("うちなら一杯タダ！ コンロとガスと手間は別。", "ja", faces["ja"], (464, 150), sizes=SIZES)
    assert setting.lines == ("うちなら一杯タダ！", "コンロとガスと手間は別。")


def test_a_quotation_that_ends_a_sentence_ends_a_line(faces):
    text = "It says “objection!” Now the pirate one. And grandma!"
    setting = fit(text, "en", faces["en"], (460, 170), sizes=SIZES)
    assert setting.lines == ("It says “objection!”", "Now the pirate one.", "And grandma!")


def test_no_word_is_left_alone_on_the_last_line_where_it_can_have_company(faces):
    setting = fit("No. That’s why I keep spares!", "en", faces["en"], (292, 130), sizes=(28, 34))
    assert setting.lines[-1] == "keep spares!"
    setting = fit(
        "이의 있소, 우리 강아지! 돛 올리고 밥 먹어라!", "ko", faces["ko"], (258, 154), sizes=(28, 32)
    )
    assert setting.lines[-1] == "밥 먹어라!"


def test_japanese_breaks_inside_a_phrase_before_it_gives_up(faces):
    katakana = "スーパーハイパーウルトララーメンじゃなくて"
    assert typeset.breaks(katakana, "ja") == [0, len(katakana)]
    setting = fit(katakana, "ja", faces["ja"], (300, 170), sizes=SIZES)
    assert len(setting.lines) > 1
    assert "".join(setting.lines) == katakana


def test_a_short_text_pulls_the_bubble_in(faces):
    setting = fit("NO!", "en", faces["en"], (440, 170), sizes=SIZES)
    assert 2 * setting.a < 220
    assert setting.size == SIZES[1]


def test_a_text_that_is_too_long_is_refused_with_the_room_and_the_need(faces):
    with pytest.raises(FitError) as refused:
        fit("앉아만있게요리는내가하지단주방은출입금지", "ko", faces["ko"], (160, 90), sizes=SIZES)
    assert str(refused.value) == (
        '"앉아만있게요리는내가하지단주방은출입금지" does not fit: the room is 160 x 90 units, and at the '
        "smallest size, 21, it needs about 376 x 212 units; shorten the text or give the bubble more room"
    )


@pytest.mark.parametrize(
    ("language", "text", "sentence"),
    [
        (
            "ko",
            "그래서… 어?",
            'the font Jua has no glyph for "…" (U+2026) in "그래서… 어?"; write it without',
        ),
        ("en", "Yum 🍜", 'the font Comic Neue has no glyph for "🍜" (U+1F35C) in "Yum 🍜"; write it without'),
        ("ja", "₩100", 'the font Yusei Magic has no glyph for "₩" (U+20A9) in "₩100"; write it without'),
    ],
)
def test_a_glyph_that_the_font_lacks_is_refused_by_name(faces, language, text, sentence):
    with pytest.raises(FitError) as refused:
        fit(text, language, faces[language], (400, 160), sizes=SIZES)
    assert str(refused.value) == sentence
