"""What a page orders from the kitchen, and what it gets: plain values in, plain values out, as JSON has them.

The pages write the figures out; nothing here rounds, and nothing here knows a language. Every function raises
KitchenError, as what it calls does, for figures that cannot be reckoned with.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from demos.kitchen import choose, cost, fit, home
from demos.kitchen.errors import KitchenError

Row = Mapping[str, Any]
Plain = dict[str, Any]


def receipt(
    *,
    workload: Row,
    prices: Sequence[Row],
    day: str,
    machines: Sequence[Row],
    electricity: Row,
    weighed: Row,
    years: float = 1,
    exchange: float | None = None,
) -> Plain:
    """What a workload costs with every model that has a price on a day, and what it takes at home.

    `machines` have a name, the rates that were measured (tokens per second, slow and fast) and watts or null;
    `electricity` a currency and the price per kWh of each step of its tariff; `weighed` the machine whose
    price is set against the API, with its electricity in USD. A model without a price for cached input is
    reckoned without a cache, and `cached` says so. With `exchange`, what a dollar costs the reader, `own` is
    the year in the reader's money.
    """
    asked = cost.Workload(**workload)
    rows = [_price(row) for row in prices]
    on = _day(day)
    machine = home.Machine(weighed["name"], weighed["rate"], watts=weighed["watts"])
    dollars = home.Electricity("USD", weighed["per_kwh"])
    steps = [home.Electricity(electricity["currency"], price) for price in electricity["steps"]]
    lines = []
    for bill in cost.bills(dataclasses.replace(asked, cached_tokens=0), rows, on):
        now = _reckoned(asked, bill.price)
        lines.append(
            {
                "model": bill.price.model,
                "price": _plain_price(bill.price),
                "now": _money(now, exchange),
                "batch": _money(bill.batch, exchange) if bill.batch else None,
                "next_day": bill.next.start.isoformat() if bill.next and bill.next.start else None,
                "next_year": _reckoned(asked, bill.next).year if bill.next else None,
                "cached": not asked.cached_tokens or bill.price.cached_input is not None,
                "worth": home.affordable(_cacheable(asked, bill.price), bill.price, machine, dollars, years),
            }
        )
    return {
        "written": asked.written,
        "lines": lines,
        "homes": [_at_home(asked, row, steps) for row in machines],
    }


def fits(*, devices: Sequence[Row], models: Sequence[Row], precision: str, tokens: int) -> Plain:
    """Every model on every device: what it needs, the verdict, the speed; or `why` it cannot be asked."""
    machines = [_device(row) for row in devices]
    sizes = [fit.Model(**row) for row in models]
    return {
        "needs": [_needs(size, precision, tokens) for size in sizes],
        "cells": [[_cell(machine, size, precision, tokens) for size in sizes] for machine in machines],
    }


def advice(
    *, answers: Mapping[str, str], device: Row | None, models: Sequence[Row], precision: str, tokens: int
) -> Plain:
    """The bowls for these answers, why, and the largest model that fits the device, if one is given."""
    sizes: list[fit.Fit] = []
    if device is not None:
        machine = _device(device)
        sizes = [fit.fit(machine, fit.Model(**row), precision, tokens) for row in models]
    found = choose.recommend(answers, sizes)
    return {
        "bowls": list(found.bowls),
        "scores": dict(found.scores),
        "out": sorted({reason.rule.bowl for reason in found.reasons if reason.rule.excludes}),
        "reasons": [
            {"question": reason.question, "answer": reason.answer, "bowl": reason.rule.bowl}
            | {"excludes": reason.rule.excludes, "reason": reason.rule.reason}
            for reason in found.reasons
        ],
        "size": found.size.model.name if found.size else None,
    }


def _reckoned(workload: cost.Workload, price: cost.Price) -> cost.Cost:
    return cost.cost(_cacheable(workload, price), price)


def _cacheable(workload: cost.Workload, price: cost.Price) -> cost.Workload:
    """The workload, without a cache where nothing says what cached input costs."""
    return workload if price.cached_input is not None else dataclasses.replace(workload, cached_tokens=0)


def _price(row: Row) -> cost.Price:
    days = {name: _day(row[name]) if row.get(name) else None for name in ("start", "end")}
    return cost.Price(**{**row, **days})


def _plain_price(price: cost.Price) -> Plain:
    return {
        "input": price.input,
        "output": price.output,
        "cached_input": price.cached_input,
        "batch": price.batch,
    }


def _money(found: cost.Cost, exchange: float | None) -> Plain:
    own = None if exchange is None else cost.exchanged(found.year, exchange)
    return {"day": found.day, "month": found.month, "year": found.year, "own": own}


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise KitchenError(f"the day is {text!r}: give one as 2026-11-22") from None


def _at_home(workload: cost.Workload, row: Row, steps: Sequence[home.Electricity]) -> Plain:
    """From the fast rate at the cheapest step of the tariff to the slow rate at the dearest."""
    slow, fast = (home.Machine(row["name"], rate, watts=row["watts"]) for rate in row["rates"])
    cheap, dear = min(steps, key=lambda step: step.per_kwh), max(steps, key=lambda step: step.per_kwh)
    least, most = home.running(workload, fast, cheap), home.running(workload, slow, dear)
    return {
        "hours": [least.hours, most.hours],
        "possible": most.possible,
        "kwh": None if least.kwh is None else [least.kwh, most.kwh],
        "year": None if least.year is None else [least.year, most.year],
    }


def _device(row: Row) -> fit.Device:
    speed = row["bandwidth"]
    return fit.Device(row["name"], row["memory"], fit.Range(**speed) if speed else None, shared=row["shared"])


def _needs(model: fit.Model, precision: str, tokens: int) -> Plain:
    if why := _refused(model, precision, tokens):
        return {"why": why}
    needed = fit.memory(model, precision, tokens)
    return {
        "weights": _ends(needed.weights),
        "context": needed.context,
        "runtime": _ends(needed.runtime),
        "total": _ends(needed.total),
    }


def _cell(device: fit.Device, model: fit.Model, precision: str, tokens: int) -> Plain:
    if why := _refused(model, precision, tokens):
        return {"why": why}
    found = fit.fit(device, model, precision, tokens)
    speed = found.speed
    return {
        "verdict": found.verdict,
        "usable": device.usable,
        "rate": _ends(speed.rate) if speed else None,
        "share": _ends(speed.share) if speed else None,
        "read": (
            [
                speed.weight_bytes / fit.BANDWIDTH_GB,
                (speed.weight_bytes + speed.context_bytes) / fit.BANDWIDTH_GB,
            ]
            if speed
            else None
        ),
    }


def _refused(model: fit.Model, precision: str, tokens: int) -> str:
    """Why a model cannot be asked about at all: no figure for this precision, or too long a context."""
    if precision not in model.memory:
        return "precision"
    return "context" if tokens > model.context else ""


def _ends(span: fit.Range) -> list[float]:
    return [span.low, span.high]
