"""What a strip file holds.

    id, title, panels: scene (background, camera, stage), bubbles in reading order, direction, alt

Lengths are drawing units; a panel's origin is its upper left corner, a character's its feet.
`stage` is drawn in its order, back to front. Knows nothing of files, drawing or languages.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import pydantic

from comics.cast import CAST, NAMES
from comics.library import BACKGROUNDS, EXPRESSIONS, POSES, PROPS

Side = Literal["left", "right"]
Spot = tuple[float, float]
HEIGHT = 540
WIDTHS = (640, 492, 492, 640)


def _known(names: Mapping[str, Any] | frozenset[str], what: str) -> pydantic.AfterValidator:
    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f'unknown {what} "{name}"; use one of: {", ".join(sorted(names))}')
        return name

    return pydantic.AfterValidator(check)


Text = Annotated[str, pydantic.StringConstraints(strip_whitespace=True, min_length=1)]


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Prop(_Part):
    """A thing: a macro of `food.svg.j2` or `things.svg.j2`, with the options that it takes."""

    prop: Annotated[str, _known(PROPS, "prop")]
    at: Spot
    scale: float = 1
    tilt: float = 0
    options: dict[str, Any] = {}

    @pydantic.model_validator(mode="after")
    def _takes_its_options(self) -> Self:
        known = PROPS[self.prop]
        if unknown := sorted(set(self.options) - set(known)):
            raise ValueError(
                f'{self.prop} has no option "{unknown[0]}"; it has: {", ".join(known) or "none at all"}'
            )
        return self


class Actor(_Part):
    """A character on the stage, a back without a face. `flip` mirrors what it does, not the light on it."""

    character: Annotated[str, _known(CAST, "character")]
    at: Spot
    pose: Annotated[str, _known(POSES, "pose")]
    expression: Annotated[str, _known(EXPRESSIONS, "expression")]
    scale: float = 1
    flip: bool = False
    view: Literal["front", "back"] = "front"
    turn: Annotated[float, pydantic.Field(ge=-1, le=1)] = 0
    lean: float = 0
    tilt: float = 0
    holds: dict[Side, Prop] = {}


class Camera(_Part):
    """What the panel shows: `zoom` times as large, with the point `at` in its middle."""

    at: Spot
    zoom: float = 1


def _sort(item: object) -> str:
    """Whether an item on the stage is meant as a prop or as an actor."""
    return "prop" if isinstance(item, Prop) or (isinstance(item, dict) and "prop" in item) else "actor"


OnStage = Annotated[
    Annotated[Actor, pydantic.Tag("actor")] | Annotated[Prop, pydantic.Tag("prop")],
    pydantic.Discriminator(_sort),
]


class Scene(_Part):
    """A background and what stands before it, back to front."""

    background: Annotated[str, _known(BACKGROUNDS, "background")]
    camera: Camera | None = None
    stage: tuple[OnStage, ...] = ()

    def actor(self, character: str) -> Actor | None:
        """The first actor of that character on the stage."""
        return next(
            (item for item in self.stage if isinstance(item, Actor) and item.character == character), None
        )


class Bubble(_Part):
    """A text and the room it may take: a box [x, y, width, height], settled towards `settle`."""

    speaker: Annotated[str, _known(NAMES, "speaker")] | None = None
    kind: Annotated[str, _known(frozenset({"say", "think", "whisper", "shout", "caption"}), "kind")] = "say"
    text: Text
    place: tuple[float, float, float, float]
    settle: Literal["centre", "top", "bottom", "left", "right"] = "bottom"
    size: float = 34
    tip: Spot | None = None

    @pydantic.model_validator(mode="after")
    def _captions_have_no_speaker(self) -> Self:
        if (self.speaker is None) != (self.kind == "caption"):
            raise ValueError("a bubble needs a speaker, a caption must not have one")
        return self


class Panel(_Part):
    """One panel: what is seen, what is said, and both in words."""

    scene: Scene
    bubbles: tuple[Bubble, ...]
    direction: Text
    alt: Text

    @pydantic.model_validator(mode="after")
    def _tails_have_an_aim(self) -> Self:
        for bubble in self.bubbles:
            if bubble.speaker and not bubble.tip and not self.scene.actor(bubble.speaker):
                raise ValueError(f'"{bubble.speaker}" speaks but is not on the stage; give the bubble a tip')
        return self


class Strip(_Part):
    """A four-panel strip."""

    id: Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Text
    panels: tuple[Panel, ...]

    @pydantic.model_validator(mode="after")
    def _has_four_panels(self) -> Self:
        if len(self.panels) != len(WIDTHS):
            raise ValueError(f"a strip has {len(WIDTHS)} panels, this one has {len(self.panels)}")
        return self
