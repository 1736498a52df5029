"""The words that a language of the site uses, and those that it does not: `i18n/glossary/<code>.yml`.

A language without such a file has no rules of its own. Names that stay in Latin letters
everywhere, and names that carry a number, stand once in `names.yml`.
"""

import dataclasses
import functools
import pathlib
import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Annotated

import pydantic

from i18n import marked_yaml, prose
from i18n.languages import Language

NAMES = "i18n/glossary/names.yml"
LATIN = re.compile(r"[A-Za-z0-9][\w.'’+-]*", re.ASCII)
DIGIT = re.compile(r"\d")


def _regex(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text} is not a regular expression: {error}") from None


Regex = Annotated[re.Pattern[str], pydantic.BeforeValidator(_regex)]


class _Shape(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Term(_Shape):
    """An English term (a regular expression for whole words), and the words one of which stands for it."""

    term: str
    wanted: tuple[str, ...] = pydantic.Field(min_length=1)

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        """The term as whole words, in small or capital letters."""
        return re.compile(rf"(?<![\w-])(?:{self.term})(?![\w])", re.IGNORECASE)


class Forbidden(_Shape):
    """A form (a regular expression) that must not stand, unless the English says `unless`."""

    form: Regex
    instead: str
    why: str
    unless: Regex | None = None


class Free(_Shape):
    """An English text that is said differently on purpose: its numbers and words are not compared."""

    text: str
    why: str


class Rules(_Shape):
    """i18n/glossary/<code>.yml. `pairs`: brackets and quotes that open and close, two characters each."""

    only_names_in_latin: bool = False
    pairs: tuple[Annotated[str, pydantic.StringConstraints(min_length=2, max_length=2)], ...] = ()
    terms: tuple[Term, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    free: tuple[Free, ...] = ()


class Names(_Shape):
    """i18n/glossary/names.yml: what may stay in Latin letters, and names whose digits are no figures."""

    latin: tuple[str, ...]
    numbered: tuple[Regex, ...]


@dataclasses.dataclass(frozen=True)
class Glossary:
    """The rules of one language."""

    file: str
    rules: Rules
    names: re.Pattern[str]

    def free(self, msgid: str) -> bool:
        """Whether this text is said differently on purpose."""
        return any(free.text == msgid for free in self.rules.free)

    def stale(self, msgids: AbstractSet[str]) -> list[str]:
        """A sentence for each text that the rules set free and that nobody says any more."""
        return [
            f'{self.file}: there is no text "{free.text}" any more; delete it from that file or correct it.'
            for free in self.rules.free
            if free.text not in msgids
        ]

    def says_more_than_names(self, text: str) -> bool:
        """Whether a text holds a word that is no name, so that it can be translated."""
        return bool(self._left_over(text))

    def findings(self, msgid: str, msgstr: str, *, terms: bool = True) -> Iterator[str]:
        """What is wrong with the words of a translation: half sentences that follow its name.

        Without `terms`, the words of the glossary are not asked for; what it forbids stays forbidden.
        """
        said = prose.seen(msgstr)
        for rule in self.rules.forbidden:
            found = rule.form.search(said)
            if found and not (rule.unless and rule.unless.search(msgid)):
                yield f'says "{found[0].strip()}" ({rule.why}); write {rule.instead}'
        for term in self.rules.terms if terms else ():
            found = term.pattern.search(prose.words(msgid))
            if found and not any(form in said for form in term.wanted):
                wanted = " or ".join(term.wanted)
                yield f'does not say {wanted} for the English "{found[0]}"; use the word of {self.file}'
        if mark := _unpaired(said, self.rules.pairs):
            yield f"has a {mark} without its other half; complete the pair"
        if self.rules.only_names_in_latin and not self.free(msgid) and (left := self._left_over(msgstr)):
            words = ", ".join(f'"{word}"' for word in left)
            yield f"has the English {words}; translate it, or allow it in {NAMES},"

    def _left_over(self, text: str) -> list[str]:
        """Words in Latin letters that are no names."""
        found = LATIN.findall(self.names.sub(" ", prose.words(text)))
        return [word.rstrip(".") for word in found if len(word) > 1 and not DIGIT.search(word)]


def _unpaired(text: str, pairs: Iterable[str]) -> str:
    """The first bracket or quote that does not open or close; empty if there is none."""
    opening = {pair[0]: pair[1] for pair in pairs}
    closing = set(opening.values())
    pending: list[str] = []
    for mark in text:
        if mark in opening:
            pending.append(mark)
        elif mark in closing:
            if not pending or opening[pending[-1]] != mark:
                return mark
            pending.pop()
    return pending[-1] if pending else ""


def load(root: pathlib.Path, language: Language) -> Glossary:
    """The rules of a language; without a file of them there are none.

    Raises:
        SiteError: a file has another shape.
    """
    path = root / "i18n" / "glossary" / f"{language.code}.yml"
    rules = marked_yaml.load(path, Rules, root) if path.is_file() else Rules()
    known = sorted(names(root).latin, key=len, reverse=True)
    pattern = rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, known))})(?![A-Za-z0-9])" if known else "(?!)"
    return Glossary(path.relative_to(root).as_posix(), rules, re.compile(pattern))


def names(root: pathlib.Path) -> Names:
    """The names of i18n/glossary/names.yml; without the file there are none.

    Raises:
        SiteError: it has another shape.
    """
    path = root / NAMES
    return marked_yaml.load(path, Names, root) if path.is_file() else Names(latin=(), numbered=())
