"""Babel's extractor for strip files: what is said, shown and described, with the exact lines.

[extractors]
strip = comics.extract:extract
[strip: comics/strips/*.yml]
"""

from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO

from comics.loading import lines, load
from comics.strip import Strip

Message = tuple[int, None, str, list[str]]
ROUND_TO = 5


def extract(
    fileobj: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, object]
) -> Iterator[Message]:
    """Each text of a strip, in the order of the file: (line, None, text, notes for the translator).

    Raises:
        StripError: the file is not a strip.
    """
    del keywords, comment_tags, options  # part of Babel's protocol; a strip needs none of them
    text = fileobj.read().decode("utf-8")
    places = lines(text)
    found = [(places[path], None, msgid, [note]) for path, msgid, note in _texts(load(text, _name(fileobj)))]
    yield from sorted(found, key=lambda message: message[0])


def _name(fileobj: BinaryIO) -> str:
    return str(getattr(fileobj, "name", "strip"))


def _texts(strip: Strip) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
    yield ("title",), strip.title, f"title of the strip {strip.id}"
    for p, panel in enumerate(strip.panels):
        for b, bubble in enumerate(panel.bubbles):
            length = -(-len(bubble.text) // ROUND_TO) * ROUND_TO
            who = bubble.speaker or "nobody"
            note = f"bubble, {who}, panel {p + 1}, {bubble.kind}, about {length} characters"
            yield ("panels", p, "bubbles", b, "text"), bubble.text, note
        yield ("panels", p, "direction"), panel.direction, f"stage direction, panel {p + 1}"
        yield ("panels", p, "alt"), panel.alt, f"what panel {p + 1} shows, read aloud in place of the picture"
