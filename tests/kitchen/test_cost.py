"""The cost of a workload, against the figures that were calculated by hand from the price pages."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.kitchen import cost as costs
from demos.kitchen.cost import Price, Workload, bills, cost, in_force
from demos.kitchen.errors import KitchenError

SHORT_QUESTIONS = Workload(requests=10_000, input_tokens=500, output_tokens=200)
COUNTS = st.integers(min_value=0, max_value=1_000_000)
MONEY = st.floats(min_value=0, max_value=1_000)


@pytest.mark.parametrize(
    ("model", "day", "expected"),
    [
        ("gemini-3.1-flash-lite", dt.date(2026, 11, 21), (4.25, 1_551.25, 775.63)),
        ("gemini-3.5-flash-lite", dt.date(2026, 11, 21), (6.50, 2_372.50, 1_186.25)),
        ("gemini-3.8-flash", dt.date(2026, 12, 31), (11.25, 4_106.25, 2_053.13)),
        ("gemini-3.8-flash", dt.date(2027, 1, 1), (22.50, 8_212.50, 4_106.25)),
        ("gemini-3.6-flash", dt.date(2026, 12, 31), (11.25, 4_106.25, 2_053.13)),
        ("gemini-4-hydrogen", dt.date(2026, 11, 21), (22.50, 8_212.50, None)),
        ("gemini-4-argon", dt.date(2026, 11, 30), (30.00, 10_950.00, 5_475.00)),
        ("gemini-4-argon", dt.date(2026, 12, 1), (60.00, 21_900.00, 10_950.00)),
        ("gemini-4-carbon", dt.date(2026, 11, 30), (30.00, 10_950.00, None)),
        ("gemini-4-carbon", dt.date(2026, 12, 1), (60.00, 21_900.00, None)),
        ("gemini-3.1-pro-preview", dt.date(2026, 11, 21), (34.00, 12_410.00, 6_205.00)),
    ],
)
def test_ten_thousand_short_questions_a_day_cost_what_the_fact_sheet_says(published, model, day, expected):
    per_day, per_year, batch_year = expected
    (bill,) = (each for each in bills(SHORT_QUESTIONS, published, day) if each.price.model == model)
    assert bill.now.day == pytest.approx(per_day)
    assert bill.now.month == pytest.approx(per_day * 30)
    assert bill.now.year == pytest.approx(per_year)
    assert (bill.batch.year if bill.batch else None) == (
        batch_year if batch_year is None else pytest.approx(batch_year, abs=0.01)
    )


def test_a_bill_names_the_next_announced_price_and_what_it_will_come_to(published):
    today = {each.price.model: each for each in bills(SHORT_QUESTIONS, published, dt.date(2026, 11, 21))}
    flash = today["gemini-3.8-flash"]
    assert flash.next is not None
    assert flash.next.start == dt.date(2027, 1, 1)
    assert flash.then is not None
    assert flash.then.year == pytest.approx(8_212.50)
    assert today["gemini-4-hydrogen"].next is None
    assert today["gemini-4-hydrogen"].then is None


def test_every_published_model_has_exactly_one_price_on_every_day_around_the_changes(published):
    for day in (dt.date(2026, 11, 30) + dt.timedelta(days=n) for n in range(40)):
        assert {p.model for p in in_force(published, day)} == {p.model for p in published}


def test_thinking_is_billed_as_output():
    price = Price("m", input=1.0, output=10.0)
    thoughtful = Workload(requests=1_000, input_tokens=500, output_tokens=200, thinking_tokens=800)
    assert cost(thoughtful, price).thinking == pytest.approx(8.0)
    assert cost(thoughtful, price).day == pytest.approx(0.5 + 10.0)
    assert costs.NO_THINKING not in cost(thoughtful, price).left_out
    assert costs.NO_THINKING in cost(SHORT_QUESTIONS, price).left_out


def test_cached_input_costs_its_own_price_and_leaves_out_the_storage():
    price = Price("m", input=1.0, output=0.0, cached_input=0.1)
    result = cost(Workload(requests=1_000, input_tokens=500, output_tokens=0, cached_tokens=400), price)
    assert result.input == pytest.approx(0.1)
    assert result.cached == pytest.approx(0.04)
    assert costs.NO_STORAGE in result.left_out


def test_a_batch_costs_its_share_and_gives_no_rebate_for_the_cache():
    price = Price("m", input=1.0, output=10.0, cached_input=0.1, batch=0.5)
    work = Workload(requests=1_000, input_tokens=1_000, output_tokens=100, cached_tokens=900)
    assert cost(work, price, batch=True).day == pytest.approx((1.0 + 1.0) / 2)
    assert cost(work, price, batch=True).cached == 0


def test_a_price_holds_on_its_first_and_its_last_day():
    price = Price("m", 1, 1, start=dt.date(2026, 1, 1), end=dt.date(2026, 1, 31))
    assert price.in_force(dt.date(2026, 1, 1))
    assert price.in_force(dt.date(2026, 1, 31))
    assert not price.in_force(dt.date(2026, 2, 1))


def test_no_requests_cost_nothing():
    assert cost(Workload(0, 500, 200), Price("m", 1, 1)).year == 0


@given(requests=COUNTS, sent=COUNTS, answered=COUNTS, thought=COUNTS, more=COUNTS)
def test_more_of_anything_never_costs_less(requests, sent, answered, thought, more):
    price = Price("m", 0.75, 3.75)
    once = cost(Workload(requests, sent, answered, thought), price).day
    assert cost(Workload(requests + more, sent, answered, thought), price).day >= once
    assert cost(Workload(requests, sent + more, answered, thought), price).day >= once
    assert cost(Workload(requests, sent, answered + more, thought), price).day >= once
    assert cost(Workload(requests, sent, answered, thought + more), price).day >= once


@given(fresh=MONEY, share=st.floats(min_value=0, max_value=1), cached=st.integers(0, 500))
def test_a_cache_that_is_cheaper_and_a_batch_never_cost_more(fresh, share, cached):
    price = Price("m", fresh, 1.0, cached_input=fresh * share, batch=share)
    work = Workload(100, 500, 200, cached_tokens=cached)
    plain = cost(Workload(100, 500, 200), price).day
    assert cost(work, price).day <= plain * (1 + 1e-9)
    assert cost(work, price, batch=True).day <= plain * (1 + 1e-9)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: Price("m", -1, 1),
            "the input price of m is -1: give a number of 0 or more",
        ),
        (
            lambda: Price("m", 1, float("nan")),
            "the output price of m is nan: give a number of 0 or more",
        ),
        (
            lambda: Price("m", 1, 1, cached_input="a"),
            "the cached_input price of m is 'a': give a number of 0 or more",
        ),
        (
            lambda: Price("m", 1, 1, start=dt.date(2026, 2, 1), end=dt.date(2026, 1, 31)),
            (
                "the price of m starts on 2026-02-01 and ends on 2026-01-31: "
                "let it end on its first day or later"
            ),
        ),
        (
            lambda: Workload(1.5, 1, 1),
            "requests of the workload is 1.5: give a whole number of 0 or more",
        ),
        (
            lambda: Workload(True, 1, 1),
            "requests of the workload is True: give a whole number of 0 or more",
        ),
        (
            lambda: Workload(1, 1, -5),
            "output_tokens of the workload is -5: give a whole number of 0 or more",
        ),
        (
            lambda: Workload(1, 10, 1, cached_tokens=11),
            "the workload caches 11 of 10 input tokens: cache no more than a request sends",
        ),
        (
            lambda: cost(SHORT_QUESTIONS, Price("m", 1, 1), batch=True),
            "no batch price is known for m: reckon it without batch",
        ),
        (
            lambda: cost(Workload(1, 10, 1, cached_tokens=5), Price("m", 1, 1)),
            "no price for cached input is known for m: set cached_tokens to 0",
        ),
        (
            lambda: in_force([Price("m", 1, 1), Price("m", 2, 2)], dt.date(2026, 1, 1)),
            "m has two prices in force on 2026-01-01: give the first an end date",
        ),
    ],
)
def test_what_cannot_be_reckoned_is_said_in_one_sentence(make, sentence):
    with pytest.raises(KitchenError) as caught:
        make()
    assert str(caught.value) == sentence
