"""Data files are checked by schema, quoted by id and written in the digits of the language."""

import datetime as dt

import pytest

from i18n import facts, formatting
from i18n.errors import SiteError
from i18n.languages import LANGUAGE


def same(text):
    return text


def refusal(project):
    with pytest.raises(SiteError) as caught:
        facts.load(project.root)
    return str(caught.value)


def test_a_fact_is_quoted_with_its_unit_and_its_sources(project):
    quote = facts.load(project.root).quote("memory", LANGUAGE["ko"], same)
    assert quote == facts.Quote("2.9GB", ("maker",))


def test_a_fact_that_is_a_word_is_translated(project):
    assert facts.load(project.root).quote("month", LANGUAGE["ko"], str.upper).text == "MAY 2025"


def test_a_wrong_key_is_named_with_its_line(project):
    project.replace("docs/data/facts.yml", "confidence: high }\n  month", "confidence: sure }\n  month")
    assert refusal(project) == (
        "docs/data/facts.yml:2: facts.memory.confidence is wrong (Input should be 'high', 'med' or 'low'); "
        "correct it."
    )


def test_a_missing_source_of_a_fact_is_named(project):
    project.replace("docs/data/facts.yml", "2.9, unit: gigabyte, sources: [maker]", "2.9, sources: [nobody]")
    assert refusal(project) == (
        'docs/data/facts.yml: memory names the source "nobody", which is not in docs/data/sources.yml; '
        "add it there or correct the key."
    )


def test_a_row_without_the_mark_for_translation_is_named(project):
    project.write(
        "docs/data/comparison.yml",
        """rows:
  - id: price
    concerns: [cost]
    title: Price
    gemini: { text: !t A }
    gemma: { text: !t B }
    ramen: !t C
""",
    )
    assert refusal(project) == (
        "docs/data/comparison.yml:4: rows.0.title is wrong (Input should be an instance of Text); correct it."
    )


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("en", ["30.7B", "$4.25", "$1,551", "November 12, 2026", "1,048,576"]),
        ("ko", ["307억", "US$4.25", "US$1,551", "2026년 11월 12일", "1,048,576"]),
        ("ja", ["307億", "$4.25", "$1,551", "2026年11月12日", "1,048,576"]),
    ],
)
def test_numbers_money_and_dates_follow_the_language(code, written):
    language = LANGUAGE[code]
    assert written == [
        formatting.short(30_700_000_000, language),
        formatting.dollars(4.25, language),
        formatting.dollars(1551.25, language),
        formatting.date(dt.date(2026, 11, 12), language),
        formatting.number(1_048_576, language),
    ]
