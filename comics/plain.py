"""A strip and a typeface as plain values, which JSON carries to a browser, and back.

Numbers keep their kind (1.0 stays 1.0), so that what is drawn from the copy is the same bytes.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from comics.strip import Actor, Bubble, Camera, Inset, Panel, Prop, Scene, Strip
from comics.typeface import Typeface

Plain = dict[str, Any]


def strip_as_plain(strip: Strip) -> Plain:
    """Every field of a strip."""
    return dataclasses.asdict(strip)


def strip(plain: Mapping[str, Any]) -> Strip:
    """The strip of `strip_as_plain`, after a way through JSON.

    Raises:
        ValueError: it holds what no strip can.
    """
    return Strip(**{**plain, "panels": tuple(map(_panel, plain["panels"]))})


def typeface_as_plain(typeface: Typeface) -> Plain:
    """The numbers of a typeface, without its font file."""
    return {field.name: getattr(typeface, field.name) for field in dataclasses.fields(typeface)[:-1]}


def typeface(plain: Mapping[str, Any]) -> Typeface:
    """A typeface that measures and names, and embeds no font."""
    return Typeface(**plain)


def _panel(plain: Mapping[str, Any]) -> Panel:
    insets = (
        Inset(**{**inset, "place": tuple(inset["place"]), "scene": _scene(inset["scene"])})
        for inset in plain["insets"]
    )
    return Panel(
        **{
            **plain,
            "scene": _scene(plain["scene"]),
            "insets": tuple(insets),
            "bubbles": tuple(Bubble(**_tupled(bubble, "place", "tip")) for bubble in plain["bubbles"]),
        }
    )


def _scene(plain: Mapping[str, Any]) -> Scene:
    camera = plain["camera"] and Camera(**_tupled(plain["camera"], "at"))
    return Scene(**{**plain, "camera": camera, "stage": tuple(map(_on_stage, plain["stage"]))})


def _on_stage(plain: Mapping[str, Any]) -> Actor | Prop:
    if "prop" in plain:
        return _prop(plain)
    holds = {side: _prop(thing) for side, thing in plain["holds"].items()}
    return Actor(**{**_tupled(plain, "at"), "holds": holds})


def _prop(plain: Mapping[str, Any]) -> Prop:
    return Prop(**_tupled(plain, "at"))


def _tupled(plain: Mapping[str, Any], *names: str) -> Plain:
    """A copy in which the lists of these names are tuples again."""
    values: dict[str, Sequence[float] | None] = {name: plain[name] for name in names}
    return {**plain, **{name: value and tuple(value) for name, value in values.items()}}
