"""Measured widths against HarfBuzz, which is what browsers shape text with."""

import io
import string

import pytest
import uharfbuzz
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

import comics
from comics import fontfile, typeface

SIZE = 32
LINES = {
    "en": ["You sit, I serve.", "AVATAR Type Wolf LTd P. To,", "Take the packet home…", "“I’m Gemma!”"],
    "ko": ["제미나이... 나는 젬마", "Gemma는 주방 출입 금지! AV To"],
    "ja": ["座れば出てくる、至高の一杯。", "Gemma「ジェンマ」、ふたごでしょ！", "げふっ…えらぶの？ AV To"],
}


LATIN = string.ascii_letters + string.digits + " .,!?()-:'"
LETTERS = {
    "en": LATIN + "…’“”",
    "ko": LATIN + "나는제미이앉아만있게요리내가하지단주방은출입금지젬마",
    "ja": LATIN
    + "".join(map(chr, [*range(0x3041, 0x3094), *range(0x30A1, 0x30F5)]))
    + "、。！？「」…座出至高一杯",
}


@pytest.fixture(scope="session")
def harfbuzz(faces):
    """HarfBuzz's width of a line, with the very bytes that a picture with these letters embeds."""
    fonts = {
        language: uharfbuzz.Font(uharfbuzz.Face(fontfile.part(faces[language], letters, "test", flavor=None)))
        for language, letters in LETTERS.items()
    }

    def width(language, line):
        buffer = uharfbuzz.Buffer()
        buffer.add_str(line)
        buffer.guess_segment_properties()
        uharfbuzz.shape(fonts[language], buffer)
        return sum(at.x_advance for at in buffer.glyph_positions) / fonts[language].face.upem

    return width


@pytest.mark.parametrize("language", LINES)
def test_a_line_measures_what_harfbuzz_makes_of_it(faces, harfbuzz, language):
    for line in LINES[language]:
        assert faces[language].width(line) * SIZE == pytest.approx(harfbuzz(language, line) * SIZE, abs=0.5)


@given(text=st.one_of(*(st.tuples(st.just(code), st.text(abc, min_size=1)) for code, abc in LETTERS.items())))
def test_any_line_measures_what_harfbuzz_makes_of_it(faces, harfbuzz, text):
    language, line = text
    assert faces[language].width(line) * SIZE == pytest.approx(harfbuzz(language, line) * SIZE, abs=0.5)


def test_kerning_makes_english_lines_narrower_than_their_letters(faces):
    letters = sum(faces["en"].advances[c] for c in "AVATAR") / faces["en"].units_per_em
    assert faces["en"].width("AVATAR") < letters


def test_the_same_letters_give_the_same_font_bytes(faces):
    assert fontfile.part(faces["ko"], "라면", "a") == fontfile.part(faces["ko"], "면라라", "a")


def test_the_embedded_part_carries_the_name_that_the_picture_asks_for(faces):
    part = TTFont(io.BytesIO(fontfile.part(faces["ja"], "袋麺", "strip-twins-ja", flavor=None)))
    assert part["name"].getBestFamilyName() == "strip-twins-ja"
    assert set(part.getBestCmap()) == {ord("袋"), ord("麺")}


def test_a_typeface_without_a_font_file_embeds_nothing():
    assert typeface.face_rule(comics.Typeface("Bare", 1000, {}, {}), "a", "x") == ""
