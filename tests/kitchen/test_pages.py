"""The kitchen's figures as the pages show them, from the site's own data, in three languages."""

import dataclasses
import datetime as dt
import pathlib

import pytest

from demos.kitchen import choose
from demos.kitchen.fit import Range
from i18n import catalog, facts
from i18n.errors import SiteError
from i18n.languages import LANGUAGE
from scripts import guide, kitchen
from scripts.figures import Figures, rounded
from scripts.receipt import receipt

ROOT = pathlib.Path(__file__).parents[2]
DAY = dt.date(2026, 11, 21)
ENGLISH = Figures(LANGUAGE["en"], str)


def written(book, code: str, day: dt.date = DAY):
    language = LANGUAGE[code]
    return receipt(book, language, catalog.for_language(ROOT, language), day)


def test_the_receipt_shows_every_model_with_a_price_today_and_what_is_announced(book):
    lines = {line.name: line for line in written(book, "en").lines}
    assert set(lines) == {
        book.models.gemini[key].label
        for key in book.models.gemini
        for price in kitchen.prices(book.prices.prices)
        if price.model == book.models.gemini[key].id
    }
    flash = lines["Gemini 3.8 Flash"]
    assert (flash.day, flash.month, flash.year, flash.batch) == ("$11.25", "$338", "$4,106", "$2,053")
    assert (flash.next_day, flash.next_year) == ("January 1, 2027", "$8,212")
    assert [name for name, line in lines.items() if line.preview] == ["Gemini 3.1 Pro"]
    hydrogen = lines["Gemini 4 Hydrogen"]
    assert (hydrogen.batch, hydrogen.next_day) == ("", "")


def test_the_receipt_of_another_day_has_the_price_of_that_day(book):
    lines = {line.name: line for line in written(book, "en", dt.date(2027, 1, 1)).lines}
    assert lines["Gemini 3.8 Flash"].year == "$8,212"
    assert lines["Gemini 3.8 Flash"].next_day == ""


@pytest.mark.parametrize(
    ("code", "dense"), [("en", "$320"), ("ja", "55,000円"), ("ko", "210,000원~550,000원")]
)
def test_electricity_is_in_the_currency_of_the_readers(book, code, dense):
    rows = written(book, code).homes
    assert [row.year for row in rows if row.size == "31B"] == [dense]


def test_a_row_at_home_says_hours_and_leaves_empty_what_no_page_says(book):
    rows = {(row.size, row.machine): row for row in written(book, "en").homes}
    mixture = rows["26B A4B", "RTX 3090"]
    assert (mixture.rate, mixture.hours, mixture.kwh) == ("119–143", "3.9–4.7", "1.4–1.6")
    mac = rows["26B A4B", "Mac mini M4 Pro 64 GB"]
    assert (mac.hours, mac.kwh, mac.year) == ("9.3", "", "")
    pi = rows["E2B", "Raspberry Pi 5 16 GB"]
    assert (pi.hours, pi.possible) == ("73.1", False)


def test_thinking_is_shown_with_what_it_adds_to_the_year(book):
    found = written(book, "en")
    assert (found.thinker, found.thinking, found.thinker_year, found.thinking_year) == (
        "Gemini 3.8 Flash",
        "1,000",
        "$4,106",
        "$17,794",
    )


def test_a_machine_may_cost_what_it_saves_in_the_first_year(book):
    worth = {line.name: line.worth for line in written(book, "en").lines}
    assert worth["Gemini 3.8 Flash"] == "$4,000"
    assert worth["Gemini 3.1 Flash-Lite"] == "$1,400"


def test_every_cited_id_of_the_parts_is_a_value_or_a_source(book):
    found = written(book, "ko")
    fits = guide.fits(book, LANGUAGE["en"], str)
    cited = [
        *found.kwh_cited,
        *(key for row in found.homes for key in row.cited),
        *(key for each in (*fits.sizes, *fits.machines) for key in each.cited),
        *(key for q in choose.QUESTIONS for a in q.answers for rule in a.rules for key in rule.cited),
    ]
    assert [key for key in cited if key not in book.values and key not in book.sources] == []


def test_the_table_of_fits_has_a_cell_for_every_machine_and_size(book):
    fits = guide.fits(book, LANGUAGE["en"], str)
    assert [size.label for size in fits.sizes] == ["E2B", "E4B", "12B", "26B A4B", "31B"]
    assert len(fits.machines) == len(book.devices.devices)
    assert all(len(machine.cells) == len(fits.sizes) for machine in fits.machines)
    (card,) = (machine for machine in fits.machines if machine.name == "GeForce RTX 4060")
    assert [cell.mark for cell in card.cells] == ["yes", "yes", "some", "no", "no"]
    assert (card.cells[2].word, card.cells[2].rate, card.cells[4].rate) == ("tight", "19–34", "")


def test_the_example_under_the_table_adds_up(book):
    example = guide.fits(book, LANGUAGE["en"], str).example
    assert (example.weights, example.context, example.runtime) == ("5.6–7.5 GB", "0.4 GB", "0.1–2.5 GB")
    assert (example.total, example.memory, example.word) == ("6.1–10.5 GB", "8 GB", "tight")
    assert (example.share, example.bandwidth, example.read) == ("50–85%", "272", "6.7–7.2 GB")


def test_every_question_is_written_out_with_all_its_answers():
    asked = guide.questions(str)
    assert [each.id for each in asked] == [each.id for each in choose.QUESTIONS]
    assert sum(len(answer.said) for each in asked for answer in each.answers) == sum(
        len(answer.rules) for each in choose.QUESTIONS for answer in each.answers
    )


@pytest.mark.parametrize(
    ("value", "expected"), [(17_234, 17_000), (99.6, 100), (0.0456, 0.046), (0, 0), (110, 110)]
)
def test_an_estimate_has_two_significant_digits(value, expected):
    assert rounded(value) == expected


def test_a_range_whose_ends_are_written_alike_is_one_figure():
    assert ENGLISH.span(Range(40, 40.2), ENGLISH.estimate) == "40"
    assert ENGLISH.span(Range(40, 43), ENGLISH.estimate) == "40–43"


def test_a_language_without_a_price_of_electricity_reads_that_of_english(book):
    assert kitchen.tariff(book, "fr") == kitchen.tariff(book, "en")
    assert kitchen.tariff(book, "ko") != kitchen.tariff(book, "en")


def test_without_a_price_of_electricity_for_english_it_is_refused_in_one_sentence(book):
    none = book.electricity.model_copy(update={"electricity": {}})
    with pytest.raises(SiteError) as caught:
        kitchen.tariff(dataclasses.replace(book, electricity=none), "fr")
    assert str(caught.value) == 'docs/data/electricity.yml: no row has the language "en"; add one.'


def test_a_size_without_the_figures_of_its_layers_is_refused_in_one_sentence(book):
    size = book.models.gemma["gemma_e2b"].model_copy(update={"kv_heads": None, "shared_layers": None})
    models = book.models.model_copy(update={"gemma": {"gemma_e2b": size}})
    with pytest.raises(SiteError) as caught:
        kitchen.gemma(changed(book, models=models))
    assert str(caught.value) == (
        "docs/data/models.yml: gemma_e2b lacks kv_heads, shared_layers; the memory of a context needs them."
    )


def test_what_the_kitchen_refuses_names_the_data_file(book):
    row = book.prices.prices[0].model_copy(update={"input": -1.0})
    with pytest.raises(SiteError) as caught:
        kitchen.prices([row])
    assert str(caught.value) == (
        f"docs/data/prices.yml: the input price of {row.model} is -1.0: give a number of 0 or more."
    )


def test_a_day_without_any_price_is_refused_in_one_sentence(book):
    with pytest.raises(SiteError) as caught:
        written(changed(book, prices=book.prices.model_copy(update={"prices": ()})), "en")
    assert str(caught.value) == (
        "docs/data/prices.yml: no model has a price on 2026-11-21; add one that is in force."
    )


def changed(book: facts.Book, **parts) -> facts.Book:
    return facts.Book(**{**vars(book), **parts})
