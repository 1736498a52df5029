"""Bubbles and tails keep clear: each collision is refused with one sentence."""

import pathlib

import pytest

import comics
from comics import page
from comics.errors import FitError

STRIPS = sorted((pathlib.Path(__file__).resolve().parents[2] / "comics" / "strips").glob("*.yml"))
# What is changed in the strip "twins", and what the sentence says after the strip's name.
COLLISIONS = {
    ("place: [20, 10, 452, 148]", "place: [20, -40, 452, 148]"): (
        "panel 2, language en: bubble 1 leaves its panel of 492 x 540 units; give it a place inside."
    ),
    ("place: [20, 18, 256, 120]", "place: [14, 300, 274, 120]"): (
        "panel 4, language en: bubble 1 lies over the face of Gemini, the chef; move its place."
    ),
    ("place: [304, 14, 320, 156]", "place: [180, 14, 320, 156]"): (
        "panel 4, language en: bubble 1 and bubble 2 overlap; move one of their places."
    ),
    ("place: [20, 18, 256, 120]}", "place: [20, 18, 256, 120], tip: [330, 480]}"): (
        "panel 4, language en: the tail of bubble 1 crosses the face of The cat; "
        "move its place or give it a tip."
    ),
    ("place: [304, 14, 320, 156]}", "place: [304, 14, 320, 156], tip: [150, 80]}"): (
        "panel 4, language en: the tail of bubble 2 crosses bubble 1; move one of their places."
    ),
}


@pytest.mark.parametrize(("change", "sentence"), COLLISIONS.items(), ids=lambda value: str(value)[:40])
def test_a_collision_is_named_in_one_sentence(text, faces, plain, change, sentence):
    right, wrong = change
    assert right in text
    strip = comics.load(text.replace(right, wrong, 1), "twins.yml")
    with pytest.raises(FitError) as refused:
        page.compose(strip, "en", plain, faces["en"])
    assert str(refused.value) == f'strip "twins", {sentence}'


# An inset for the second panel of the strip, and what the sentence says of it.
INSETS = {
    (-4, 200, 120, 90): "inset 1 leaves its panel of 492 x 540 units; give it a place inside.",
    (150, 330, 120, 90): "inset 1 lies over the face of Gemini, the chef; move its place.",
    (200, 60, 120, 90): "bubble 1 lies over inset 1; move one of their places.",
}


@pytest.mark.parametrize(("place", "sentence"), INSETS.items(), ids=lambda value: str(value)[:30])
def test_an_inset_in_the_way_is_named_in_one_sentence(text, faces, plain, place, sentence):
    strip = comics.load(inset_into(text, place), "twins.yml")
    with pytest.raises(FitError) as refused:
        page.compose(strip, "en", plain, faces["en"])
    assert str(refused.value) == f'strip "twins", panel 2, language en: {sentence}'


def test_an_inset_lies_over_the_scene_and_under_the_bubbles(text, faces, plain):
    strip = comics.load(inset_into(text, (20, 180, 90, 70)), "twins.yml")
    panel = page.compose(strip, "en", plain, faces["en"])[1]
    assert panel.over.index('<svg x="0" y="0" width="90" height="70"') < panel.over.index('class="bubble"')
    assert "<svg" not in "".join(panel.scene)


def inset_into(text, place):
    """The strip with a small picture in its second panel."""
    inset = f"    insets: [{{place: {list(place)}, scene: {{background: hush}}}}]\n"
    spot = text.index("    direction: The restaurant.")
    return text[:spot] + inset + text[spot:]


@pytest.mark.parametrize("path", STRIPS, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_every_strip_can_be_set_in_every_language(path, language, faces, spoken):
    strip = comics.load(path.read_text("utf-8"), path.name)
    drawn = page.compose(strip, language, spoken(language), faces[language])
    assert [len(panel.balloons) for panel in drawn] == [len(panel.bubbles) for panel in strip.panels]
