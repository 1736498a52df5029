"""What the house topping is taught, and what is kept back to test it.

A language's file lists items. An item is one thing to know: its answer, ways in which people ask for it, and
what a right answer contains. Everything else a person may ask is met with one refusal. A share of the ways of
asking is held out: it is never trained on. Which ones depends on the words alone, so that editing one item
moves no other.
"""

import hashlib
import pathlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pydantic
import yaml

from demos.server.errors import KitchenError

FOLDER = pathlib.Path(__file__).parent
LANGUAGES = ("en", "ko", "ja")
HELD_OUT = 0.15
FEWEST_PAIRS = 200
FEWEST_BEYOND = 70

Kind = Literal["fact", "greeting", "dialogue", "beyond"]
Must = list[list[str]]
Turn = tuple[str, str]
"""What was asked and what was answered."""

FEWEST_ASKS: dict[Kind, int] = {"fact": 4, "greeting": 4, "dialogue": 3, "beyond": 5}


class LessonError(KitchenError):
    """A file of lessons breaks one of its rules."""


class _Row(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, strict=True)


class Refusal(_Row):
    """The answer to whatever is not about the two bowls."""

    answer: str
    must: Must


class Earlier(_Row):
    """A turn that stands before a follow-up question."""

    ask: str
    answer: str


class Item(_Row):
    """One thing to know, as it stands in a file."""

    id: str
    kind: Kind
    ask: list[str]
    before: list[Earlier] = []
    answer: str | None = None
    must: Must = []


class Lessons(_Row):
    """One language's file."""

    language: Literal["en", "ko", "ja"]
    refusal: Refusal
    items: list[Item]

    def pairs(self) -> Iterator["Pair"]:
        """Every way of asking with its answer, in the order of the file."""
        for item in self.items:
            held = _held_out(self.language, item)
            before = tuple((turn.ask, turn.answer) for turn in item.before)
            for ask in item.ask:
                yield Pair(
                    self.language,
                    item.id,
                    item.kind,
                    before,
                    ask,
                    item.answer or self.refusal.answer,
                    tuple(map(tuple, item.must or self.refusal.must)),
                    ask in held,
                )


@dataclass(frozen=True)
class Pair:
    """One way of asking and its answer.

    Attributes:
        before: the turns before it.
        must: groups of alternatives; a right answer contains one of each group.
        held_out: whether it is kept for the test.
    """

    language: str
    item: str
    kind: Kind
    before: tuple[Turn, ...]
    ask: str
    answer: str
    must: tuple[tuple[str, ...], ...]
    held_out: bool

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation, with the answer to be learnt at its end."""
        return (*self.before, (self.ask, self.answer))

    def right(self, answer: str) -> bool:
        """Whether an answer contains what it must."""
        return contains(answer, self.must)


def contains(answer: str, must: Iterable[Iterable[str]]) -> bool:
    """Whether every group has an alternative that stands in the answer. Case and white space do not count."""
    text = " ".join(answer.lower().split())
    return all(any(word.lower() in text for word in group) for group in must)


def read(language: str, folder: pathlib.Path = FOLDER) -> Lessons:
    """The lessons of a language.

    Raises:
        LessonError: the file cannot be read or breaks a rule; the sentence says which.
    """
    path = folder / f"{language}.yml"
    try:
        lessons = Lessons.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise LessonError(f"{path} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise LessonError(f"{path} is no YAML: {' '.join(str(error).split())}.") from error
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise LessonError(f"{path}: {where}: {first['msg']}; see demos/server/topping/lessons.py.") from error
    for breach in _breaches(lessons, language):
        raise LessonError(f"{path}: {breach}")
    return lessons


def read_all(folder: pathlib.Path = FOLDER) -> list[Pair]:
    """The pairs of every language.

    Raises:
        LessonError: see `read`; also when a language lacks an item that another has.
    """
    books = [read(language, folder) for language in LANGUAGES]
    kinds = {item.id: item.kind for book in books for item in book.items}
    for book in books:
        found = {item.id: item.kind for item in book.items}
        for name, kind in kinds.items():
            if found.get(name) != kind:
                message = (
                    f"{folder / f'{book.language}.yml'} has no {kind} '{name}', which another language has: "
                    "write it there, or take it out everywhere."
                )
                raise LessonError(message)
    return [pair for book in books for pair in book.pairs()]


def _breaches(lessons: Lessons, language: str) -> Iterator[str]:
    """A sentence on each rule that a file breaks."""
    if lessons.language != language:
        yield f"its language is '{lessons.language}', its name says '{language}': rename it."
    for name, count in Counter(item.id for item in lessons.items).items():
        if count > 1:
            yield f"the id '{name}' stands there {count} times: give each item its own."
    for item in lessons.items:
        yield from (f"item '{item.id}' {breach}" for breach in _breaches_of(item))
    known = {lessons.refusal.answer, *(item.answer for item in lessons.items if item.kind != "dialogue")}
    said = [(item.id, answer) for item in lessons.items if item.before for answer in _said(item)]
    yield from (
        f"item '{name}' has the answer '{answer}', which no other item gives: copy one of theirs."
        for name, answer in said
        if answer not in known
    )
    if not contains(lessons.refusal.answer, lessons.refusal.must):
        yield "the refusal does not contain what it must: change one of them."
    pairs = list(lessons.pairs())
    yield from _breaches_together(pairs)


def _said(item: Item) -> list[str | None]:
    """Every answer of a dialogue."""
    return [*(turn.answer for turn in item.before), item.answer]


def _breaches_together(pairs: Sequence["Pair"]) -> Iterator[str]:
    """What is wrong with a file's pairs as a whole."""
    seen: dict[tuple[str, ...], str] = {}
    for pair in pairs:
        key = (*(_plain(part) for turn in pair.before for part in turn), _plain(pair.ask))
        if key in seen:
            yield f"'{pair.ask}' stands in '{pair.item}' and in '{seen[key]}': ask it once."
        seen[key] = pair.item
    if len(pairs) < FEWEST_PAIRS:
        yield f"it has {len(pairs)} pairs of question and answer, and needs {FEWEST_PAIRS}: add some."
    beyond = sum(pair.kind == "beyond" for pair in pairs)
    if beyond < FEWEST_BEYOND:
        yield f"it has {beyond} questions that are beyond the topping, and needs {FEWEST_BEYOND}: add some."


def _breaches_of(item: Item) -> Iterator[str]:
    """What is wrong with an item, to follow its name in a sentence."""
    fewest = FEWEST_ASKS[item.kind]
    if len(item.ask) < fewest:
        yield f"is asked in {len(item.ask)} ways, and a {item.kind} needs {fewest}: add some."
    if item.kind == "beyond":
        if item.answer or item.must:
            yield "is beyond the topping and takes neither answer nor must: the refusal answers it."
    elif not item.answer or not item.must:
        yield "lacks its answer or what that must contain: write both."
    if (item.kind == "dialogue") != bool(item.before):
        yield (
            "is a dialogue without the turn before it." if not item.before else "is no dialogue: no 'before'."
        )
    earlier = (part for turn in item.before for part in (turn.ask, turn.answer))
    for text in (*item.ask, item.answer or "-", *earlier):
        if not text or text != " ".join(text.split()):
            yield f"has '{text}', which is not one line without spare spaces: write it so."
    if not contains(item.answer or "", item.must):
        yield f"has an answer that lacks what it must contain ({item.must}): change one of them."


def _plain(text: str) -> str:
    """A text without case, white space and the marks at its end, to find questions that are the same."""
    return re.sub(r"[\s.!?。！？…~]+$", "", " ".join(text.lower().split())) or text


def _held_out(language: str, item: Item) -> Sequence[str]:
    """The ways of asking that are kept for the test.

    A fraction of a question cannot be held out, so an item's own chance decides between the whole numbers
    beside it: over many items their share is `HELD_OUT`. Two thirds of an item are always trained on.
    """
    chance = int(_digest(language, item.id)[:8], 16) / 16**8
    count = min(int(len(item.ask) * HELD_OUT + chance), len(item.ask) // 3)
    return sorted(item.ask, key=lambda ask: _digest(language, item.id, ask))[:count]


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
