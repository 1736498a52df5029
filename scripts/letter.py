"""The request that the restaurant gets for a question, for the page that shows it.

The SDK writes it (demos/server/gemini/letter.py), for the model that the taste test offers first and with the
settings that it begins with. Building the site needs no SDK: the page reads docs/data/letter.json, a test
compares that file with what the SDK writes, and this writes it anew:

    python -m scripts.letter
"""

import asyncio
import json
import pathlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from i18n import facts
from i18n.facts import Book

if TYPE_CHECKING:
    from demos.server.gemini.letter import Letter

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "data" / "letter.json"
# What stands in the form of the taste test before anybody touches it: a browser test compares the two.
LONGEST, TEMPERATURE = 128, 0
QUESTION = "Is Gemma the same as Gemini?"


@dataclass(frozen=True)
class Shown:
    """The request as the page shows it.

    Attributes:
        host: where it goes.
        path: of its address.
        body: JSON, indented for reading.
        around: how many bytes the body has without the question.
    """

    host: str
    path: str
    body: str
    around: int


def shown(question: str) -> Shown:
    """The request for a question.

    The SDK's JSON is ASCII with blanks after its commas and colons, as Python writes it; so are its bytes.
    """
    letter = json.loads(FILE.read_text("utf-8"))
    body = letter["body"]
    part = body["contents"][0]["parts"][0]
    part["text"] = ""
    around = len(json.dumps(body))
    part["text"] = question
    return Shown(letter["host"], letter["path"], json.dumps(body, ensure_ascii=False, indent=2), around)


def written(book: Book, question: str = QUESTION) -> "Letter":
    """What the SDK writes.

    The model is the menu's first one on the day on which the models were last checked.
    """
    from demos.server.engine import Message, Order  # noqa: PLC0415
    from demos.server.gemini import engine as gemini  # noqa: PLC0415 - building the site needs no SDK
    from demos.server.gemini import letter  # noqa: PLC0415
    from scripts import restaurant  # noqa: PLC0415

    model = restaurant.menu(book, book.models.checked)[0]
    order = Order((Message("user", question),), LONGEST, temperature=TEMPERATURE)
    return asyncio.run(letter.written(order, model, gemini.ADDRESS))


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(written(facts.load(ROOT)).shown, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
