"""The gate: what must be true of every translation before the site is built.

Each finding is one sentence with the line of the English source, the text, and what to do.
"""

import pathlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from babel.messages.catalog import Catalog

from i18n import catalog as catalogs
from i18n.extract import Message
from i18n.languages import TRANSLATED, Language

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
# Where a text goes through Python's % operator, so that a lone per cent sign would end the build.
FORMATTED = frozenset({"pages", "theme", "data"})
LONE_PERCENT = re.compile(r"%(?!\(\w+\)s|%)")
# What a translation must carry over unchanged: how a finding calls it, and how it looks.
CARRIED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("inline code", re.compile(r"`[^`]+`|<code>.*?</code>")),
    ("link targets", re.compile(r"\]\(([^)\s]+)\)|href=\"([^\"]+)\"")),
    ("heading ids", re.compile(r"\{:? ?#[\w-]+ ?\}")),
    ("HTML tags", re.compile(r"</?([a-z][a-z0-9]*)")),
)
SHOWN = 60


def check(root: pathlib.Path, messages: Iterable[Message]) -> list[str]:
    """A sentence for everything that is wrong with the catalogs, in source order per language."""
    messages = list(messages)
    return [
        f"{message.file}:{message.line}: {finding}"
        for language in TRANSLATED
        for catalog in [catalogs.load(root, language)]
        for message in messages
        for finding in _findings(message, catalog, language)
    ]


def _findings(message: Message, catalog: Catalog, language: Language) -> Iterator[str]:
    entry = catalog.get(message.msgid)
    shown = message.msgid if len(message.msgid) <= SHOWN else message.msgid[: SHOWN - 1] + "…"
    subject = f'the {language.english} text for "{shown}"'
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
    if set(PLACEHOLDER.findall(message.msgid)) != (found := set(PLACEHOLDER.findall(translated))):
        wanted = sorted(set(PLACEHOLDER.findall(message.msgid)))
        yield (
            f"{subject} has the placeholders {_listed(found)}, the English has {_listed(wanted)}; make them "
            f"the same in {where}."
        )
    for name, pattern in CARRIED:
        source, target = Counter(pattern.findall(message.msgid)), Counter(pattern.findall(translated))
        if source != target:
            yield f"{subject} has other {name} than the English; make them the same in {where}."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
