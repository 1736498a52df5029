"""The toppings that a person trained, on disk: a folder for each, which is whole or not there at all.

A folder is made beside its place and moved there, and moved away before it is deleted, so that whatever ends
this process in between leaves no half adapter; what it does leave is cleared away before the next training.
Folders go by a hash of the topping's name: no name is a path, and two that a file system takes for one are
one here, too. Knows no model and no HTTP.
"""

import hashlib
import json
import logging
import os
import pathlib
import shutil
import unicodedata
from dataclasses import asdict, dataclass

from demos.server.errors import ConflictError, UnknownAdapterError, WishError

LOG = logging.getLogger(__name__)
HOUSE, BASE = "house", "base"
"""The topping that comes along, and what an order calls none at all: nobody else gets these names."""

LONGEST_NAME = 40
"""Characters."""
MOST_MARKS = 4
"""Characters that may become one in the normal form. Python's way there takes the square of their number."""
RESERVED = frozenset({HOUSE, BASE})
DETAILS = "topping.json"
PARTIAL, GONE = ".partial", ".gone"


@dataclass(frozen=True)
class Topping:
    """What is known of a topping besides its weights.

    Attributes:
        created: when it was trained, ISO 8601 in UTC.
        examples: how many it learnt from.
        losses: of each step of its training, in nats.
    """

    name: str
    created: str
    examples: int
    losses: tuple[float, ...]


def checked(name: str) -> str:
    """A name in its normal form.

    Raises:
        WishError: it is not one.
        ConflictError: it is taken by the house.
    """
    stripped = name.strip()
    short = len(stripped) <= LONGEST_NAME * MOST_MARKS
    normal = unicodedata.normalize("NFC", stripped) if short else ""
    kinds = [unicodedata.category(character)[0] for character in normal]
    letters = all(kind in "LMN" or character in " -_" for kind, character in zip(kinds, normal, strict=True))
    if not kinds or len(normal) > LONGEST_NAME or not letters or kinds[0] not in "LN":
        message = (
            f"'{name[:LONGEST_NAME]}' is no name for a topping: take 1 to {LONGEST_NAME} letters and digits "
            "of any script, with blanks, - and _ between them."
        )
        raise WishError(message, param="name", code="bad_topping_name")
    if normal.casefold() in RESERVED:
        raise ConflictError(
            f"'{normal}' is the kitchen's own name: call the topping something else.",
            param="name",
            code="topping_exists",
        )
    return normal


class Kept:
    """The toppings of one base model."""

    def __init__(self, folder: pathlib.Path) -> None:
        """Look at a folder, which need not be there yet."""
        self.folder = folder

    def all(self) -> list[Topping]:
        """The toppings, the oldest first; what cannot be read as one is left out."""
        found = []
        for path in sorted(self.folder.glob(f"*/{DETAILS}")):
            if path.parent.suffix not in {PARTIAL, GONE}:
                try:
                    values = json.loads(path.read_text(encoding="utf-8"))
                    topping = Topping(**{**values, "losses": tuple(map(float, values["losses"]))})
                except (OSError, ValueError, TypeError, KeyError) as error:
                    LOG.warning("a kept topping cannot be read: %s", type(error).__name__)
                else:
                    found.append(topping)
        return sorted(found, key=lambda topping: (topping.created, topping.name))

    def place(self, name: str) -> pathlib.Path:
        """The folder of a topping, whether it is there or not."""
        return self.folder / hashlib.sha256(name.casefold().encode()).hexdigest()[:32]

    def partial(self, name: str) -> pathlib.Path:
        """Where a topping is made."""
        return self.place(name).with_suffix(PARTIAL)

    def find(self, name: str) -> Topping | None:
        """A topping by its name, in small letters or large."""
        return next((topping for topping in self.all() if self.place(topping.name) == self.place(name)), None)

    def keep(self, topping: Topping) -> pathlib.Path:
        """Take the weights that lie at `partial` for a topping.

        Raises:
            OSError: the folder cannot be written.
        """
        partial, place = self.partial(topping.name), self.place(topping.name)
        text = json.dumps(asdict(topping), ensure_ascii=False, indent=1)
        (partial / DETAILS).write_text(text, encoding="utf-8")
        os.replace(partial, place)  # noqa: PTH105
        return place

    def remove(self, name: str) -> str:
        """Delete a topping; its name as it was written.

        Raises:
            UnknownAdapterError: there is none.
            OSError: the folder cannot be changed.
        """
        topping = self.find(name)
        if topping is None:
            raise UnknownAdapterError(f"There is no topping '{name[:LONGEST_NAME]}' to delete.", param="name")
        gone = self.place(name).with_suffix(GONE)
        shutil.rmtree(gone, ignore_errors=True)
        os.replace(self.place(name), gone)  # noqa: PTH105
        shutil.rmtree(gone, ignore_errors=True)
        return topping.name

    def clear(self) -> None:
        """Take away what was left half done. For whoever trains, and nobody beside them."""
        for suffix in (PARTIAL, GONE):
            for path in self.folder.glob(f"*{suffix}"):
                shutil.rmtree(path, ignore_errors=True)
