"""The menu of the restaurant, read from docs/data for a day."""

import datetime as dt
import pathlib

import pytest

from i18n import facts
from scripts import restaurant

BOOK = facts.load(pathlib.Path(__file__).parents[2])


def menu(day: str) -> list[str]:
    return [model.id for model in restaurant.menu(BOOK, dt.date.fromisoformat(day))]


def test_the_default_is_the_newest_stable_model_with_a_free_tier():
    assert menu("2026-11-22")[0] == "gemini-4-hydrogen"
    assert menu("2026-11-11")[0] == "gemini-3.8-flash"  # Carbon is newer, but without a free tier
    assert menu("2026-08-01")[0] == "gemini-3.6-flash"


def test_gemini_4_is_not_gemma_4():
    names = {model.id: model for model in restaurant.menu(BOOK, dt.date(2026, 11, 22))}
    assert names["gemini-4-hydrogen"].version == "v1"
    assert names["gemini-4-hydrogen"].license == "Gemini API Additional Terms of Service"
    gemma = names["gemma-4-31b-it"]
    assert (gemma.name, gemma.version, gemma.license) == ("Gemma 4 31B", "v1beta", "Apache 2.0")
    assert gemma.sampling
    assert not names["gemini-4-hydrogen"].sampling


def test_what_ends_or_is_no_longer_open_to_all_is_not_on_the_menu():
    served = menu("2026-11-22")
    assert not {"gemini-2.5-pro", "gemini-2.5-flash", "gemini-3.7-flash", "gemini-3.5-flash"} & set(served)
    assert "gemini-3.1-pro-preview" not in served
    assert served[-2:] == ["gemma-4-26b-a4b-it", "gemma-4-31b-it"]


@pytest.mark.parametrize("day", ["2026-11-22", "2026-12-01", "2027-01-01"])
def test_every_dish_has_a_price_on_its_day(day: str):
    today = dt.date.fromisoformat(day)
    assert all(model.price(today) for model in restaurant.menu(BOOK, today))


def test_sampling_settings_go_to_models_from_before_their_end_only():
    found = {model.id: model.sampling for model in restaurant.menu(BOOK, dt.date(2026, 11, 22))}
    assert {model for model, sampling in found.items() if sampling} == {
        "gemini-3.1-flash-lite",
        "gemma-4-26b-a4b-it",
        "gemma-4-31b-it",
    }
