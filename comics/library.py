"""The art of the comics: the templates and acting tables in `comics/art`, read once at import.

This is the only place of the rendering path that reads files, and only from the package itself. To add a
pose or an expression, edit `acting.yml`; to add a prop or a background, add a macro to its
template.
"""

from functools import cache
from importlib import resources
from typing import Any

import jinja2
import jinja2.runtime
import yaml

from comics import geometry, ink

ART = {
    file.name: file.read_text("utf-8")
    for file in resources.files("comics").joinpath("art").iterdir()
    if file.is_file()
}
ACTING: dict[str, dict[str, Any]] = yaml.safe_load(ART["acting.yml"])
POSES = ACTING["poses"]
EXPRESSIONS = ACTING["expressions"]
TEMPLATES = {name: text for name, text in ART.items() if name.endswith(".j2")}


@cache
def environment() -> jinja2.Environment:
    """Jinja with the drawing vocabulary: curves from `geometry`, colours from `ink`."""
    env = jinja2.Environment(
        loader=jinja2.DictLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    env.globals |= {
        name: getattr(geometry, name)
        for name in ("spline", "polygon", "ellipse", "lidded", "star", "focus_lines", "halftone")
    }
    env.globals |= {"mix": ink.mix, "light": ink.light, "shadow": ink.shadow, "c": ink.PALETTE}
    return env


def drawings(template: str) -> dict[str, tuple[str, ...]]:
    """The drawings in a template, its public macros, with the names of their arguments."""
    module = environment().get_template(template).module
    return {
        name: tuple(value.arguments)
        for name, value in vars(module).items()
        if isinstance(value, jinja2.runtime.Macro) and not name.startswith("_")
    }


BACKGROUNDS = drawings("backgrounds.svg.j2")
# Every prop with the template that draws it, and its options.
DRAWERS = {name: template for template in ("food.svg.j2", "things.svg.j2") for name in drawings(template)}
PROPS = {name: drawings(template)[name] for name, template in DRAWERS.items()}
