"""The shapes of what a topping is taught to begin with, and of trainings that were recorded."""

import datetime as dt

import pydantic

from i18n.data import Anchor, Marked, Shape


class Example(Shape):
    """A question, and the answer that a topping is to learn."""

    question: Marked
    answer: Marked


class Starter(Shape):
    """A set of examples to begin with."""

    id: Anchor
    name: Marked
    about: Marked
    examples: tuple[Example, ...] = pydantic.Field(min_length=8)


class Starters(Shape):
    """docs/data/starters.yml. `tastes`: questions that no set teaches."""

    starters: tuple[Starter, ...]
    tastes: tuple[Marked, ...]


class Bite(Shape):
    """One question, and what was answered without the topping and with it."""

    question: str
    before: str
    after: str


class Seasoning(Shape):
    """One recorded training, as measured.."""

    language: str
    starter: Anchor
    date: dt.date
    machine: str
    model: str
    examples: int
    seconds: float
    losses: tuple[float, ...] = pydantic.Field(min_length=2)
    memory_bytes: int
    bites: tuple[Bite, ...]


class Seasonings(Shape):
    """docs/data/seasonings.yml."""

    seasonings: tuple[Seasoning, ...]
