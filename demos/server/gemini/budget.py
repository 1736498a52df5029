"""The purse of one server: what the restaurant may cost until the server is started again.

An order is taken only where the worst that it can cost still fits beside what is spent and what the orders
under way may cost. That worst case is reckoned here, from the order alone: nothing is sent to count it, so an
order that is refused has not left this machine. Afterwards the API's own usage is what counts.

A key without billing pays nothing, and no key says of which kind it is. So money is counted as if every
answer were paid. Safe from any thread.
"""

import threading

from demos.server.errors import KitchenError


class BudgetSpentError(KitchenError):
    """What an order may cost does not fit into what is left."""


class Budget:
    """USD that may be spent, and where they are."""

    def __init__(self, limit_usd: float = 0.5) -> None:
        """Open the purse.

        Raises:
            KitchenError: the limit is no amount of money.
        """
        if not 0 <= limit_usd < float("inf"):
            raise KitchenError(f"The budget is {limit_usd!r}: give dollars, 0 or more.")
        self.limit_usd = limit_usd
        self._spent = self._unreported = self._held = 0.0
        self._lock = threading.Lock()

    @property
    def spent_usd(self) -> float:
        """The price of what the API reported."""
        return self._spent

    @property
    def unreported_usd(self) -> float:
        """The most that answers cost which ended before the API had reported their last token."""
        return self._unreported

    @property
    def held_usd(self) -> float:
        """The most that the orders under way can cost."""
        return self._held

    def hold(self, worst_usd: float, what: str) -> "Hold":
        """Set money aside for an order.

        Args:
            worst_usd: the most that it can cost.
            what: the name of the model, for the sentence.

        Raises:
            BudgetSpentError: it does not fit.
        """
        with self._lock:
            gone = self._spent + self._unreported + self._held
            if worst_usd > 0 and gone + worst_usd > self.limit_usd:
                raise BudgetSpentError(
                    f"This server may spend {dollars(self.limit_usd)} on Gemini, {dollars(gone)} of it is "
                    f"gone or set aside, and an answer of {what} could cost {dollars(worst_usd)}: ask for "
                    "fewer tokens or less thinking, or start the server again with a larger budget."
                )
            self._held += worst_usd
        return Hold(self, worst_usd)

    def settle(self, held: float, spent: float, unreported: float) -> None:
        """What became of the money of a `Hold`, which calls this."""
        with self._lock:
            self._held = max(0.0, self._held - held)
            self._spent += spent
            self._unreported += unreported


class Hold:
    """Money that is set aside for one order until it is settled, which happens once."""

    def __init__(self, budget: Budget, usd: float) -> None:
        """Remember what was set aside."""
        self._budget = budget
        self._usd = usd
        self._lock = threading.Lock()
        self._settled = False

    def settle(self, spent_usd: float = 0.0, unreported_usd: float = 0.0) -> None:
        """Book what was spent and free the rest; a second call does nothing."""
        with self._lock:
            if self._settled:
                return
            self._settled = True
        self._budget.settle(self._usd, spent_usd, unreported_usd)


def dollars(usd: float) -> str:
    """Money as these sentences write it: "$0.50", and below a cent "$0.0014"."""
    return f"${usd:.2f}" if usd == 0 or usd >= 0.01 else f"${usd:.4f}"  # noqa: PLR2004 - a cent
