"""From a scene to SVG: background, characters and props through the templates in `comics/art`.

Pure: the same scene gives the same bytes. Knows nothing of bubbles, pages or languages.
"""

import dataclasses
import functools
import math

from markupsafe import Markup

from comics import library
from comics.cast import CAST
from comics.geometry import number, pair
from comics.ink import Brush, svg
from comics.strip import Actor, Camera, Prop, Scene

# Close-ups would get fat lines and distant figures thin ones; hands of cartoonists even that out.
LINE_EVENING = -0.3
PROP_LINE = 4.8


def _transform(x: float, y: float, scale: float, turn: float = 0) -> str:
    parts = [f"translate({pair(x, y)})"]
    if turn:
        parts.append(f"rotate({number(turn)})")
    if scale != 1:
        parts.append(f"scale({scale:.3g})")
    return " ".join(parts)


def _framed(
    camera: Camera | None, width: float, height: float, at: tuple[float, float]
) -> tuple[float, float]:
    if camera is None:
        return at
    return (
        (at[0] - camera.at[0]) * camera.zoom + width / 2,
        (at[1] - camera.at[1]) * camera.zoom + height / 2,
    )


def prop(thing: Prop, brush: Brush, zoom: float = 1) -> Markup:
    """One prop at its place; `zoom` is how much larger everything around it is drawn."""
    own = brush.sized(PROP_LINE * (thing.scale * zoom) ** LINE_EVENING)
    module = library.environment().get_template(library.DRAWERS[thing.prop]).make_module({"ink": own})
    drawn = getattr(module, thing.prop)(**thing.options)
    return svg(f'<g transform="{_transform(*thing.at, thing.scale, thing.tilt)}">{drawn}</g>')


def actor(role: Actor, brush: Brush, zoom: float = 1) -> Markup:
    """One character at the origin, unscaled, with what it holds in its hands."""
    character = CAST[role.character]
    arms = library.POSES[role.pose]
    held = dict(role.holds)
    if role.flip:
        arms = {"left": arms["right"], "right": arms["left"]}
        held = {"left" if side == "right" else "right": thing for side, thing in held.items()}
    scale = role.scale * zoom
    return svg(
        library.environment()
        .get_template(character.template)
        .render(
            ink=brush.sized(character.line * scale**LINE_EVENING),
            pose=arms,
            pose_name=role.pose,
            way=-1 if role.flip else 1,
            back=role.view == "back",
            face={"sweat": False, **library.EXPRESSIONS[role.expression]},
            turn=-role.turn if role.flip else role.turn,
            tilt=-role.tilt if role.flip else role.tilt,
            held={side: prop(thing, brush, scale) for side, thing in held.items()},
        )
    )


def lean(role: Actor) -> float:
    """The angle of the whole figure, mirrored where the role is."""
    return -role.lean if role.flip else role.lean


def on_stage(
    role: Actor, point: tuple[float, float], camera: Camera | None, width: float, height: float
) -> tuple[float, float]:
    """Where a point of a character's own drawing lies in the panel."""
    x, y = _framed(camera, width, height, role.at)
    k = role.scale * (camera.zoom if camera else 1)
    angle = math.radians(lean(role))
    return (
        x + k * (point[0] * math.cos(angle) - point[1] * math.sin(angle)),
        y + k * (point[0] * math.sin(angle) + point[1] * math.cos(angle)),
    )


@functools.lru_cache(maxsize=8)  # the languages of a strip show the same
def scene(what: Scene, width: float, height: float, *, edge: float) -> tuple[Markup, ...]:
    """What a panel shows, back to front, without its bubbles and its border: the background, then each item.

    The background goes on for `edge` units around the panel; an item may stick out of it.
    """
    brush = Brush(PROP_LINE)
    zoom = what.camera.zoom if what.camera else 1
    vocabulary = {"ink": brush, "edge": edge}
    module = library.environment().get_template("backgrounds.svg.j2").make_module(vocabulary)
    parts = [getattr(module, what.background)(width, height)]
    for item in what.stage:
        x, y = _framed(what.camera, width, height, item.at)
        if isinstance(item, Prop):
            moved = dataclasses.replace(item, at=(x, y), scale=item.scale * zoom)
            parts.append(prop(moved, brush))
        else:
            transform = _transform(x, y, item.scale * zoom, lean(item))
            parts.append(f'<g transform="{transform}">{actor(item, brush, zoom)}</g>')
    return tuple(svg(part.replace("\n", "")) for part in parts)
