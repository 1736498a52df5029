"""The gate: what must be true of every text and every translation before the site is built.

Each finding is one sentence with the line of the English source, the text, and what to do. What a language
wants of its words and marks is data (i18n/glossary/); figures that a page types are found by i18n/typed.py.
"""

import pathlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from babel.messages.catalog import Catalog

from i18n import catalog as catalogs
from i18n import facts, figures, glossary, typed
from i18n.extract import Message
from i18n.glossary import Glossary
from i18n.languages import TRANSLATED, Language
from i18n.prose import PLACEHOLDER

# Where a text goes through Python's % operator, so that a lone per cent sign would end the build.
FORMATTED = frozenset({"pages", "theme", "data"})
LONE_PERCENT = re.compile(r"%(?!\(\w+\)s|%)")
# What a translation must carry over unchanged: how a finding calls it, and how it looks.
CARRIED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("inline code", re.compile(r"`[^`]+`|<code>.*?</code>")),
    ("link targets", re.compile(r"\]\(([^)\s]+)\)|href=\"([^\"]+)\"")),
    ("heading ids", re.compile(r"\{:? ?#[\w-]+ ?\}")),
    ("HTML tags", re.compile(r"</?([a-z][a-z0-9]*)")),
    ("bold marks", re.compile(r"\*\*")),
)
# Scripts without italics may leave them out, all of them.
ITALIC = re.compile(r"(?<![*\\])\*(?=[^\s*])[^*]+(?<=\S)\*(?!\*)")
# A bubble has room for few words, and its picture says who speaks of what.
FREE_OF_TERMS = frozenset({"comics"})
# What a reader types into the search box, in any spelling; it shows nowhere.
TYPED_BY_READERS = frozenset({"search"})
SPACES = re.compile(r"^\s|\s$|\s{2,}")
SHOWN = 60


def check(
    root: pathlib.Path, messages: Iterable[Message], languages: Iterable[Language] = TRANSLATED
) -> list[str]:
    """A sentence for everything that is wrong with the texts, then with the catalogs, in source order.

    Raises:
        SiteError: a catalog, a glossary or a data file is not readable.
    """
    messages = list(messages)
    findings = typed.check(root, messages, facts.load(root))
    for language in languages:
        catalog, words = catalogs.load(root, language), glossary.load(root, language)
        findings += [
            f"{message.file}:{message.line}: {finding}"
            for message in messages
            for finding in _findings(message, catalog, words, language)
        ]
        findings += words.stale({message.msgid for message in messages})
    return findings


def _findings(message: Message, catalog: Catalog, words: Glossary, language: Language) -> Iterator[str]:
    entry = catalog.get(message.msgid)
    subject = f'the {language.english} text for "{_shortened(message.msgid)}"'
    where = f"i18n/locale/{language.code}/LC_MESSAGES/messages.po"
    if entry is None or not entry.string:
        yield f"{subject} is missing; run make i18n and fill in its msgstr in {where}."
        return
    if entry.fuzzy:
        yield (
            f"{subject} is fuzzy, because the English changed; correct its msgstr in {where} and delete the "
            "word fuzzy above it."
        )
        return
    translated = str(entry.string)
    if message.area in FORMATTED and LONE_PERCENT.search(translated):
        yield f"{subject} has a lone % in {where}; write %% for a per cent sign."
        return
    if message.area in TYPED_BY_READERS:
        return
    free = words.free(message.msgid)
    if translated == message.msgid and not free and words.says_more_than_names(translated):
        yield f"{subject} is still the English; translate it in {where}."
        return
    for finding in _not_carried(message.msgid, translated, free=free):
        yield f"{subject} {finding}; make them the same in {where}."
    if SPACES.search(translated) and not SPACES.search(message.msgid):
        yield f"{subject} has a space too many; remove it in {where}."
    for finding in words.findings(message.msgid, translated, terms=message.area not in FREE_OF_TERMS):
        yield f"{subject} {finding} in {where}."


def _not_carried(msgid: str, msgstr: str, *, free: bool) -> Iterator[str]:
    """What a translation should have kept as it is and did not; the numbers of a `free` one may differ."""
    compared = {"placeholders": (set(PLACEHOLDER.findall(msgid)), set(PLACEHOLDER.findall(msgstr)))}
    if not free and not figures.same(msgid, msgstr):
        compared["numbers"] = (figures.numbers(msgid), figures.numbers(msgstr))
    for name, (source, target) in compared.items():
        if source != target:
            yield f"has the {name} {_listed(target)}, the English has {_listed(source)}"
    for name, pattern in CARRIED:
        if Counter(pattern.findall(msgid)) != Counter(pattern.findall(msgstr)):
            yield f"has other {name} than the English"
    if len(ITALIC.findall(msgstr)) not in {0, len(ITALIC.findall(msgid))}:
        yield "has other italic marks than the English"


def _shortened(msgid: str) -> str:
    return msgid if len(msgid) <= SHOWN else msgid[: SHOWN - 1] + "…"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
