"""What a workload takes at home, against the hand calculation of the fact sheet, and when it pays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.kitchen import home
from demos.kitchen.cost import Price, Workload, cost
from demos.kitchen.errors import KitchenError
from demos.kitchen.home import Electricity, Machine, affordable, break_even, running

SHORT_QUESTIONS = Workload(requests=10_000, input_tokens=500, output_tokens=200)
US = Electricity("USD", 0.1802)
JAPAN = Electricity("JPY", 31)
FLASH = Price("gemini-3.8-flash", 0.75, 3.75)
MIXTURE = Machine("26B A4B on an RTX 3090", tokens_per_second=128, watts=350)
DENSE = Machine("31B on an RTX 3090", tokens_per_second=40, watts=350)
RATES = st.floats(min_value=50, max_value=10_000)
WATTS = st.floats(min_value=1, max_value=2_000)


@pytest.mark.parametrize(
    ("machine", "hours", "kwh", "dollars", "yen"),
    [(MIXTURE, 4.3, 1.5, 100, 17_000), (DENSE, 13.9, 4.9, 320, 55_000)],
)
def test_two_million_tokens_a_day_take_the_power_that_the_fact_sheet_says(machine, hours, kwh, dollars, yen):
    at_home = running(SHORT_QUESTIONS, machine, US)
    assert round(at_home.hours, 1) == hours
    assert round(at_home.kwh, 1) == kwh
    assert at_home.year == pytest.approx(dollars, rel=0.01)
    assert running(SHORT_QUESTIONS, machine, JAPAN).year == pytest.approx(yen, rel=0.02)
    assert at_home.possible


def test_what_a_figure_leaves_out_follows_from_what_was_given():
    bare = running(SHORT_QUESTIONS, MIXTURE, US).left_out
    assert bare == (home.NO_PREFILL, home.NO_THINKING, home.NO_IDLE, home.NO_HARDWARE, home.NO_WORK)
    full = Machine("m", 128, watts=350, idle_watts=20, prefill_tokens_per_second=3_000, price=900)
    thoughtful = Workload(10_000, 500, 200, thinking_tokens=100)
    assert running(thoughtful, full, US).left_out == (home.NO_WORK,)


def test_idling_reading_and_the_purchase_price_come_on_top():
    machine = Machine(
        "m", 100, watts=300, idle_watts=10, prefill_tokens_per_second=1_000, price=1_095, years=3
    )
    day = running(Workload(3_600, 1_000, 100), machine, Electricity("USD", 0.5))
    assert day.hours == pytest.approx(2.0)
    assert day.kwh == pytest.approx((2 * 300 + 22 * 10) / 1_000)
    assert day.hardware == pytest.approx(1.0)
    assert day.day == pytest.approx(day.kwh * 0.5 + 1.0)
    assert day.month == pytest.approx(day.day * 30)


def test_a_machine_whose_draw_is_unknown_has_hours_and_no_money():
    day = running(SHORT_QUESTIONS, Machine("Mac", 60), US)
    assert day.hours == pytest.approx(9.26, abs=0.01)
    assert (day.kwh, day.electricity, day.day, day.month, day.year) == (None, None, None, None, None)


def test_a_machine_that_would_need_more_than_a_day_is_not_called_possible():
    pi = running(SHORT_QUESTIONS, Machine("Raspberry Pi", 7.6, watts=10), US)
    assert pi.hours == pytest.approx(73.1, abs=0.1)
    assert not pi.possible


def test_a_machine_has_paid_for_itself_when_the_saved_fees_reach_its_price():
    machine = Machine("m", 128, watts=350, price=1_000)
    found = break_even(SHORT_QUESTIONS, FLASH, machine, US)
    saved = cost(SHORT_QUESTIONS, FLASH).day - running(SHORT_QUESTIONS, machine, US).electricity
    assert found.days == pytest.approx(1_000 / saved)
    assert found.days == pytest.approx(91, abs=1)


def test_at_the_break_even_volume_both_cost_the_same():
    machine = Machine("m", 128, watts=350, idle_watts=15, price=1_000)
    volume = break_even(SHORT_QUESTIONS, FLASH, machine, US).requests
    at_volume = Workload(round(volume), 500, 200)
    assert running(at_volume, machine, US).day == pytest.approx(cost(at_volume, FLASH).day, rel=1e-3)


@pytest.mark.parametrize(
    ("price", "machine"),
    [
        (Price("cheap", 0.0, 0.0001), Machine("m", 128, watts=350, price=1_000)),
        (FLASH, Machine("draw unknown", 128, price=1_000)),
        (FLASH, Machine("too dear ever to pay within its years", 60, watts=100, price=100_000)),
    ],
)
def test_where_it_never_pays_the_answer_is_none(price, machine):
    found = break_even(SHORT_QUESTIONS, price, machine, US)
    assert found.requests is None


def test_a_machine_too_slow_for_the_work_never_pays():
    slow = Machine("pi", 7.6, watts=10, price=100)
    assert break_even(SHORT_QUESTIONS, FLASH, slow, US).days is None
    assert affordable(SHORT_QUESTIONS, FLASH, slow, US, years=1) is None


def test_what_a_machine_may_cost_is_what_it_saves_in_its_years():
    dear = affordable(SHORT_QUESTIONS, FLASH, MIXTURE, US, years=1)
    assert dear == pytest.approx(4_106.25 - 100, abs=1)
    assert affordable(SHORT_QUESTIONS, FLASH, MIXTURE, US, years=2) == pytest.approx(2 * dear)
    assert affordable(SHORT_QUESTIONS, Price("free", 0, 0), MIXTURE, US, years=1) is None
    assert affordable(SHORT_QUESTIONS, FLASH, Machine("draw unknown", 60), US, years=1) is None


@given(rate=RATES, watts=WATTS, faster=st.floats(min_value=1, max_value=10))
def test_a_faster_machine_needs_no_more_hours_and_no_more_power(rate, watts, faster):
    slow = running(SHORT_QUESTIONS, Machine("m", rate, watts=watts), US)
    fast = running(SHORT_QUESTIONS, Machine("m", rate * faster, watts=watts), US)
    assert fast.hours <= slow.hours
    assert fast.year <= slow.year * (1 + 1e-9)


@given(price=st.floats(min_value=1, max_value=10_000), more=st.floats(min_value=0, max_value=10_000))
def test_a_dearer_machine_pays_for_itself_no_sooner(price, more):
    cheap = break_even(SHORT_QUESTIONS, FLASH, Machine("m", 128, watts=350, price=price), US)
    dear = break_even(SHORT_QUESTIONS, FLASH, Machine("m", 128, watts=350, price=price + more), US)
    assert dear.days >= cheap.days


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Machine("m", 0), "tokens_per_second of m is 0: give a number above 0"),
        (lambda: Machine("m", 10, years=0), "years of m is 0: give a number above 0"),
        (lambda: Machine("m", 10, watts=-1), "watts of m is -1: give a number of 0 or more"),
        (
            lambda: Machine("m", 10, prefill_tokens_per_second=0),
            "prefill_tokens_per_second of m is 0: give a number above 0",
        ),
        (
            lambda: Electricity("KRW", float("inf")),
            "the price of a kilowatt-hour in KRW is inf: give a number of 0 or more",
        ),
        (
            lambda: break_even(SHORT_QUESTIONS, FLASH, MIXTURE, JAPAN),
            (
                "the API is priced in USD and the electricity in JPY: "
                "give the electricity in USD to compare them"
            ),
        ),
        (
            lambda: break_even(Workload(0, 1, 1), FLASH, MIXTURE, US),
            "the workload asks for 0 requests a day: give at least 1 to compare costs",
        ),
        (
            lambda: affordable(SHORT_QUESTIONS, FLASH, MIXTURE, US, years=0),
            "the time to pay off in years is 0: give a number above 0",
        ),
    ],
)
def test_what_cannot_be_reckoned_is_said_in_one_sentence(make, sentence):
    with pytest.raises(KitchenError) as caught:
        make()
    assert str(caught.value) == sentence
