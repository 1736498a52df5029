"""Lines fit, words stay whole, kinsoku holds; what cannot fit says so."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comics import typeset
from comics.errors import FitError
from comics.typeset import BUBBLE, CAPTION, SHOUT, fit
from scripts.comics import typeface

SIZES = (21.0, 34.0)
MARKS = typeset.NO_START + typeset.NO_END


def written_in(language, spaces, most=40):
    """Texts in the characters of a language's font: a third letters, a third marks, a third spaces."""

    def texts():
        characters = [character for character in typeface(language).advances if character.isprintable()]
        letters = [character for character in characters if character.isalnum() and character not in MARKS]
        marks = [character for character in MARKS if character in characters]
        kinds = (st.sampled_from(kind) for kind in (letters, marks, spaces))
        return st.text(st.one_of(*kinds), min_size=1, max_size=most).filter(str.strip)

    return st.deferred(texts)


ENGLISH = written_in("en", "   \u00a0", 60)
KOREAN = written_in("ko", "   \u00a0")
JAPANESE = written_in("ja", "  \u3000\u00a0")
TEXTS = st.one_of(
    *(st.tuples(st.just(code), texts) for code, texts in (("en", ENGLISH), ("ko", KOREAN), ("ja", JAPANESE)))
)
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


@given(text=TEXTS.filter(lambda pair: pair[0] != "ja"), room=ROOMS)
def test_no_english_or_korean_word_is_ever_split(faces, text, room):
    language, words = text
    try:
        setting = fit(words, language, faces[language], room, sizes=SIZES)
    except FitError:
        return
    assert " ".join(setting.lines) == typeset.normal(words)


def test_words_tied_by_a_no_break_space_stay_on_one_line(faces):
    loose = fit("Priciest cat bed in town.", "en", faces["en"], (264, 124), sizes=SIZES)
    tied = fit("Priciest cat\u00a0bed in\u00a0town.", "en", faces["en"], (264, 124), sizes=SIZES)
    assert loose.lines == ("Priciest cat", "bed in town.")
    assert tied.lines == ("Priciest", "cat\u00a0bed in\u00a0town.")
    assert typeset.breaks("まあ\u00a0ね", "ja", anywhere=True) == [0, 1, 4]


@given(text=TEXTS, room=ROOMS)
def test_no_line_starts_or_ends_where_kinsoku_forbids_it(faces, text, room):
    language, words = text
    try:
        setting = fit(words, language, faces[language], room, sizes=SIZES)
    except FitError:
        return
    for before, after in itertools.pairwise(setting.lines):
        assert after.lstrip("\u00a0")[0] not in typeset.NO_START + " \u3000"
        assert before.rstrip("\u00a0")[-1] not in typeset.NO_END + " \u3000"
    rest = typeset.normal(words)
    for line in setting.lines:
        assert rest.startswith(line)
        rest = rest[len(line) :]
        assert not (line[-1].isascii() and rest[:1].isascii() and rest[:1].strip())  # no Latin word is split
        rest = rest.lstrip(" \u3000")
    assert not rest


@pytest.mark.parametrize(
    ("language", "text", "room", "lines"),
    [
        (
            "en",
            "Who ate my soup ?! You ( again ) ?",
            (150, 170),
            ("Who ate", "my soup ?!", "You", "( again ) ?"),
        ),
        ("ko", "그래 ! 라면 , 끓여요 !", (170, 170), ("그래 !", "라면 ,", "끓여요 !")),
        ("ja", "「 ラーメン 」 ！　食べる？", (230, 170), ("「 ラーメン 」 ！", "食べる？")),
    ],
)
def test_a_mark_with_a_space_before_it_stays_with_its_word(faces, language, text, room, lines):
    assert fit(text, language, faces[language], room, sizes=SIZES).lines == lines


@pytest.mark.parametrize(
    ("language", "text", "need"),
    [
        ("en", "Soup ! ! ! ! ! !", "150 x 188"),
        ("en", "Yes “ “ “ “ soup", "132 x 165"),
        ("ko", "국물 ! ! ! ! ! !", "138 x 172"),
        ("ja", "うまい ！ ！ ！", "138 x 172"),
    ],
)
def test_where_only_a_forbidden_break_would_fit_the_text_is_refused(faces, language, text, need):
    with pytest.raises(FitError) as refused:
        fit(text, language, faces[language], (120, 150), sizes=SIZES)
    assert str(refused.value) == (
        f'"{text}" does not fit: the room is 120 x 150 units, and at the smallest size, 21, it needs about '
        f"{need} units; shorten the text or give the bubble more room"
    )


def test_latin_words_in_japanese_stay_whole_with_their_accents_and_apostrophes(faces):
    for word in ("Don’t", "crème"):
        assert typeset.breaks(f"あ{word}あ", "ja", anywhere=True) == [0, 1, 1 + len(word), 2 + len(word)]


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
