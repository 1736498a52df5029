"""What a strip file holds.

    id, title, panels: scene (background, camera, stage), insets, bubbles in reading order, direction, alt

Lengths are drawing units; a panel's origin is its upper left corner, a character's its feet.
`stage` is drawn in its order, back to front. Knows nothing of files, drawing or languages.

Plain dataclasses, which a browser without native libraries can draw; what their annotations demand is checked
by pydantic where a strip file is read (`comics/loading.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from comics.cast import CAST, NAMES
from comics.library import BACKGROUNDS, EXPRESSIONS, POSES, PROPS

Side = Literal["left", "right"]
Spot = tuple[float, float]
HEIGHT = 540
WIDTHS = (640, 492, 492, 640)


@dataclass(frozen=True)
class _Rule:
    """What pydantic, which calls this when it reads a strip file, is to make of an annotation."""

    schema: Callable[[Any, Any], Any]

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> object:
        from pydantic_core import core_schema  # noqa: PLC0415 - native, and not there when a browser draws

        return self.schema(core_schema, handler)


def _known(names: Mapping[str, Any] | frozenset[str], what: str) -> _Rule:
    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f'unknown {what} "{name}"; use one of: {", ".join(sorted(names))}')
        return name

    return _Rule(lambda core, _: core.no_info_after_validator_function(check, core.str_schema()))


Text = Annotated[str, _Rule(lambda core, _: core.str_schema(strip_whitespace=True, min_length=1))]
Id = Annotated[str, _Rule(lambda core, _: core.str_schema(pattern=r"^[a-z][a-z0-9-]*$"))]
Length = Annotated[float, _Rule(lambda core, _: core.float_schema(gt=0))]
Turn = Annotated[float, _Rule(lambda core, _: core.float_schema(ge=-1, le=1))]
Box = tuple[float, float, Length, Length]


class _Part:
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Prop(_Part):
    """A thing: a macro of `food.svg.j2` or `things.svg.j2`, with the options that it takes."""

    prop: Annotated[str, _known(PROPS, "prop")]
    at: Spot
    scale: float = 1
    tilt: float = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = PROPS[self.prop]
        if unknown := sorted(set(self.options) - set(known)):
            raise ValueError(
                f'{self.prop} has no option "{unknown[0]}"; it has: {", ".join(known) or "none at all"}'
            )


@dataclass(frozen=True, kw_only=True)
class Actor(_Part):
    """A character on the stage, a back without a face. `flip` mirrors what it does, not the light on it."""

    character: Annotated[str, _known(CAST, "character")]
    at: Spot
    pose: Annotated[str, _known(POSES, "pose")]
    expression: Annotated[str, _known(EXPRESSIONS, "expression")]
    scale: float = 1
    flip: bool = False
    view: Literal["front", "back"] = "front"
    turn: Turn = 0
    lean: float = 0
    tilt: float = 0
    holds: Mapping[Side, Prop] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Camera(_Part):
    """What the panel shows: `zoom` times as large, with the point `at` in its middle."""

    at: Spot
    zoom: float = 1


def _sort(item: object) -> str:
    """Whether an item on the stage is meant as a prop or as an actor."""
    return "prop" if isinstance(item, Prop) or (isinstance(item, dict) and "prop" in item) else "actor"


OnStage = Annotated[
    Actor | Prop,
    _Rule(
        lambda core, handler: core.tagged_union_schema(
            {"actor": handler.generate_schema(Actor), "prop": handler.generate_schema(Prop)}, _sort
        )
    ),
]


@dataclass(frozen=True, kw_only=True)
class Scene(_Part):
    """A background and what stands before it, back to front."""

    background: Annotated[str, _known(BACKGROUNDS, "background")]
    camera: Camera | None = None
    stage: tuple[OnStage, ...] = ()

    def __hash__(self) -> int:
        """Scenes are drawn once for all languages, by what they show; the stage holds mappings."""
        return hash((self.background, self.camera, len(self.stage)))

    def actor(self, character: str) -> Actor | None:
        """The first actor of that character on the stage."""
        return next(
            (item for item in self.stage if isinstance(item, Actor) and item.character == character), None
        )


@dataclass(frozen=True, kw_only=True)
class Bubble(_Part):
    """A text and the room it may take: a box [x, y, width, height], settled towards `settle`."""

    speaker: Annotated[str, _known(NAMES, "speaker")] | None = None
    kind: Annotated[str, _known(frozenset({"say", "think", "whisper", "shout", "caption"}), "kind")] = "say"
    text: Text
    place: Box
    settle: Literal["centre", "top", "bottom", "left", "right"] = "bottom"
    size: float = 34
    tip: Spot | None = None

    def __post_init__(self) -> None:
        if (self.speaker is None) != (self.kind == "caption"):
            raise ValueError("a bubble needs a speaker, a caption must not have one")


@dataclass(frozen=True, kw_only=True)
class Inset(_Part):
    """A small picture in a panel, in the box [x, y, width, height]: a detail, or what somebody sees.

    Its scene has its own origin, in its upper left corner. Nobody in it speaks.
    """

    place: Box
    scene: Scene


@dataclass(frozen=True, kw_only=True)
class Panel(_Part):
    """One panel: what is seen, what is said, and both in words.

    One that bleeds has no border and goes on to the edge of the paper.
    """

    scene: Scene
    bleed: bool = False
    insets: tuple[Inset, ...] = ()
    bubbles: tuple[Bubble, ...]
    direction: Text
    alt: Text

    def __post_init__(self) -> None:
        for bubble in self.bubbles:
            if bubble.speaker and not bubble.tip and not self.scene.actor(bubble.speaker):
                raise ValueError(f'"{bubble.speaker}" speaks but is not on the stage; give the bubble a tip')


@dataclass(frozen=True, kw_only=True)
class Strip(_Part):
    """A four-panel strip."""

    id: Id
    title: Text
    panels: tuple[Panel, ...]

    def __post_init__(self) -> None:
        if len(self.panels) != len(WIDTHS):
            raise ValueError(f"a strip has {len(WIDTHS)} panels, this one has {len(self.panels)}")
