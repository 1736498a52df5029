"""Every mistake in a strip file is one sentence with the file and the line."""

import pytest

import comics
from comics import library


def one_of(names):
    """How a sentence lists what is known."""
    return "use one of: " + ", ".join(sorted(names)) + "."


# What is changed in the strip, and the sentence that follows.
MISTAKES = {
    ("pose: serve", "pose: leap"): 'panel 2, scene, stage 3, pose: unknown pose "leap"; '
    + one_of(library.POSES),
    ("expression: proud", "expression: bored"): "panel 2, scene, stage 3, expression: unknown expression "
    '"bored"; ' + one_of(library.EXPRESSIONS),
    ("background: restaurant", "background: moon"): "panel 2, scene, background: unknown background "
    '"moon"; ' + one_of(library.BACKGROUNDS),
    ("speaker: cook, text", "speaker: dog, text"): 'panel 3, bubble 1, speaker: unknown speaker "dog"; '
    "use one of: bowl, cat, chef, cook, rider.",
    ("kind: shout", "kind: sing"): 'panel 1, bubble 2, kind: unknown kind "sing"; use one of: '
    "caption, say, shout, think, whisper.",
    ("{prop: door, ", "{prop: gate, "): 'panel 2, scene, stage 1, prop: unknown prop "gate"; '
    + one_of(library.PROPS),
    ("{steaming: true}", "{steam: true}"): "panel 2, scene, stage 3, holds, right: bowl has no option "
    '"steam"; it has: colour, empty, steaming.',
    ("title: The", "titel: The"): "title: this key is missing; add it.",
    (
        "    direction: At home.",
        "    directing: At home.",
    ): "panel 3, direction: this key is missing; add it.",
    ("- {speaker: cook, text", "- {speaker: chef, text"): 'panel 3: "chef" speaks but is not on the stage; '
    "give the bubble a tip.",
    ("lean: 4}", "leaning: 4}"): "panel 1, scene, stage 4, leaning: nothing has such a key; remove it.",
    ("place: [20, 10, 452, 148]", "place: [20, 10, 0, 148]"): "panel 2, bubble 1, place 3: Input should be "
    "greater than 0.",
    (
        "- {speaker: cook, text",
        "- {kind: say, text",
    ): "panel 3, bubble 1: a bubble needs a speaker, a caption must not have one.",
}


@pytest.mark.parametrize(("change", "sentence"), MISTAKES.items(), ids=lambda value: value[1][:20])
def test_a_mistake_is_named_in_one_sentence(text, change, sentence):
    right, wrong = change
    assert right in text
    with pytest.raises(comics.StripError) as refused:
        comics.load(text.replace(right, wrong, 1), "twins.yml")
    source, line, message = str(refused.value).split(":", 2)
    assert source == "twins.yml"
    assert int(line) >= 1
    assert message.strip() == sentence


def test_the_line_is_the_one_where_the_mistake_stands(text):
    broken = text.replace("pose: serve", "pose: leap", 1)
    line = 1 + broken[: broken.index("pose: leap")].count("\n")
    with pytest.raises(comics.StripError, match=rf"^twins\.yml:{line}: "):
        comics.load(broken, "twins.yml")


def test_a_missing_alt_names_the_panel_that_it_is_missing_from(text):
    lines = text.splitlines()
    alt = [i for i, line in enumerate(lines) if line.startswith("    alt:")][1]
    with pytest.raises(comics.StripError, match=r"panel 2, alt: this key is missing; add it\.$"):
        comics.load("\n".join(lines[:alt] + lines[alt + 1 :]), "twins.yml")


def test_broken_yaml_names_the_line():
    with pytest.raises(comics.StripError) as refused:
        comics.load('id: twins\ntitle: "The twins\n', "twins.yml")
    assert str(refused.value).startswith("twins.yml:3: this is not YAML (found unexpected end of stream")


def test_a_strip_of_three_panels_is_refused(text):
    with pytest.raises(comics.StripError) as refused:
        comics.load(text[: text.rindex("  - scene:")], "twins.yml")
    assert str(refused.value) == "twins.yml:2: the strip: a strip has 4 panels, this one has 3."


def test_an_empty_file_is_refused():
    with pytest.raises(comics.StripError, match=r"^empty\.yml:1: the strip: "):
        comics.load("", "empty.yml")
