"""The cost of a workload, against the figures that were calculated by hand from the price pages."""

import datetime as dt
import pathlib

import pytest
import yaml

from demos.kitchen.cost import Price, Workload, cost, in_force

PRICES = pathlib.Path(__file__).parents[2] / "docs" / "data" / "prices.yml"
SHORT_QUESTIONS = Workload(requests=10_000, input_tokens=500, output_tokens=200)


def published() -> list[Price]:
    fields = ("model", "input", "output", "start", "end")
    rows = yaml.safe_load(PRICES.read_text(encoding="utf-8"))["prices"]
    return [Price(**{key: row[key] for key in fields if key in row}) for row in rows]


@pytest.mark.parametrize(
    ("model", "day", "per_day", "per_year"),
    [
        ("gemini-3.8-flash", dt.date(2026, 12, 31), 11.25, 4_106.25),
        ("gemini-3.8-flash", dt.date(2027, 1, 1), 22.50, 8_212.50),
        ("gemini-4-argon", dt.date(2026, 11, 30), 30.00, 10_950.00),
        ("gemini-4-argon", dt.date(2026, 12, 1), 60.00, 21_900.00),
        ("gemini-4-hydrogen", dt.date(2026, 11, 21), 22.50, 8_212.50),
        ("gemini-3.5-flash-lite", dt.date(2026, 11, 21), 6.50, 2_372.50),
        ("gemini-3.1-flash-lite", dt.date(2026, 11, 21), 4.25, 1_551.25),
    ],
)
def test_ten_thousand_short_questions_a_day_cost_what_the_fact_sheet_says(model, day, per_day, per_year):
    (price,) = (p for p in in_force(published(), day) if p.model == model)
    result = cost(SHORT_QUESTIONS, price)
    assert result.day == pytest.approx(per_day)
    assert result.month == pytest.approx(per_day * 30)
    assert result.year == pytest.approx(per_year)


def test_a_price_holds_on_its_first_and_its_last_day():
    price = Price("m", 1, 1, start=dt.date(2026, 1, 1), end=dt.date(2026, 1, 31))
    assert price.in_force(dt.date(2026, 1, 1))
    assert price.in_force(dt.date(2026, 1, 31))
    assert not price.in_force(dt.date(2026, 2, 1))


def test_two_prices_for_one_model_on_one_day_are_refused_by_name():
    prices = [Price("m", 1, 1), Price("m", 2, 2)]
    with pytest.raises(
        ValueError, match="m has two prices in force on 2026-01-01: give the first an end date"
    ):
        in_force(prices, dt.date(2026, 1, 1))


def test_every_published_model_has_exactly_one_price_on_every_day_around_the_changes():
    for day in (dt.date(2026, 11, 30) + dt.timedelta(days=n) for n in range(40)):
        assert {p.model for p in in_force(published(), day)} == {p.model for p in published()}
