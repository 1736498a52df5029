"""The tables of docs/data: their shape, what they say of a day, and the ids of their values."""

import datetime as dt
import pathlib

import pytest

from i18n import facts
from i18n.data import Prices
from i18n.errors import SiteError
from i18n.languages import LANGUAGE

ROOT = pathlib.Path(__file__).parents[2]
MODELS = """checked: 2026-11-21
gemma: {}
gemini:
  fast:
    label: Fast
    id: gemini-fast
    stage: stable
    released: 2026-01-01
    shutdown: 2026-12-01
    answered_by: new
    sources: [maker]
  new: { label: New, id: gemini-new, stage: preview, released: 2026-10-01, sources: [maker] }
"""


@pytest.fixture(scope="module")
def book():
    return facts.load(ROOT)


def refusal(project, name, text):
    project.write(f"docs/data/{name}.yml", text)
    with pytest.raises(SiteError) as caught:
        facts.load(project.root)
    return str(caught.value)


def test_a_fact_needs_a_name_for_the_sources_page(project):
    text = "facts:\n  memory: { value: 2, sources: [maker], checked: 2026-11-21, confidence: high }\n"
    assert refusal(project, "facts", text) == (
        "docs/data/facts.yml:2: facts.memory.name is wrong (Field required); correct it."
    )


def test_a_fact_needs_a_source(project):
    text = "facts:\n  memory: { name: !t A, value: 2, sources: [], checked: 2026-11-21, confidence: high }\n"
    assert refusal(project, "facts", text) == (
        "docs/data/facts.yml:2: facts.memory.sources is wrong (Tuple should have at least 1 item after "
        "validation, not 0); correct it."
    )


def test_a_key_that_nobody_reads_is_refused(project):
    assert refusal(project, "speeds", "checked: 2026-11-21\nspeeds: {}\nfaster: {}\n") == (
        "docs/data/speeds.yml:3: faster is wrong (Extra inputs are not permitted); correct it."
    )


def test_a_score_needs_a_source(project):
    text = "checked: 2026-11-21\nolder: {}\nbenchmarks:\n  quiz: { name: Q, about: !t Q, scores: { a: 1 } }\n"
    assert refusal(project, "benchmarks", text) == (
        "docs/data/benchmarks.yml:4: benchmarks.quiz is wrong (its scores need gemini_sources, gemma_sources "
        "or both); correct it."
    )


UNKNOWN_MODEL = "which is not in docs/data/models.yml; add it there or correct the name."


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "devices",
            "devices:\n  pi: { name: Pi, kind: board, memory: 16, confidence: low, sources: [nobody] }",
            (
                'pi names the source "nobody", which is not in docs/data/sources.yml; add it there or '
                "correct the key."
            ),
        ),
        (
            "speeds",
            (
                "speeds:\n  pi: { model: nobody, machine: Pi, backend: CPU, decode: 7, confidence: low, "
                "sources: [maker] }"
            ),
            f'pi names the model "nobody", {UNKNOWN_MODEL}',
        ),
        (
            "benchmarks",
            (
                "older: {}\nbenchmarks:\n  quiz: { name: Q, about: !t Q, scores: { nobody: 1 }, "
                "gemma_sources: [maker] }"
            ),
            f'quiz names the model "nobody", {UNKNOWN_MODEL}',
        ),
        (
            "prices",
            "prices:\n- { model: gemini-gone, input: 1, output: 2, sources: [maker], date: 2026-11-21 }",
            f'gemini-gone names the model "gemini-gone", {UNKNOWN_MODEL}',
        ),
    ],
)
def test_a_name_that_another_file_does_not_have_is_one_sentence(project, name, text, said):
    assert refusal(project, name, f"checked: 2026-11-21\n{text}\n") == f"docs/data/{name}.yml: {said}"


def test_a_command_that_quotes_nothing_known_is_one_sentence(project):
    text = "commands:\n  ask: { title: !t A, language: console, needs: !t B, lines: ['x %(gone)s'] }\n"
    assert refusal(project, "commands", text) == (
        'docs/data/commands.yml: ask quotes "gone", and there is no such value; add it or correct the id.'
    )


def test_a_fact_that_stands_in_a_table_already_is_refused(project):
    project.write("docs/data/models.yml", MODELS)
    text = (
        "facts:\n  new_released: { name: !t A, value: 1, sources: [maker], checked: 2026-11-21, "
        "confidence: high }\n"
    )
    assert refusal(project, "facts", text) == (
        'docs/data/facts.yml: "new_released" stands in a table already; take it out here.'
    )


def test_a_price_changes_on_its_day(book):
    model = "gemini-3.8-flash"
    last, first = dt.date(2026, 12, 31), dt.date(2027, 1, 1)
    assert [book.prices.now(model, day).input for day in (last, first)] == [0.75, 1.5]
    assert book.prices.next(model, last).start == first
    assert book.prices.next(model, first) is None
    assert book.prices.now("gemini-3.5-flash", last) is None


def test_no_model_has_two_prices_on_a_day(book):
    for row in book.prices.prices:
        for day in filter(None, (row.start, row.end)):
            alone = Prices(
                checked=book.prices.checked, prices=tuple(r for r in book.prices.prices if r != row)
            )
            assert alone.now(row.model, day) is None


def test_the_status_of_a_model_follows_the_day(project):
    project.write("docs/data/models.yml", MODELS)
    model = facts.load(project.root).models.gemini["fast"]
    days = dt.date(2026, 11, 30), dt.date(2026, 12, 1)
    assert [model.status(day) for day in days] == ["deprecated", "shutdown"]


def test_a_value_of_a_table_is_quoted_by_id(book):
    said = {
        key: book.quote(key, LANGUAGE["ko"], str).text
        for key in (
            "gemma_e2b_q4_0",
            "gemma_size_count",
            "gemini_newest",
            "e2b_rate_pi",
            "gemini_25_shutdown",
        )
    }
    assert said == {
        "gemma_e2b_q4_0": "2.9GB",
        "gemma_size_count": "5",
        "gemini_newest": "Gemini 4 Hydrogen",
        "e2b_rate_pi": "7.6",
        "gemini_25_shutdown": "2026년 12월 1일",
    }


def test_what_a_day_shows_changes_with_prices_status_and_shelf_life(book):
    before, after = dt.date(2026, 11, 30), dt.date(2026, 12, 1)
    assert facts.on(book, dt.date(2026, 11, 29)) == facts.on(book, before) != facts.on(book, after)


def test_a_fresh_table_is_not_listed(project):
    assert facts.stale(facts.load(project.root), dt.date(2026, 12, 21)) == []


def test_everything_past_its_shelf_life_is_listed(project):
    project.replace("docs/data/facts.yml", "value: 2.9,", "value: 2.9, shelf_days: 7,")
    again = "check its sources again and set the new date."
    assert facts.stale(facts.load(project.root), dt.date(2026, 12, 22)) == [
        f'docs/data/facts.yml: "memory" was checked on 2026-11-21 and keeps for 7 days; {again}',
        f"docs/data/prices.yml was checked on 2026-11-21 and keeps for 30 days; {again}",
    ]


def test_prices_go_stale_under_the_ids_that_they_are_quoted_by(book):
    found = facts.stale_values(book, book.prices.checked + dt.timedelta(days=31))
    assert found["gemini_4_argon_input"] == found["gemini_4_argon_year"] == 30
    assert "gemma_e2b_q4_0" not in found
