"""Toppings: what is kept, what may be wished for, and how far a training is."""

from typing import Any, Literal

from pydantic import Field

from demos.server.api.schemas.base import Error, Shape


class ToppingLimits(Shape):
    """What a wish for a topping may be: least and most, or most."""

    examples: tuple[int, int]
    steps: tuple[int, int]
    question: int = Field(description="Characters.")
    answer: int = Field(description="Characters.")
    name: int = Field(description="Characters.")
    kept: int = Field(description="Toppings.")


class TrainingMemory(Shape):
    """What a training takes while it runs, and what is free."""

    needed_bytes: int | None
    free_bytes: int


class Refusal(Shape):
    """Why no topping can be trained here, or not yet."""

    message: str
    code: str


class Training(Shape):
    """How far a training is."""

    name: str
    state: Literal["loading", "training", "done", "cancelled", "failed"]
    step: int
    of: int
    losses: list[float] = Field(description="Of each step done, in nats.")
    seconds_left: float | None
    reason: str | None
    code: str | None


class Topping(Shape):
    """A topping that orders can ask for."""

    name: str
    house: bool = Field(description="Whether it came with the kitchen, and stays.")
    created: str | None
    examples: int
    losses: list[float]
    memory_bytes: int | None = Field(
        description="What it takes beside the model; null where it does not fit."
    )


class Toppings(Shape):
    """What is kept and what is being trained."""

    model: str | None
    refusal: Refusal | None
    limits: ToppingLimits
    memory: TrainingMemory
    training: Training | None = Field(description="The last one, until the server ends.")
    toppings: list[Topping]


FOLLOWED: dict[str, Any] = {
    "text/event-stream": {
        "schema": {"description": "An event a step, with its loss, then one for the end; the last is [DONE]."}
    }
}
"""The content of a training that is followed."""
TRAINING_ERRORS: dict[int | str, dict[str, Any]] = {
    409: {"model": Error, "description": "The name is taken, another training runs, or too many are kept."},
    507: {"model": Error, "description": "There is not enough memory or disk."},
}
