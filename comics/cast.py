"""The characters: their names, and where their heads and mouths are, in the units of their templates."""

from dataclasses import dataclass

from comics.words import _

Ellipse = tuple[float, float, float, float]


@dataclass(frozen=True)
class Character:
    """One of the cast. `mouth` and `head` are measured from the feet.

    `head` is ellipses (x, y, rx, ry) that no tail of a bubble may enter, the face first, then what is on it.
    """

    name: str
    template: str
    line: float
    mouth: tuple[float, float]
    head: tuple[Ellipse, ...]


CAST = {
    "chef": Character(
        _("Gemini, the chef"), "chef.svg.j2", 5.4, (0, -85), ((0, -118, 90, 46), (8, -214, 52, 58))
    ),
    "cook": Character(_("Gemma, the home cook"), "cook.svg.j2", 5.2, (0, -106), ((0, -138, 84, 54),)),
    "cat": Character(_("The cat"), "cat.svg.j2", 5.2, (0, -90), ((0, -120, 78, 54),)),
    "rider": Character(
        _("The delivery rider"), "rider.svg.j2", 5.2, (0, -62), ((0, -82, 74, 44), (0, -142, 66, 42))
    ),
}

# Who is heard without being drawn as a character: a bubble of theirs says where its tail ends.
VOICES = {"bowl": _("The bowl")}
NAMES = {key: character.name for key, character in CAST.items()} | VOICES
