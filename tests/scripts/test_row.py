"""A figure beside a peer's: the ratio, the bound in words, and whether it holds."""

import pytest

from scripts.row import Row


@pytest.mark.parametrize(
    ("bound", "goal", "ok"),
    [
        ({"at_least": 2.0}, ">= 2x", True),
        ({"at_least": 2.6}, ">= 2.6x", False),
        ({"at_most": 0.8}, "<= 0.8x", False),
        ({"at_most": 2.5}, "<= 2.5x", True),
        ({}, None, None),
    ],
)
def test_a_bound_of_the_ratio_is_said_and_judged(bound, goal, ok):
    row = Row.beside("speed", "decode", 50, "tokens/s", ("a peer", 20), **bound)
    assert (row.ratio, row.goal, row.ok) == (2.5, goal, ok)
