"""A language that nobody speaks: the English with an accent on every letter, and 40 % longer.

Added to a copy of the project as a person would add one: an entry in the language list, a catalog and a font
choice. What stays without accents on its pages never went through a catalog; what does not fit shows.
"""

import contextlib
import itertools
import math
import pathlib
import re

import comics
from i18n import catalog
from i18n.languages import Language
from scripts import texts
from scripts.comics import typeface

LANGUAGE = Language("fr", "Français", "French", "fr_FR", "fr/")
ENTRY = f"    {LANGUAGE!r},\n)\nLANGUAGE:"
OTHERS = re.compile(r'    (?=Language\("(?:ko|ja)")')
FONTS = '\nFACES["fr"] = FACES["en"]\n'
LONGER = 0.4
# A bubble has the size that its picture leaves: the first of these that all bubbles of a strip hold.
LONGER_IN_BUBBLES = (0.4, 0.3, 0.2, 0.1, 0.0)
ACCENTED = str.maketrans("aceinouyACEINOUY", "áçéîñöüýÁÇÉÎÑÖÜÝ")
# Placeholders, tags, code, link targets, addresses, heading ids, entities, and names that hold a digit.
KEPT = re.compile(
    r"(%\(\w+\)s|%%|\{\w+\}|<code>.*?</code>|</?[a-z][^>]*>|`[^`]+`|\]\([^)]*\)|https?://\S+|\{:? ?#[^}]*\}"
    r"|&#?\w+;|\w*\d\w*)"
)
WORD = re.compile(r"[^\W\d_]+")


def accented(text: str, longer: float = LONGER) -> str:
    """The text as this language has it: accents, and vowels held until each word is longer."""
    pieces = KEPT.split(text)
    pieces[::2] = [WORD.sub(lambda found: _held(found[0], longer), piece) for piece in pieces[::2]]
    return "".join(pieces)


def _held(word: str, longer: float) -> str:
    more = math.ceil(len(word) * longer)
    vowels = [place for place, letter in enumerate(word) if letter in "aeiouyAEIOUY"] or [len(word) - 1]
    times = [1] * len(word)
    for place, _ in zip(itertools.cycle(vowels), range(more), strict=False):
        times[place] += 1
    held = (letter + letter.lower() * (count - 1) for letter, count in zip(word, times, strict=True))
    return "".join(held).translate(ACCENTED)


def bubbles(strip: comics.Strip) -> dict[str, str]:
    """What the bubbles of a strip say, as long as they hold; in English if not even the accents fit."""
    english = {bubble.text for panel in strip.panels for bubble in panel.bubbles}
    for longer in LONGER_IN_BUBBLES:
        said = {text: accented(text, longer) for text in english}
        with contextlib.suppress(comics.ComicError):
            comics.figure(strip, LANGUAGE.code, lambda text, said=said: said.get(text, ""), typeface("en"))
            return said
    return {text: text for text in english}


def add(project: pathlib.Path) -> None:
    """Add the language to a project: three edits. Korean and Japanese are commented out, to build sooner."""
    languages = project / "i18n" / "languages.py"
    listed = OTHERS.sub("    # ", languages.read_text("utf-8"))
    languages.write_text(_replaced(listed, ")\nLANGUAGE:", ENTRY), "utf-8")
    fonts = project / "i18n" / "fonts.py"
    fonts.write_text(fonts.read_text("utf-8") + FONTS, "utf-8")
    messages = texts.messages(project)
    said = {message.msgid: accented(message.msgid) for message in messages}
    for file in sorted((project / "comics" / "strips").glob("*.yml")):
        said.update(bubbles(comics.load(file.read_text("utf-8"), file.name)))
    made = catalog.update(catalog.Catalog(locale=LANGUAGE.locale), messages, LANGUAGE)
    for message in messages:
        made[message.msgid].string = said[message.msgid]
    path = catalog.path(project, LANGUAGE)
    path.parent.mkdir(parents=True)
    path.write_bytes(catalog.dump(made))


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the language list, once expected"
    return text.replace(old, new)
