"""What pages order: plain values in and out, the same sums as the functions behind them."""

import datetime as dt
import json

import pytest

from demos.kitchen import choose, cost, fit, orders
from demos.kitchen.errors import KitchenError
from i18n.languages import LANGUAGE
from scripts import kitchen, tables

DAY = dt.date(2026, 11, 22)


@pytest.fixture
def figures(book):
    """The JSON of a page, as a page reads it."""
    return json.loads(json.dumps(tables.figures(book, LANGUAGE["ko"], DAY)))


@pytest.fixture
def order(figures):
    names = ("workload", "prices", "day", "machines", "electricity", "weighed", "years")
    return {name: figures["receipt"][name] for name in names}


def lines(found):
    return {line["model"]: line for line in found["lines"]}


def test_the_receipt_of_a_page_is_the_bills_of_the_kitchen(book, order):
    found = orders.receipt(**order)
    assert json.loads(json.dumps(found)) == found
    for bill in kitchen.bills(book.prices, DAY):
        line = lines(found)[bill.price.model]
        money = {"day": bill.now.day, "month": bill.now.month, "year": bill.now.year}
        assert line["now"] == money | {"own": None}
        assert (line["batch"] and line["batch"]["year"]) == (bill.batch and bill.batch.year)
        assert line["next_year"] == (bill.then and bill.then.year)


def test_a_rate_of_exchange_turns_each_year_into_the_readers_money(order):
    for line in orders.receipt(**order | {"exchange": 1500})["lines"]:
        assert line["now"]["own"] == cost.exchanged(line["now"]["year"], 1500) == 1500 * line["now"]["year"]
        assert line["batch"] is None or line["batch"]["own"] == 1500 * line["batch"]["year"]
    with pytest.raises(KitchenError) as refused:
        orders.receipt(**order | {"exchange": 0})
    assert str(refused.value) == "the rate of exchange is 0: give a number above 0"


def test_another_day_has_its_own_prices(order):
    later = lines(orders.receipt(**order | {"day": "2027-01-01"}))["gemini-3.8-flash"]
    assert (later["now"]["year"], later["next_day"]) == (8212.5, None)


def test_a_cache_lowers_the_bill_only_where_its_price_is_known(order):
    workload = order["workload"] | {"cached_tokens": 250}
    fresh, stored = (
        lines(orders.receipt(**order | {"workload": asked})) for asked in (order["workload"], workload)
    )
    assert stored["gemini-3.8-flash"]["now"]["day"] < fresh["gemini-3.8-flash"]["now"]["day"]
    assert stored["gemini-3.8-flash"]["cached"]
    assert stored["gemini-3.6-flash"]["now"] == fresh["gemini-3.6-flash"]["now"]
    assert not stored["gemini-3.6-flash"]["cached"]


def test_a_tariff_with_steps_is_a_range_at_home(order):
    homes = orders.receipt(**order)["homes"]
    assert len(homes) == len(order["machines"])
    low, high = homes[0]["year"]
    assert low < high
    assert homes[2]["kwh"] is None or homes[2]["kwh"][0] <= homes[2]["kwh"][1]


def test_a_day_that_is_none_is_refused_in_one_sentence(order):
    with pytest.raises(KitchenError) as caught:
        orders.receipt(**order | {"day": "tomorrow"})
    assert str(caught.value) == "the day is 'tomorrow': give one as 2026-11-22"


def test_more_cached_than_sent_is_refused_as_the_kitchen_refuses_it(order):
    with pytest.raises(KitchenError) as caught:
        orders.receipt(**order | {"workload": order["workload"] | {"cached_tokens": 501}})
    assert str(caught.value) == (
        "the workload caches 501 of 500 input tokens: cache no more than a request sends"
    )


def test_the_fits_of_a_page_are_those_of_the_kitchen(book, figures):
    asked = figures["fit"]
    found = orders.fits(
        devices=list(asked["devices"].values()),
        models=list(asked["models"].values()),
        precision="q4_0",
        tokens=8192,
    )
    assert json.loads(json.dumps(found)) == found
    models = kitchen.gemma(book).values()
    for device, cells in zip(kitchen.devices(book).values(), found["cells"], strict=True):
        for model, cell in zip(models, cells, strict=True):
            kept = fit.fit(device, model, "q4_0", 8192)
            assert cell["verdict"] == kept.verdict
            assert cell["rate"] == (kept.speed and [kept.speed.rate.low, kept.speed.rate.high])


def test_what_cannot_be_asked_of_a_size_says_why(figures):
    asked = figures["fit"]
    parts = {"devices": [], "models": list(asked["models"].values())}
    assert orders.fits(**parts, precision="q4_0", tokens=200_000)["needs"][0] == {"why": "context"}
    assert orders.fits(**parts, precision="mobile", tokens=8192)["needs"][-1] == {"why": "precision"}


def test_advice_has_the_bowls_their_reasons_and_the_size_for_the_device(figures):
    asked = figures["fit"]
    answers = {"words": "nowhere", "stove": "big"}
    order = {"models": list(asked["models"].values()), "precision": "q4_0", "tokens": 8192}
    found = orders.advice(answers=answers, device=asked["devices"]["rtx_4060"], **order)
    kept = choose.recommend(answers)
    assert found["bowls"] == ["gemma"]
    assert found["scores"] == dict(kept.scores)
    assert found["out"] == ["gemini", "hosted"]
    assert len(found["reasons"]) == len(kept.reasons)
    assert found["size"] == "E4B"
    assert orders.advice(answers=answers, device=None, **order)["size"] is None


def test_the_workload_of_a_page_is_that_of_the_tables(figures):
    assert cost.Workload(**figures["receipt"]["workload"]) == kitchen.WORKLOAD
