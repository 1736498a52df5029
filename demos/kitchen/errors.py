"""The one error of the kitchen, and the check of a number that every part needs."""

import math


class KitchenError(ValueError):
    """Input that cannot be reckoned with: one sentence to show to the person who gave it."""


def amount(value: float, what: str, *, positive: bool = False, whole: bool = False) -> None:
    """Check that a value is a finite number of 0 or more (`positive`: more than 0; `whole`: an integer).

    Raises:
        KitchenError: it is not; `what` opens the sentence.
    """
    kind = int if whole else (int, float)
    number = isinstance(value, kind) and not isinstance(value, bool) and math.isfinite(value)
    if not number or value < 0 or (positive and value == 0):
        wanted = ("a whole number" if whole else "a number") + (" above 0" if positive else " of 0 or more")
        raise KitchenError(f"{what} is {value!r}: give {wanted}")
