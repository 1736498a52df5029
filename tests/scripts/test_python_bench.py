"""What the benchmark says of Python in the pages, from visits that are made up."""

import pytest

from scripts import demos_bench, python_bench
from scripts.python_bench import Visit, figures

VISITS = [
    (Visit(4.0, 300_000, 7_000_000, 90), Visit(1.0, 300_000, 300_000, 0)),
    (Visit(3.0, 300_000, 7_000_000, 60), Visit(2.0, 300_000, 300_000, 70)),
    (Visit(9.0, 300_000, 7_000_000, 80), Visit(1.5, 300_000, 300_000, 0)),
]


def named(visits):
    return {row.name.partition(": ")[2]: row for row in figures("receipt", visits)}


def test_a_demo_is_told_in_five_figures_medians_of_its_visits():
    rows = named(VISITS)
    assert rows["first result, new visitor"].value == 4.0
    again = rows["first result, again"]
    assert (again.value, again.ratio, again.goal, again.ok) == (1.5, 0.375, "under 1 s", False)
    assert (rows["page before use"].value, rows["page after use"].value) == (0.3, 7.0)
    assert (rows["longest task"].value, rows["longest task"].ok) == (90, True)


@pytest.mark.parametrize("at", [0, 1])
def test_one_visit_that_blocks_the_page_is_enough_to_fail_a_demo(at):
    pair = list(VISITS[2])
    pair[at] = Visit(1.0, 300_000, 7_000_000, 260)
    task = named([*VISITS[:2], tuple(pair)])["longest task"]
    assert (task.value, task.ok) == (260, False)


def test_all_twelve_demos_are_weighed_once():
    tags = [tag for _, tag, *_ in (*python_bench.DEMOS.values(), *demos_bench.DEMOS.values())]
    assert len(set(tags)) == len(tags) == 12
