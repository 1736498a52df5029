"""One figure that `make bench` reports."""

import dataclasses


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
