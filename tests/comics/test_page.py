"""The figure and the sheet: complete, deterministic, accessible, and the same words everywhere."""

import gzip
import html
import itertools
import pathlib
import re
import xml.etree.ElementTree as ET

import pytest

import comics
from comics import balloon, drawing, library, page, transcript
from comics.cast import CAST
from comics.geometry import number
from comics.ink import Brush
from comics.strip import HEIGHT, WIDTHS

LANGUAGES = ("en", "ko", "ja")
STRIPS = sorted((pathlib.Path(__file__).resolve().parents[2] / "comics" / "strips").glob("*.yml"))


def parsed(drawn):
    """A piece of a drawing as XML."""
    return ET.fromstring(f"<g>{drawn}</g>")  # noqa: S314


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_is_well_formed_and_refers_to_nothing_outside_itself(strip, faces, lettered, language):
    drawn = comics.sheet(strip, language, lettered(language), faces[language])
    ET.fromstring(drawn)  # noqa: S314
    assert "href" not in drawn
    assert set(re.findall(r"url\(([^)]{5})", drawn)) == {"data:"}


def test_the_same_input_gives_the_same_bytes(strip, faces, plain):
    first = comics.figure(strip, "en", plain, faces["en"]), comics.sheet(strip, "en", plain, faces["en"])
    library.environment.cache_clear()
    assert first == (
        comics.figure(strip, "en", plain, faces["en"]),
        comics.sheet(strip, "en", plain, faces["en"]),
    )


def test_a_figure_is_one_line_that_markdown_leaves_alone(strip, faces, plain):
    assert "\n" not in comics.figure(strip, "en", plain, faces["en"])


@pytest.mark.parametrize("path", STRIPS, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_weighs_less_than_60_kilobytes(path, language, faces, spoken):
    strip = comics.load(path.read_text("utf-8"), path.name)
    figure = comics.figure(strip, language, spoken(language), faces[language])
    assert len(gzip.compress(figure.encode())) < 60_000


def test_a_panel_that_bleeds_has_no_border_and_goes_on_to_the_edge_of_the_sheet(text, faces, plain):
    bled = comics.load(
        text.replace(
            "  - scene:\n      background: joy", "  - bleed: true\n    scene:\n      background: joy"
        ),
        "t",
    )
    panels = page.compose(bled, "en", plain, faces["en"])
    assert [panel.bleeds for panel in panels] == [False, False, True, False]
    assert 'fill-rule="evenodd"' not in panels[2].over
    assert all('fill-rule="evenodd"' in panels[i].over for i in (0, 1, 3))
    piece = page.scenery(bled)[2]
    assert piece.at[0] == 0
    assert piece.at[1] + piece.box[3] == page.SHEET_HEIGHT
    assert f"M-{page.GUTTER + page.SHEET_MARGIN}-{page.GUTTER + page.SHEET_MARGIN}H" in panels[2].scene[0]


@pytest.mark.parametrize("name", ["night", "dark"])
def test_the_dots_of_a_background_go_as_far_as_its_colour(name):
    edge, width = 21, WIDTHS[1]
    drawn = drawing.scene(comics.strip.Scene(background=name), width, HEIGHT, edge=edge)[0]
    dots = re.search(r'<g transform="translate\(-21 -21\)"[^>]*stroke-dasharray.*?</g>', drawn).group()
    assert set(re.findall(r"H(\d+)", dots)) == {str(width + 2 * edge)}


@pytest.mark.parametrize("name", sorted(library.BACKGROUNDS))
@pytest.mark.parametrize("width", sorted(set(WIDTHS)))
def test_every_background_can_be_drawn_at_every_width(name, width):
    scene = comics.strip.Scene(background=name)
    assert len(drawing.scene(scene, width, HEIGHT, edge=5)) == 1
    parsed(drawing.scene(scene, width, HEIGHT, edge=5)[0])


def test_type_that_nobody_shouts_is_even_within_a_strip(strip, faces, spoken):
    for language in LANGUAGES:
        panels = page.compose(strip, language, spoken(language), faces[language])
        sizes = [
            placed.setting.size
            for panel in panels
            for placed in panel.balloons
            if placed.bubble.kind != "shout"
        ]
        assert max(sizes) <= page.EVENNESS * min(sizes)


def test_a_figure_embeds_its_font_once(strip, faces, plain):
    assert comics.figure(strip, "en", plain, faces["en"]).count("data:font/woff2") == 1


def test_bubbles_labels_and_transcript_say_the_same_words(strip, faces, plain):
    figure = comics.figure(strip, "en", plain, faces["en"])
    drawn = [html.unescape(re.sub("<[^>]+>", "", text)) for text in re.findall(r"<text .*?</text>", figure)]
    said = [bubble.text for panel in strip.panels for bubble in panel.bubbles]
    assert drawn == said
    assert re.findall(r"</b> (.*?)</p>", html.unescape(figure)) == said
    labels = [html.unescape(label) for label in re.findall(r'aria-label="([^"]*)"', figure)]
    for panel, label in zip(strip.panels, labels, strict=True):
        assert panel.alt in label
        assert all(bubble.text in label for bubble in panel.bubbles)


def test_a_screen_reader_meets_four_pictures_in_order(strip, faces, plain):
    figure = comics.figure(strip, "en", plain, faces["en"])
    labels = re.findall(r'<svg class="strip-panel"[^>]* role="img" [^>]*aria-label="(Panel \d)\.', figure)
    assert labels == ["Panel 1", "Panel 2", "Panel 3", "Panel 4"]


def test_the_markdown_transcript_names_speakers_and_stage_directions(strip, plain):
    text = transcript.as_markdown(strip, plain)
    assert text.startswith("# The twins who are not twins\n\n## Panel 1\n\n*In front of one house")
    assert "**Gemini, the chef:** So… which one?" in text


def test_a_translated_text_is_escaped(strip, faces, plain):
    figure = comics.figure(strip, "en", lambda m: "<b>&" if m == "NO!" else m, faces["en"])
    assert "<b>&" not in figure
    assert "&lt;b&gt;&amp;" in figure


def test_a_text_that_does_not_fit_names_strip_panel_bubble_and_language(strip, faces):
    long = "a very long line that goes on " * 12
    with pytest.raises(comics.FitError) as refused:
        comics.figure(strip, "en", lambda m: long if m.startswith("So") else m, faces["en"])
    assert str(refused.value).startswith('strip "twins", panel 4, bubble 1, language en: "a very long line')
    assert str(refused.value).endswith("; shorten the text or give the bubble more room.")


def test_an_english_text_left_in_korean_is_refused_for_its_missing_glyphs(strip, faces, plain):
    with pytest.raises(comics.FitError) as refused:
        comics.sheet(strip, "ko", plain, faces["ko"])
    assert str(refused.value) == (
        'strip "twins", panel 1, bubble 1, language ko: the font Jua has no glyph for "…" (U+2026) in '
        '"Same house, similar names… Twins, right?"; write it without.'
    )


def test_a_title_that_the_font_cannot_write_is_refused(strip, faces, plain):
    for draw in (comics.figure, comics.sheet):
        with pytest.raises(comics.FitError) as refused:
            draw(strip, "en", lambda m: "쌍둥이" if m == strip.title else m, faces["en"])
        assert str(refused.value) == (
            'strip "twins", title, language en: the font Comic Neue has no glyph for "쌍" (U+C30D), '
            '"둥" (U+B465), "이" (U+C774) in "쌍둥이"; write it without.'
        )


def test_thoughts_and_captions_are_told_from_speech(text, faces, plain):
    thinking = text.replace("{speaker: chef, text", "{speaker: chef, kind: think, text")
    captioned = thinking.replace('{speaker: cook, text: "And', '{kind: caption, text: "And')
    changed = comics.load(captioned, "twins.yml")
    panels = page.compose(changed, "en", plain, faces["en"])
    assert panels[1].content.count('data-kind="think"') == 1
    assert panels[2].balloons[0].tip is None
    assert "Gemini, the chef (thinking): I am Gemini!" in panels[1].label
    assert "boiling pot. And I’m Gemma!" in panels[2].label


@pytest.mark.parametrize("language", LANGUAGES)
def test_lettering_is_at_least_14_pixels_on_a_phone(strip, faces, spoken, language):
    for panel in page.compose(strip, language, spoken(language), faces[language]):
        for placed in panel.balloons:
            assert placed.setting.size * page.PHONE_PX / panel.width >= page.SMALLEST_PX


@pytest.mark.parametrize("language", LANGUAGES)
def test_bubbles_stay_in_their_panel_and_off_each_others_words(strip, faces, spoken, language):
    for panel in page.compose(strip, language, spoken(language), faces[language]):
        boxes = [placed.box for placed in panel.balloons]
        for x, y, width, height in boxes:
            assert x >= 0
            assert y >= 0
            assert x + width <= panel.width
            assert y + height <= HEIGHT
        for (ax, ay, aw, ah), (bx, by, bw, bh) in itertools.combinations(boxes, 2):
            apart = ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay
            assert apart


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_tail_ends_close_to_its_speakers_head_and_crosses_nobody(strip, faces, spoken, language):
    drawn = page.compose(strip, language, spoken(language), faces[language])
    for panel, seen, width in zip(strip.panels, drawn, WIDTHS, strict=True):
        for placed in seen.balloons:
            actor = panel.scene.actor(placed.bubble.speaker)
            aim = balloon.mouth(actor, panel.scene, (width, HEIGHT))
            x, y = placed.tip
            own = balloon.head(actor, panel.scene, (width, HEIGHT))
            assert min(((x - hx) / rx) ** 2 + ((y - hy) / ry) ** 2 for hx, hy, rx, ry in own) < 1.5
            assert y < aim[1]
            for other in panel.scene.stage:
                if isinstance(other, comics.strip.Actor) and other is not actor:
                    hx, hy, rx, ry = balloon.head(other, panel.scene, (width, HEIGHT))[0]
                    path = [
                        (placed.x + (x - placed.x) * k / 20, placed.y + (y - placed.y) * k / 20)
                        for k in range(21)
                    ]
                    assert all(((px - hx) / rx) ** 2 + ((py - hy) / ry) ** 2 > 1 for px, py in path)


@pytest.mark.parametrize("character", sorted(CAST))
@pytest.mark.parametrize("flip", [False, True])
def test_every_pose_and_expression_can_be_drawn(character, flip):
    for pose, expression in itertools.product(library.POSES, library.EXPRESSIONS):
        role = comics.strip.Actor(character=character, at=(0, 0), pose=pose, expression=expression, flip=flip)
        parsed(drawing.actor(role, Brush(5)))


@pytest.mark.parametrize("character", sorted(CAST))
def test_from_behind_every_pose_is_drawn_and_no_face_is(character):
    for pose in library.POSES:
        front, happy, merry = (
            drawing.actor(
                comics.strip.Actor(
                    character=character, at=(0, 0), pose=pose, expression=expression, view=view
                ),
                Brush(5),
            )
            for view, expression in (("front", "happy"), ("back", "happy"), ("back", "delighted"))
        )
        parsed(happy)
        assert front != happy == merry


@pytest.mark.parametrize("character", sorted(CAST))
def test_who_runs_does_it_with_the_legs_too_and_flipped_the_other_way(monkeypatch, character):
    monkeypatch.setitem(library.POSES, "run", library.POSES["stand"])
    stands, runs, turns = (
        drawing.actor(
            comics.strip.Actor(character=character, at=(0, 0), pose=pose, expression="happy", flip=flip),
            Brush(5),
        )
        for pose, flip in (("stand", False), ("run", False), ("run", True))
    )
    assert len({stands, runs, turns}) == 3


@pytest.mark.parametrize("name", sorted(library.PROPS))
def test_every_prop_can_be_drawn(name):
    thing = comics.strip.Prop(prop=name, at=(10, 20), scale=0.5, tilt=3)
    parsed(drawing.prop(thing, Brush(5)))


@pytest.mark.parametrize(
    ("value", "text"), [(0.04, "0"), (-0.04, "0"), (2.0, "2"), (-0.55, "-.6"), (10.25, "10.2")]
)
def test_numbers_are_written_short(value, text):
    assert number(value) == text
