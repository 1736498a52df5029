"""Every text of a strip is extracted, with its line and a note for the translator."""

import io

import yaml
from babel.messages.extract import extract as babel_extract

from comics.extract import extract


def test_each_text_stands_on_the_line_that_is_reported(text):
    lines = text.splitlines()
    found = list(extract(io.BytesIO(text.encode()), (), (), {}))
    assert len(found) == 1 + 7 + 4 + 4
    for line, _, msgid, _ in found:
        assert msgid in lines[line - 1]
    assert [line for line, *_ in found] == sorted(line for line, *_ in found)


def test_the_note_tells_a_translator_who_speaks_and_how_much_room_there_is(text):
    notes = {msgid: notes for _, _, msgid, notes in extract(io.BytesIO(text.encode()), (), (), {})}
    assert notes["So… which one?"] == ["bubble, chef, panel 4, say, about 15 characters"]
    assert notes["The twins who are not twins"] == ["title of the strip twins"]


def test_babel_finds_them_through_its_own_protocol(text):
    found = list(babel_extract("comics.extract:extract", io.BytesIO(text.encode())))
    assert "NO!" in {message for _, message, _, _ in found}


def test_a_text_over_several_lines_is_one_message(text):
    panels = yaml.safe_load(text)
    panels["title"] = "A title\nof two lines"
    found = list(extract(io.BytesIO(yaml.safe_dump(panels, allow_unicode=True).encode()), (), (), {}))
    assert "A title\nof two lines" in {message for _, _, message, _ in found}
