"""One figure that `make bench` reports, and the table of them."""

import dataclasses
from collections.abc import Iterable
from typing import Self

from rich.console import Console
from rich.table import Table


@dataclasses.dataclass(frozen=True)
class Row:
    """One measured figure; `ratio` is value / peer_value, `goal` a bound in words that `ok` answers."""

    area: str
    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None
    goal: str | None = None
    ok: bool | None = None

    @classmethod
    def beside(
        cls,
        area: str,
        name: str,
        value: float,
        unit: str,
        peer: tuple[str, float],
        *,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> Self:
        """A figure beside a peer's, whose name comes first, with a bound of their ratio where it has one."""
        ratio = value / peer[1]
        goal, ok = None, None
        if at_least is not None:
            goal, ok = f">= {at_least:g}x", ratio >= at_least
        elif at_most is not None:
            goal, ok = f"<= {at_most:g}x", ratio <= at_most
        return cls(area, name, value, unit, *peer, ratio, goal, ok)


def show(rows: Iterable[Row]) -> None:
    """Print rows as a table."""
    table = Table("area", "what", "value", "peer", "ratio", "goal", "ok")
    for row in rows:
        peer_value = f"{row.peer_value:.1f} {row.unit} ({row.peer})" if row.peer_value is not None else ""
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        ok = {True: "yes", False: "no", None: ""}[row.ok]
        table.add_row(
            row.area, row.name, f"{row.value:.1f} {row.unit}", peer_value, ratio, row.goal or "", ok
        )
    Console().print(table)
