"""What pages say of the house topping: its answers to the held-out questions that `evaluate` asked."""

import json
import pathlib

from i18n import formatting
from i18n.languages import Language

ROOT = pathlib.Path(__file__).resolve().parent.parent
TASTING = ROOT / "demos" / "server" / "topping" / "adapter" / "tasting.json"


def share(asked_in: str, language: Language) -> str:
    """The share of right answers about the bowls to questions in a language, as text in another.

    Args:
        asked_in: the code of the questions' language.
        language: of the text.
    """
    rows = json.loads(TASTING.read_text(encoding="utf-8"))["topping"][asked_in]
    right = [row["right"] for row in rows if row["kind"] != "beyond"]
    return formatting.percent(round(100 * sum(right) / len(right)), language)
