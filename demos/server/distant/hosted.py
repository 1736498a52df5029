"""What the restaurant serves: models that run on somebody else's machines, their prices and their last day.

Plain data and arithmetic; knows neither the API nor docs/data, from which `scripts.restaurant` fills it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from demos.kitchen.cost import Price, Workload, cost
from demos.server.engine import ModelCard

ApiVersion = Literal["v1", "v1beta"]


@dataclass(frozen=True)
class Usage:
    """Tokens of one answer as the API counts them. All of `thought` and `answer` is billed as output.

    Attributes:
        prompt: what was sent, pictures and cached tokens included.
        cached: those of `prompt` that a cache already held.
    """

    prompt: int = 0
    answer: int = 0
    thought: int = 0
    cached: int = 0

    @property
    def output(self) -> int:
        """Tokens that the model wrote."""
        return self.answer + self.thought


@dataclass(frozen=True)
class HostedModel:
    """One model of the Gemini API.

    Attributes:
        id: what the API calls it, "gemini-4-hydrogen" (and Gemini 4 is not Gemma 4).
        prices: each with the days on which it is in force; prices of 0 where no paid tier exists.
        version: of the API, in which the model is documented.
        free_tier: whether a key without billing may ask it; None where no source says.
        thinking: the levels that it takes, the lowest first; empty where they are not known.
        thinking_default: the level when none is asked for.
        sampling: whether temperature, top_p and top_k still mean something to it.
        shutdown: the first day on which it no longer answers.
    """

    id: str
    name: str
    prices: tuple[Price, ...]
    version: ApiVersion = "v1"
    free_tier: bool | None = None
    thinking: tuple[str, ...] = ()
    thinking_default: str | None = None
    sampling: bool = False
    shutdown: dt.date | None = None
    parameters: int | None = None
    license: str | None = None
    license_url: str | None = None

    def card(self, host: str) -> ModelCard:
        """The model as the page introduces it."""
        return ModelCard(
            self.id,
            self.name,
            parameters=self.parameters,
            license=self.license,
            license_url=self.license_url,
            host=host,
            images=True,
            thinking=bool(self.thinking),
            texts=False,
        )

    def price(self, day: dt.date) -> Price | None:
        """The price in force on a day, None where none is known."""
        return next((price for price in self.prices if price.in_force(day)), None)


def usd(usage: Usage, price: Price) -> float:
    """What an answer costs (the formula stands in `demos.kitchen.cost`).

    Input from the cache is billed as fresh input where no price for it is known: rather too much than too
    little.
    """
    cached = usage.cached if price.cached_input is not None else 0
    return cost(Workload(1, usage.prompt, usage.answer, usage.thought, min(cached, usage.prompt)), price).day
