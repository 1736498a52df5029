"""The restaurant: its menu, the purse, and a request as it would leave."""

from typing import Any

from pydantic import Field

from demos.server.api.schemas.base import Shape


class HostedPrice(Shape):
    """USD per million tokens, today."""

    input: float
    output: float
    cached_input: float | None
    until: str | None = Field(description="The last day on which it is in force, where that is known.")


class HostedModel(Shape):
    """One model that cooks elsewhere."""

    id: str
    label: str
    free_tier: bool | None
    thinking: bool
    sampling: bool = Field(description="Whether temperature and the like mean something to it.")
    price: HostedPrice | None


class Purse(Shape):
    """USD: what the server may spend, and where they are."""

    limit_usd: float
    spent_usd: float
    unreported_usd: float
    held_usd: float


class Restaurant(Shape):
    """The menu of the Gemini API."""

    open: bool = Field(description="Whether this server has a key.")
    host: str
    day: str
    models: list[HostedModel]
    budget: Purse | None


class Letter(Shape):
    """A request as it would leave."""

    host: str
    path: str
    bytes: int
    body: dict[str, Any]
