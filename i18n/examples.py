"""Model ids in examples: known to docs/data/models.yml, and not past their end.

A page that wants to talk about a model that is gone quotes its id with `fact`; one that is typed counts as an
example.
"""

import datetime as dt
import pathlib
import re
from collections.abc import Iterator

from i18n.data import GeminiModel
from i18n.facts import Book

TYPED = re.compile(r"\b(?:gemini-\d|gemma-4-)[\w.-]*\w", re.IGNORECASE)


def outdated(root: pathlib.Path, book: Book, today: dt.date) -> list[str]:
    """A sentence for every id in docs/*.md and docs/data/commands.yml that a reader should not copy today."""
    found = [
        f"docs/data/commands.yml: {key} {trouble}; use a stable model, {_stable(book, today)}, for example."
        for key in book.commands
        for trouble in _troubles(book.lines(key), book, today, example=True)
    ]
    for page in sorted((root / "docs").rglob("*.md")):
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
            found += [
                f"{page.relative_to(root).as_posix()}:{number}: this line {trouble}; use a stable model, or "
                'quote the id with fact("...") where the text is about its end.'
                for trouble in _troubles(line, book, today, example=False)
            ]
    return found


def _troubles(text: str, book: Book, today: dt.date, *, example: bool) -> Iterator[str]:
    gemini = {model.id: model for model in book.models.gemini.values()}
    gemma = [
        name.rpartition("/")[2].lower()
        for size in book.models.gemma.values()
        for name in (size.hf, size.hosted or size.hf)
    ]
    for name in dict.fromkeys(TYPED.findall(text)):
        small = name.lower()
        if small.startswith("gemma"):
            if not any(known.startswith(small) or small.startswith(known) for known in gemma):
                yield f"names {name}, which is not in docs/data/models.yml"
        elif name not in gemini:
            yield f"names {name}, which is not in docs/data/models.yml"
        elif trouble := _trouble(gemini[name], today, example=example):
            yield f"names {name}, which {trouble}"


def _trouble(model: GeminiModel, today: dt.date, *, example: bool) -> str:
    status = model.status(today)
    if status == "shutdown":
        return f"was shut down on {model.shutdown}"
    if model.shutdown:
        return f"shuts down on {model.shutdown}"
    if status == "deprecated":
        return f"is deprecated since {model.deprecated}"
    return "is a preview" if status == "preview" and example else ""


def _stable(book: Book, today: dt.date) -> str:
    """The id of the newest stable model with a free tier."""
    stable = [
        model for model in book.models.gemini.values() if model.status(today) == "stable" and model.free_tier
    ]
    return max(stable, key=lambda model: model.released).id if stable else "none"
