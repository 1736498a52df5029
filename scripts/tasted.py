"""What pages say of the house topping: how it was cooked, and how it answered the held-out questions."""

import csv
import functools
import json
import pathlib
from dataclasses import dataclass

from demos.server.topping import lessons
from i18n import formatting
from i18n.languages import Language

ROOT = pathlib.Path(__file__).resolve().parent.parent
ADAPTER = ROOT / "demos" / "server" / "topping" / "adapter"


@dataclass(frozen=True)
class Recipe:
    """How the adapter was made.

    Attributes:
        rank: columns of each low-rank matrix.
        things: what each language's lessons teach it to say, the refusal aside.
        held_out: share of the ways to ask that it was never trained on.
        epochs: times that it saw all the others.
    """

    rank: int
    things: int
    held_out: float
    epochs: int


@functools.cache
def recipe() -> Recipe:
    """Read from the adapter and from the lessons.

    Raises:
        LessonError: the English lessons break one of their rules.
    """
    steps = list(csv.DictReader((ADAPTER / "loss.csv").read_text("utf-8").splitlines()))
    return Recipe(
        rank=json.loads((ADAPTER / "adapter_config.json").read_text("utf-8"))["r"],
        things=sum(item.kind != "beyond" for item in lessons.read("en").items),
        held_out=lessons.HELD_OUT,
        epochs=int(steps[-1]["epoch"]),
    )


def share(asked_in: str, language: Language) -> str:
    """The share of right answers about the bowls to questions in a language, as text in another.

    Args:
        asked_in: the code of the questions' language.
        language: of the text.
    """
    rows = json.loads((ADAPTER / "tasting.json").read_text("utf-8"))["topping"][asked_in]
    right = [row["right"] for row in rows if row["kind"] != "beyond"]
    return formatting.percent(round(100 * sum(right) / len(right)), language)
