"""Catalogs: read a .po, turn it into a translate function, bring it up to date with the sources.

The .po is read at build time; there is no .mo to forget. Line numbers are not written into it (they would
churn with every edit above a string): the gate takes them from a fresh extraction.
"""

import difflib
import io
import pathlib
from collections.abc import Callable, Iterable

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import PoFileError, read_po, write_po

from i18n.errors import SiteError
from i18n.extract import Message
from i18n.languages import SOURCE, Language

Translate = Callable[[str], str]
HEADER = "# {english} texts of Two Bowls.\n# Kept up to date by `make i18n`; edit the msgstr lines.\n#"
LIKENESS = 0.6
MARKER = "[en] "


def path(root: pathlib.Path, language: Language) -> pathlib.Path:
    """Where a language's catalog lies."""
    return root / "i18n" / "locale" / language.code / "LC_MESSAGES" / "messages.po"


def load(root: pathlib.Path, language: Language) -> Catalog:
    """A language's catalog; an empty one if there is none yet.

    Raises:
        SiteError: the file is not a .po file.
    """
    file = path(root, language)
    if not file.exists():
        return Catalog(locale=language.locale)
    try:
        return read_po(io.BytesIO(file.read_bytes()), locale=language.locale, abort_invalid=True)
    except PoFileError as error:
        name = file.relative_to(root).as_posix()
        raise SiteError(f"{name}:{error.lineno}: this is not a catalog ({error}); fix that line.") from None


def translate(catalog: Catalog | None) -> Translate:
    """The translate function of a catalog; None (English) gives every msgid back.

    A missing or fuzzy text comes back as English with a marker in front, so that it is seen.
    """
    if catalog is None:
        return lambda msgid: msgid
    ready = {entry.id: entry.string for entry in catalog if entry.id and entry.string and not entry.fuzzy}
    return lambda msgid: str(ready.get(msgid) or MARKER + msgid)


def for_language(root: pathlib.Path, language: Language) -> Translate:
    """The translate function of a language."""
    return translate(None if language == SOURCE else load(root, language))


def update(old: Catalog, messages: Iterable[Message], language: Language) -> Catalog:
    """A catalog of exactly these messages, with the translations that `old` has for them.

    The rule for a changed sentence: a msgid that is new takes the translation of one that vanished from
    the same file, if their words are alike, and is marked fuzzy; each vanished one is used once. So a text
    that is added while nothing vanishes beside it is never born with another's translation. A vanished
    text that nobody took is dropped: git remembers it.
    """
    messages = list(messages)
    wanted = {message.msgid for message in messages}
    vanished = [entry for entry in old if entry.id and entry.id not in wanted and entry.string]
    new = Catalog(
        locale=language.locale,
        header_comment=HEADER.format(english=language.english),
        project="Two Bowls",
        fuzzy=False,
    )
    for message in messages:
        known = old.get(message.msgid)
        places = [(message.file, message.line)]
        if known is not None:
            flags = sorted(known.flags & {"fuzzy"})
            new.add(
                message.msgid,
                known.string,
                places,
                flags,
                message.notes,
                known.user_comments,
                known.previous_id if flags else (),
            )
        elif before := _before(message, vanished):
            vanished.remove(before)
            new.add(message.msgid, before.string, places, ["fuzzy"], message.notes, previous_id=before.id)
        else:
            new.add(message.msgid, None, places, auto_comments=message.notes)
    return new


def _before(message: Message, vanished: list[Entry]) -> Entry | None:
    """What this text was before it changed, if it was something."""
    here = [entry for entry in vanished if any(file == message.file for file, _ in entry.locations)]
    words = message.msgid.split()
    rated = [(difflib.SequenceMatcher(None, str(entry.id).split(), words).ratio(), entry) for entry in here]
    best = max(rated, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] >= LIKENESS else None


def dump(catalog: Catalog) -> bytes:
    """The catalog as a .po file, the same bytes for the same content."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=0, include_lineno=False, include_previous=True, omit_header=True)
    return _header(catalog) + buffer.getvalue()


def _header(catalog: Catalog) -> bytes:
    # Babel's own header carries the time of writing, which would change with nothing changed.
    return (
        f"{catalog.header_comment}\n"
        'msgid ""\nmsgstr ""\n'
        f'"Project-Id-Version: Two Bowls\\n"\n"Language: {catalog.locale_identifier}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    ).encode()
