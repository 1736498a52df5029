"""Which numbers a translation has to keep, and which it may write for a word."""

import pytest

from i18n import figures


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,048,576 tokens", {"1048576"}),
        ("１０４８５７６トークン", {"1048576"}),
        ("Gemini 3.8 Flash, in 2026.", {"3.8", "2026"}),
        ("E2B, 26B A4B and Q4_0", {"2", "26", "4", "0"}),
        ("%(gemma_4)s of `GPT-2` at https://a.example/3 { #id-5 } [a](b-6.md)", set()),
        ("<code>8000</code> <b class='h2'>7</b>", {"7"}),
        ("50%% off", {"50"}),
    ],
)
def test_numbers_are_read_where_a_reader_sees_them(text, found):
    assert figures.numbers(text) == found


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        ("Gemma 4 is not Gemini 4.", "Gemma 4는 Gemini 4가 아니에요."),
        ("It comes in 1,000 sizes", "크기는 1000가지예요"),
        ("One year", "1年"),
        ("per million tokens", "100만 토큰당"),
        ("two million tokens", "200万トークン"),
        ("twenty-four hours", "24시간"),
        ("May 2025", "2025년 5월"),
        ("half a minute", "30秒ほど"),
        ("twice a day", "하루 2번"),
    ],
)
def test_the_same_numbers_pass(english, translated):
    assert figures.same(english, translated)


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        ("Gemma 4", "Gemma"),
        ("Gemma 4", "Gemma 3"),
        ("a few bowls", "라면 5그릇"),
        ("55 days", "五十五日"),
        ("2.9 GB", "2.8GB"),
        ("per million tokens", "1000만 토큰당"),
        ("May 2025", "2025年6月"),
    ],
)
def test_a_number_that_comes_or_goes_does_not_pass(english, translated):
    assert not figures.same(english, translated)
