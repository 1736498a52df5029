"""What the comic studio orders: other words, other acting, and the reason when something does not fit."""

import html
import json
import pathlib
import pickle
import re
import unicodedata

import pytest

import comics
from comics import drawing, page, plain, studio
from comics.errors import FitError
from comics.ink import Brush
from comics.strip import Prop
from i18n.languages import LANGUAGE
from scripts import studio as packed

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEB = ROOT / "demos" / "web" / "studio"
STRIPS = sorted((ROOT / "comics" / "strips").glob("*.yml"))
LONG = "This goes on and on. " * 12


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return packed.pack()


@pytest.fixture(scope="module", autouse=True)
def stocked(files) -> None:
    given = {name: files[f"{name}.json"].decode() for name in ("book", "strips", "faces")}
    studio.stock(**given)


def drawn(language="en", words=None, acting=None, reader="en"):
    return studio.draw(
        strip="twins", language=language, words=words or {}, acting=acting or {}, reader=reader
    )


def covered(span: str) -> set[int]:
    ends = (part[2:].partition("-") for part in span.split(","))
    return {point for low, _, high in ends for point in range(int(low, 16), int(high or low, 16) + 1)}


@pytest.mark.parametrize("code", LANGUAGE)
def test_every_letter_that_can_be_set_is_in_a_slice_of_the_font(files, code):
    spans = json.loads(files[f"slices.{code}.json"])
    assert files.keys() >= spans.keys()
    points = set().union(*(covered(span) for span in spans.values()))
    face = plain.typeface(json.loads(files["faces.json"])[code])
    # An accent by itself is set as part of its letter.
    assert [c for c in face.advances if ord(c) not in points and not unicodedata.combining(c)] == []


@pytest.mark.parametrize("path", STRIPS, ids=lambda path: path.stem)
def test_a_strip_is_the_same_after_a_way_through_json(path):
    strip = comics.load(path.read_text("utf-8"), path.name)
    again = plain.strip(json.loads(json.dumps(plain.strip_as_plain(strip))))
    assert again == strip
    assert repr(again) == repr(strip)  # 1 and 1.0 are equal, and are drawn differently


def test_two_bubbles_that_say_the_same_can_be_changed_one_by_one():
    svg = drawn(words={"1.2": "Never!", "0": "Two & a half"})["svg"]
    said = [html.unescape(text) for text in re.findall(r"<tspan[^>]*>([^<]*)</tspan>", svg)]
    assert "Never!" in said
    assert said.count("NO!") == 1
    assert said[0] == "Two & a half"


def test_words_of_one_language_are_not_taken_for_words_to_translate():
    assert "NO!" in drawn("ko", {"1.3": "NO!"})["svg"]


def test_markup_that_somebody_types_is_text():
    svg = drawn(words={"1.1": '<a href="x">&', "0": "</title><script>"})["svg"]
    assert "<script" not in svg
    assert "<a " not in svg
    assert "&lt;/title&gt;&lt;script&gt;" in svg


def test_faces_poses_and_things_change_the_picture_and_nothing_else(text, faces, plain):
    before = comics.load(text, "twins.yml")
    acting = {"1.6": {"pose": "cheer", "expression": "tearful"}, "2.3.right": {"prop": "gpu"}}
    change = text.replace(
        "pose: wonder, expression: puzzled, tilt: -5", "pose: cheer, expression: tearful, tilt: -5"
    ).replace(
        "{prop: bowl, at: [2, -66], scale: 0.86, options: {steaming: true}}",
        "{prop: gpu, at: [2, -66], scale: 0.86}",
    )
    after = comics.load(change, "twins.yml")
    assert after != before
    assert studio._acted(before, acting) == after


def test_everything_on_the_lists_can_be_drawn_without_options():
    for name in studio.LISTS["prop"]:
        assert drawing.prop(Prop(prop=name, at=(0.0, 0.0)), Brush(4.8))


@pytest.mark.parametrize(
    ("order", "code", "place", "values"),
    [
        ({"words": {"2.1": LONG}}, "room", (2, 1), {}),
        ({"words": {"0": LONG * 2}}, "room", (0, 0), {}),
        # A whole page of text is refused at once; setting it would take the browser minutes.
        ({"words": {"2.1": "長" * 5000}, "language": "ja"}, "room", (2, 1), {}),
        ({"words": {"1.1": "봄" * 5000}}, "glyph", (1, 1), {"characters": "봄"}),
        ({"words": {"1.3": " "}}, "empty", (1, 3), {}),
        ({"words": {"1.1": "봄"}}, "glyph", (1, 1), {"characters": "봄"}),
    ],
)
def test_what_does_not_fit_comes_with_its_place_and_a_code(order, code, place, values):
    error = drawn(**order)["error"]
    assert (error["code"], (error["panel"], error["bubble"]), error["values"]) == (code, place, values)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("[20, 10, 452, 148]", "[20, -40, 452, 148]"), ("outside", {})),
        (("[20, 18, 256, 120]", "[14, 300, 274, 120]"), ("face", {"name": "Gemini, the chef"})),
        (("[304, 14, 320, 156]", "[180, 14, 320, 156]"), ("overlap", {"other": 2})),
    ],
)
def test_a_collision_has_a_code_too_and_keeps_it_on_the_way_between_processes(
    text, faces, plain, change, reason
):
    strip = comics.load(text.replace(*change, 1), "twins.yml")
    with pytest.raises(FitError) as refused:
        page.compose(strip, "en", plain, faces["en"])
    found = pickle.loads(pickle.dumps(refused.value))  # noqa: S301 - our own, made one line above
    assert str(found) == str(refused.value)
    code, values = reason
    assert (found.code, found.bubble) == (code, 1)
    assert found.values == {"bubble": 1, **values}


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"language": "xx"}, 'there is no strip "twins" in "xx"'),
        ({"words": {"9.1": "x"}}, 'the strip "twins" has no bubble 9.1'),
        ({"acting": {"1.6": {"pose": "fly"}}}, 'there is no pose "fly" to choose here'),
        ({"acting": {"1.6": {"scale": "9"}}}, 'there is no scale "9" to choose here'),
        ({"acting": {"9.9": {"pose": "run"}}}, 'the strip "twins" has nothing at 9.9'),
    ],
)
def test_an_order_for_what_is_not_there_is_refused_in_one_sentence(order, sentence):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the sentence is compared below
        drawn(**order)
    assert str(refused.value) == sentence


def test_the_page_has_a_name_for_everything_on_the_lists():
    script = (WEB / "names.js").read_text("utf-8")
    for kind, names in studio.LISTS.items():
        block = re.search(rf"\n  {kind}: {{\n(.*?)\n  }},", script, re.DOTALL)
        assert sorted(re.findall(r"^    (\w+): t\(", block[1], re.MULTILINE)) == names


def test_the_page_has_a_sentence_for_every_code():
    raised = set()
    for path in sorted((ROOT / "comics").glob("*.py")):
        raised |= set(
            re.findall(r'FitError\([^()]*?(?:\([^()]*\)[^()]*?)*"([a-z-]+)"', path.read_text("utf-8"))
        )
    said = re.findall(r'^  "?([a-z-]+)"?: \(', (WEB / "misfit.js").read_text("utf-8"), re.MULTILINE)
    assert sorted(said) == sorted(raised)
