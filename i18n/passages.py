"""The shapes of the files in docs/data that are mostly words: commands, myths, demos, rows, recordings."""

import datetime as dt
import math
from typing import Annotated, Any, Literal

import pydantic

from i18n.data import Anchor, Key, Marked, Shape


class Command(Shape):
    """An example to copy. Lines quote values, `%(gemma_e2b_ollama)s`; `run` is the day it was run here."""

    title: Marked
    language: Literal["console", "python"]
    needs: Marked
    lines: Annotated[tuple[str, ...], pydantic.Field(min_length=1)]
    run: dt.date | None = None
    sources: tuple[Key, ...] = ()


class Commands(Shape):
    """docs/data/commands.yml."""

    commands: dict[Key, Command]


class Myth(Shape):
    """A claim that readers meet elsewhere, our verdict, and the answer, which may quote facts: `%(id)s`."""

    id: Anchor
    topic: Literal["family", "skills", "words", "money"]
    claim: Marked
    verdict: Literal["myth", "half", "outdated", "true"]
    answer: Marked
    sources: tuple[Key, ...] = ()
    page: str
    more: Marked


class Myths(Shape):
    """docs/data/myths.yml. `page` is appended to the language's home."""

    myths: tuple[Myth, ...]


class Demo(Shape):
    """A demo that a reader can use today: live, or as a table on its page."""

    id: Anchor
    title: Marked
    learn: Marked
    needs: Marked
    page: str
    state: Literal["live", "table"]


class Demos(Shape):
    """docs/data/demos.yml. `page` is appended to the language's home."""

    demos: tuple[Demo, ...]


class Tasting(Shape):
    """One recorded answer of the local model, as measured."""

    language: str
    date: dt.date
    machine: str
    model: str
    prompt: str
    answer: str
    ttft_ms: float
    tokens: int
    tokens_per_second: float


class Tastings(Shape):
    """docs/data/tastings.yml."""

    tastings: tuple[Tasting, ...]


class Odds(Shape):
    """A token and the natural logarithm of its probability. `half`: its bytes where they are no text."""

    id: int
    text: str
    half: str | None = None
    logprob: float

    @property
    def share(self) -> float:
        """Its probability."""
        return math.exp(self.logprob)

    @property
    def told(self) -> dict[str, Any]:
        """OpenAI's object for it; the bytes of a text are left out."""
        known = {} if self.half is None else {"bytes": [*bytes.fromhex(self.half)]}
        return {"id": self.id, "token": self.text, "logprob": self.logprob, **known}


class Drawn(Odds):
    """A token that was drawn, and the likeliest ones at its place, the likeliest first."""

    others: tuple[Odds, ...]

    @property
    def told(self) -> dict[str, Any]:
        """OpenAI's object for it, as a server tells it."""
        return super().told | {"top_logprobs": [other.told for other in self.others]}


class Pot(Shape):
    """A text that the local model went on with, and the odds at every place, as recorded."""

    language: str
    date: dt.date
    machine: str
    model: str
    model_id: str
    temperature: float
    seed: int
    prompt: str
    prompt_ids: tuple[int, ...]
    tokens: tuple[Drawn, ...]

    @property
    def told(self) -> dict[str, Any]:
        """What demos/web/token-pot.js looks into."""
        tokens = [token.told for token in self.tokens]
        names = {"model_id": self.model_id, "prompt": self.prompt, "prompt_ids": [*self.prompt_ids]}
        return names | {"tokens": tokens}


class Pots(Shape):
    """docs/data/pots.yml."""

    pots: tuple[Pot, ...]


class Bowl(Shape):
    """One answer by a recipe, and what of the recipe was changed for it: "" for nothing."""

    changed: Literal["", "seed", "temperature"]
    sha256: Annotated[str, pydantic.StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    text: str


class Recipe(Shape):
    """One question, its seed and temperature, and the answers, as recorded."""

    language: str
    date: dt.date
    machine: str
    model: str
    seed: int
    temperature: float
    prompt: str
    bowls: tuple[Bowl, ...]


class Recipes(Shape):
    """docs/data/recipes.yml."""

    recipes: tuple[Recipe, ...]


class Cell(Shape):
    """What one bowl says in one row. The text may quote facts: `%(id)s`."""

    text: Marked
    sources: tuple[Key, ...] = ()


Concern = Literal["privacy", "cost", "offline", "quality", "customising", "setup", "trust"]


class Row(Shape):
    """One row of the comparison, and the same said in ramen. `concerns`: what a reader may filter by."""

    id: Key
    concerns: tuple[Concern, ...] = pydantic.Field(min_length=1)
    title: Marked
    gemini: Cell
    gemma: Cell
    ramen: Marked


class Comparison(Shape):
    """docs/data/comparison.yml."""

    rows: tuple[Row, ...]
