"""What the restaurant costs: by the API's own usage and docs/data's prices in force, within a budget."""

import datetime as dt
import pathlib
import threading
from dataclasses import replace

import pytest

from demos.kitchen.cost import Price
from demos.server.distant.hosted import HostedModel, Usage, usd
from demos.server.distant.meter import Meter
from demos.server.engine import Delta, Event
from demos.server.errors import KitchenError
from demos.server.gemini.budget import Budget, BudgetSpentError
from demos.server.gemini.request import worst
from i18n import facts
from scripts import restaurant
from tests.server import gemini_api
from tests.server.engines import until
from tests.server.gemini_api import CUT, HANG, Api, Script, chunk, event, ramen, usage
from tests.server.restaurant import HYDROGEN, SECRET, ask, opened, order

ROOT = pathlib.Path(__file__).parents[2]
BOOK = facts.load(ROOT)
FIRST, SECOND = dt.date(2026, 11, 30), dt.date(2026, 12, 1)
NEW_YEAR = dt.date(2027, 1, 1)


@pytest.fixture
def api():
    with gemini_api.serving(SECRET) as stand_in:
        yield stand_in


def served(model: str, day: dt.date) -> HostedModel:
    """A model as docs/data has it on a day."""
    return next(found for found in restaurant.menu(BOOK, day) if found.id == model)


# A million tokens of each kind make the price list itself readable in the expected sum.
@pytest.mark.parametrize(
    ("model", "day", "dollars"),
    [
        ("gemini-4-hydrogen", FIRST, 0.5 * 1.50 + 0.5 * 0.075 + 3 * 7.50),
        ("gemini-4-carbon", FIRST, 0.5 * 2.00 + 0.5 * 0.10 + 3 * 10.00),
        ("gemini-4-carbon", SECOND, 0.5 * 4.00 + 0.5 * 0.20 + 3 * 20.00),
        ("gemini-4-argon", FIRST, 0.5 * 2.00 + 0.5 * 0.10 + 3 * 10.00),
        ("gemini-4-argon", SECOND, 0.5 * 4.00 + 0.5 * 0.20 + 3 * 20.00),
        ("gemini-3.8-flash", SECOND, 0.5 * 0.75 + 0.5 * 0.075 + 3 * 3.75),
        ("gemini-3.8-flash", NEW_YEAR, 1.50 + 3 * 7.50),  # no price for cached input is known then
        ("gemini-3.6-flash", NEW_YEAR, 0.5 * 1.50 + 0.5 * 0.15 + 3 * 7.50),
        ("gemini-3.1-flash-lite", FIRST, 0.5 * 0.25 + 0.5 * 0.025 + 3 * 1.50),
        ("gemma-4-31b-it", FIRST, 0.0),
    ],
)
def test_an_answer_costs_what_the_price_list_of_the_day_says(api: Api, model, day, dollars):
    counts = usage(1_000_000, 1_000_000, 2_000_000, 500_000)
    api.play(ramen(counts))
    budget = Budget(1000)
    with opened(api, served(model, day), budget=budget, day=day) as (engine,):
        heard = ask(engine, max_tokens=2_000_000)
    assert heard.done.cost_usd == pytest.approx(dollars, abs=1e-9)
    assert (heard.done.thought_tokens, heard.done.cached_tokens) == (2_000_000, 500_000)
    assert budget.spent_usd == pytest.approx(dollars, abs=1e-9)
    assert (budget.held_usd, budget.unreported_usd) == (0, 0)


def test_a_thousand_small_answers_add_up_to_the_cent(api: Api):
    price = HYDROGEN.prices[0]
    budget = Budget(100)
    for _ in range(1000):
        budget.hold(0.05, "it").settle(usd(Usage(7, 9, 5), price))
    assert round(budget.spent_usd, 2) == round(1000 * (7 * 1.5 + 14 * 7.5) / 1e6, 2) == 0.12


def test_a_model_without_a_price_today_is_not_asked(api: Api):
    ended = replace(HYDROGEN, prices=(Price("gemini-4-hydrogen", 1.5, 7.5, end=FIRST),))
    with opened(api, ended, day=SECOND) as (engine,):
        failed = ask(engine).failed
    assert (failed.status, failed.code) == (503, "no_price")
    assert failed.reason == (
        "No price of Gemini 4 Hydrogen is known for 2026-12-01: bring docs/data/prices.yml up to date."
    )
    assert api.requests == []


def test_an_order_that_could_pass_the_budget_is_refused_and_not_sent(api: Api):
    budget = Budget(0.10)
    with opened(api, budget=budget) as (engine, gemma):
        budget.hold(0.05, "it").settle(0.05)
        failed = ask(engine, max_tokens=1000).failed
        assert (failed.status, failed.code) == (402, "budget_spent")
        assert failed.reason == (
            "This server may spend $0.10 on Gemini, $0.05 of it is gone or set aside, and an answer of "
            "Gemini 4 Hydrogen could cost $0.07: ask for fewer tokens or less thinking, or start the server "
            "again with a larger budget."
        )
        assert api.requests == []
        assert ask(engine, max_tokens=1000, thinking=False).done  # less thinking fits
        assert ask(gemma, max_tokens=1000).done.cost_usd == 0  # and what is free always does


def test_the_worst_case_bounds_every_kind_of_token_without_asking_anyone():
    asked = order("라면", max_tokens=100, thinking=True)
    assert worst(asked, HYDROGEN) == Usage(prompt=6 + 16, answer=100 + 8192)
    turn = replace(asked.messages[0], images=(b"1", b"2"))
    assert worst(replace(asked, messages=(turn,)), HYDROGEN).prompt == 6 + 16 + 2 * 2240


def test_a_budget_of_nothing_and_one_that_is_none():
    with pytest.raises(BudgetSpentError):
        Budget(0).hold(0.0001, "it")
    assert Budget(0).hold(0, "it")
    for wrong in (-1, float("nan"), float("inf")):
        with pytest.raises(KitchenError, match="give dollars, 0 or more"):
            Budget(wrong)


def test_many_at_once_never_hold_more_than_there_is():
    budget, taken, refused = Budget(1.0), [], []
    gate = threading.Barrier(16)

    def spend() -> None:
        gate.wait()
        for _ in range(50):
            try:
                hold = budget.hold(0.07, "it")
            except BudgetSpentError as error:
                refused.append(error)
                continue
            taken.append(hold)
            assert budget.held_usd + budget.spent_usd <= 1.0 + 1e-9
            hold.settle(0.01)
            hold.settle(0.01)  # a second time is not booked

    threads = [threading.Thread(target=spend) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.spent_usd == pytest.approx(0.01 * len(taken))
    assert budget.held_usd == pytest.approx(0)
    assert 0.93 < budget.spent_usd <= 1.0
    assert refused


def test_an_answer_that_is_stopped_is_billed_as_far_as_it_was_reported(api: Api):
    api.play(Script([event(chunk("one ", counts=usage(7, 3, 5))), HANG]))
    budget, heard = Budget(), list[Event]()
    with opened(api, budget=budget) as (engine, _):
        ticket = engine.submit(order(), heard.append)
        until(lambda: bool(heard))
        assert budget.held_usd > 0.06
        ticket.cancel()
        until(lambda: budget.held_usd == 0)
    assert heard == [Delta("one ")]
    assert budget.spent_usd == pytest.approx((7 * 1.5 + 8 * 7.5) / 1e6)
    assert 0 < budget.unreported_usd < 0.06


def test_an_answer_that_breaks_before_any_report_is_booked_as_unreported(api: Api):
    api.play(Script([CUT]))
    budget = Budget()
    with opened(api, budget=budget) as (engine, _):
        assert ask(engine).failed.code == "stream_cut"
    assert (budget.spent_usd, budget.held_usd) == (0, 0)
    assert budget.unreported_usd > 22 * 1.5 / 1e6


def test_a_refused_request_costs_nothing(api: Api):
    api.play(gemini_api.BAD_KEY)
    budget = Budget()
    with opened(api, budget=budget) as (engine, _):
        assert ask(engine).failed
    assert (budget.spent_usd, budget.held_usd, budget.unreported_usd) == (0, 0, 0)


def test_an_answer_whose_usage_was_never_reported_has_no_price(api: Api):
    api.play(gemini_api.stream(chunk("ramen", "", "STOP")))
    budget = Budget()
    with opened(api, budget=budget) as (engine, _):
        assert ask(engine).done.cost_usd is None
    assert budget.unreported_usd > 0


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_meter_counts_the_rate_after_the_first_piece():
    clock = Clock()
    meter = Meter(100.0, clock)
    clock.now = 101.0
    meter.send()
    clock.now = 103.0
    assert meter.take(Usage(7, 2, 8), piece=True) == 10
    clock.now = 105.0
    assert meter.take(Usage(7, 42, 8), piece=True) == 40
    timings = meter.timings()
    assert (timings.ttft_ms, timings.prompt_ms, timings.predicted_ms) == (3000, 2000, 2000)
    assert (timings.prompt_n, timings.predicted_n, timings.predicted_per_second) == (7, 50, 20)


def test_the_meter_has_no_rate_for_one_piece_and_none_for_nothing():
    meter = Meter(100.0, Clock())
    meter.send()
    assert meter.timings().predicted_per_second is None
    meter.take(Usage(7, 9), piece=True)
    assert meter.timings().predicted_per_second is None


def test_the_meter_bounds_what_was_not_reported():
    clock = Clock()
    meter = Meter(100.0, clock)
    most = Usage(prompt=1000, answer=5000)
    assert meter.unreported(most) == Usage()  # nothing was sent
    meter.send()
    clock.now = 100.5
    assert meter.unreported(most) == Usage(prompt=1000, answer=1000)
    meter.take(Usage(7, 4500), piece=True)
    clock.now = 109.0
    assert meter.unreported(most) == Usage(answer=500)
    meter.refused()
    assert meter.unreported(most) == Usage(answer=500)  # it had begun
