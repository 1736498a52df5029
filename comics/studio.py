"""What the comic studio of the pages orders: a strip with other words and other acting, in one language.

Plain values in and out, as JSON has them. Differences are named by their place, counted from 1: bubble 2 of
panel 3 is "3.2", the title "0"; the fourth thing on the stage of panel 1 is "1.4", what it holds "1.4.left".
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from comics import library, page, plain, typeset
from comics.cast import NAMES
from comics.errors import FitError
from comics.strip import WIDTHS, Actor, Panel, Prop, Scene, Strip
from comics.typeface import Typeface

Plain = dict[str, Any]
# These are parts of the place, not things that somebody would swap for a bowl.
SCENERY = frozenset({"ground", "counter", "ceiling", "emphasis", "door", "snore", "speed", "steam"})
LISTS: dict[str, list[str]] = {
    "pose": sorted(library.POSES),
    "expression": sorted(library.EXPRESSIONS),
    "prop": sorted(library.PROPS.keys() - SCENERY),
}


@dataclasses.dataclass
class _Stock:
    """What `stock` brought, once for each start of Python."""

    strips: Mapping[str, Strip] = dataclasses.field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    faces: Mapping[str, Typeface] = dataclasses.field(default_factory=dict)


_stock = _Stock()


def stock(*, book: str, strips: str, faces: str) -> None:
    """Take in the words, the strips and the typefaces, each as JSON (`scripts/studio.py` writes them)."""
    _stock.words = json.loads(book)["words"]
    _stock.strips = {name: plain.strip(strip) for name, strip in json.loads(strips).items()}
    _stock.faces = {code: plain.typeface(face) for code, face in json.loads(faces).items()}


def draw(
    *,
    strip: str,
    language: str,
    words: Mapping[str, str],
    acting: Mapping[str, Mapping[str, str]],
    reader: str,
) -> Plain:
    """A strip as SVG without its font, `{"svg": ...}`, or what is in the way, `{"error": {...}}`.

    Args:
        strip: its id.
        language: the code of the language that it is lettered in.
        words: other texts, by place.
        acting: another pose, expression or prop, by place.
        reader: the code of the language that the names in an error are in.

    Raises:
        ValueError: there is no such strip, language or place, or nothing is called so.
    """
    if strip not in _stock.strips or language not in _stock.words:
        raise ValueError(f'there is no strip "{strip}" in "{language}"')
    acted = _acted(_stock.strips[strip], acting)
    edited, given = _worded(acted, words)
    translate = {**_stock.words[language], **given}.__getitem__
    try:
        for place, text in words.items():
            _check_words(acted, place, text, _stock.faces[language])
        return {"svg": page.sheet(edited, language, translate, _stock.faces[language])}
    except FitError as error:
        values = dict(error.values)
        if "name" in values:
            values["name"] = _stock.words[reader][str(values["name"])]
        return {"error": {"code": error.code, "panel": error.panel, "bubble": error.bubble, "values": values}}


def _check_words(strip: Strip, place: str, text: str, face: Typeface) -> None:
    """Refuse what cannot be set before the typesetter tries: with a page of text it would try for minutes.

    Set solid in the smallest type, without any line or margin lost, a text covers its width x size squared.

    Raises:
        FitError: there is no text, or more than its room could hold.
    """
    panel, bubble = (int(part) for part in f"{place}.0".split(".")[:2])
    smallest, width, height = page.TITLE_SIZES[0], float(page.SHEET_WIDTH), float(page.TITLE_HEIGHT)
    if panel:
        smallest = page.SMALLEST_PX * WIDTHS[panel - 1] / page.PHONE_PX
        _, _, width, height = strip.panels[panel - 1].bubbles[bubble - 1].place
    if not text.strip():
        raise FitError("there is no text", "empty").at(f"{strip.id} {place}", panel, bubble)
    plain_text = typeset.normal(text)
    if not face.missing(plain_text) and face.width(plain_text) * smallest**2 > width * height:
        raise FitError("there is too much text", "room").at(f"{strip.id} {place}", panel, bubble)


def _worded(strip: Strip, words: Mapping[str, str]) -> tuple[Strip, dict[str, str]]:
    """The strip with msgids of their own for the texts of `words`, and what those say.

    Of their own, because two bubbles may say the same in one language, and not in another.
    """
    given = {f"\0{place}": text for place, text in words.items()}
    panels = tuple(
        dataclasses.replace(
            panel,
            bubbles=tuple(
                dataclasses.replace(bubble, text=f"\0{p}.{b}") if f"{p}.{b}" in words else bubble
                for b, bubble in enumerate(panel.bubbles, 1)
            ),
        )
        for p, panel in enumerate(strip.panels, 1)
    )
    title = "\0" + "0" if "0" in words else strip.title
    known = {
        "0",
        *(f"{p}.{b}" for p, panel in enumerate(panels, 1) for b in range(1, len(panel.bubbles) + 1)),
    }
    _refuse(words.keys() - known, f'the strip "{strip.id}" has no bubble')
    return dataclasses.replace(strip, title=title, panels=panels), given


def _acted(strip: Strip, acting: Mapping[str, Mapping[str, str]]) -> Strip:
    left = dict(acting)
    panels = tuple(
        dataclasses.replace(panel, scene=_staged(panel.scene, p, left))
        for p, panel in enumerate(strip.panels, 1)
    )
    _refuse(left.keys(), f'the strip "{strip.id}" has nothing at')
    return dataclasses.replace(strip, panels=panels)


def _staged(scene: Scene, panel: int, acting: dict[str, Mapping[str, str]]) -> Scene:
    """A scene with its changes, which are taken out of `acting`."""
    stage: list[Actor | Prop] = []
    for number, item in enumerate(scene.stage, 1):
        place = f"{panel}.{number}"
        if isinstance(item, Prop):
            stage.append(_swapped(item, acting.pop(place, {})))
            continue
        change: dict[str, Any] = dict(acting.pop(place, {}))
        _check(change, ("pose", "expression"))
        holds = {
            side: _swapped(thing, acting.pop(f"{place}.{side}", {})) for side, thing in item.holds.items()
        }
        stage.append(dataclasses.replace(item, **change, holds=holds))
    return dataclasses.replace(scene, stage=tuple(stage))


def _swapped(prop: Prop, change: Mapping[str, str]) -> Prop:
    """Another prop at the same place, without the options of the first one."""
    _check(change, ("prop",))
    return dataclasses.replace(prop, prop=change["prop"], options={}) if change else prop


def _check(change: Mapping[str, str], allowed: tuple[str, ...]) -> None:
    for kind, name in change.items():
        if kind not in allowed or name not in LISTS[kind]:
            raise ValueError(f'there is no {kind} "{name}" to choose here')


def _refuse(places: Any, sentence: str) -> None:
    if places:
        raise ValueError(f"{sentence} {', '.join(sorted(places))}")


def things(panel: Panel, number: int) -> Iterator[tuple[str, Actor | Prop]]:
    """What a reader can change on the stage of a panel, by place: actors, and props that are no scenery."""
    for index, item in enumerate(panel.scene.stage, 1):
        place = f"{number}.{index}"
        if isinstance(item, Actor):
            yield place, item
            yield from ((f"{place}.{side}", thing) for side, thing in item.holds.items())
        elif item.prop in LISTS["prop"]:
            yield place, item


def contents(strip: Strip) -> Plain:
    """What the page's form shows of a strip: its bubbles and what is on its stages, as msgids and names."""
    return {
        "title": strip.title,
        "panels": [
            {
                "bubbles": [
                    {"text": bubble.text, "speaker": bubble.speaker and NAMES[bubble.speaker]}
                    for bubble in panel.bubbles
                ],
                "things": [
                    {"place": place, "prop": thing.prop}
                    if isinstance(thing, Prop)
                    else {
                        "place": place,
                        "name": NAMES[thing.character],
                        "pose": thing.pose,
                        "expression": None if thing.view == "back" else thing.expression,
                    }
                    for place, thing in things(panel, number)
                ],
            }
            for number, panel in enumerate(strip.panels, 1)
        ],
    }
