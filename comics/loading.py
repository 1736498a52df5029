"""From the text of a strip file to a `Strip`; a mistake becomes one sentence with its file and line."""

from collections.abc import Iterator, Sequence

import pydantic
import yaml

from comics.errors import StripError
from comics.strip import Strip

Path = tuple[int | str, ...]
# libyaml where it is built in, several times as fast; a browser, where strips are read too, has none.
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STRIP = pydantic.TypeAdapter(Strip)
# The names that pydantic gives to the kinds of things on a stage; they are no keys of the file.
TAGS = {"actor", "prop"}
# What pydantic says, in the words of somebody who edits a strip.
MESSAGES = {
    "missing": "this key is missing; add it",
    "unexpected_keyword_argument": "nothing has such a key; remove it",
}


def load(text: str, source: str) -> Strip:
    """Read a strip; `source` is the file name that errors carry.

    Raises:
        StripError: the text is not YAML, or not a strip; the sentence names the first mistake.
    """
    try:
        data = yaml.load(text, Loader=LOADER)  # noqa: S506 - a SafeLoader either way
        places = lines(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise StripError(f"{source}:{line}: this is not YAML ({error.problem}); mend that line.") from None
    try:
        return STRIP.validate_python(data)
    except pydantic.ValidationError as error:
        found = [
            (*_place(places, mistake["loc"]), _message(mistake["type"], mistake["msg"]))
            for mistake in error.errors()
        ]
        line, path, message = min(found, key=lambda one: one[0])
        raise StripError(f"{source}:{line}: {_name(path)}: {message}.") from None


def lines(text: str) -> dict[Path, int]:
    """The line of every place in a YAML text."""
    return dict(_lines(yaml.compose(text, Loader=LOADER)))


def _message(kind: str, words: str) -> str:
    return MESSAGES.get(kind) or words.removeprefix("Value error, ")


def _place(places: dict[Path, int], loc: Sequence[int | str]) -> tuple[int, Path]:
    """The line of a mistake, or of what it is missing from, and its path as the file has it."""
    path: Path = ()
    line = places.get(path, 1)
    for i, part in enumerate(loc):
        if (*path, part) in places:
            path = (*path, part)
            line = places[path]
        elif i == len(loc) - 1 and part not in TAGS:
            path = (*path, part)
    return line, path


def _name(path: Path) -> str:
    """A place in a strip, in words: panel 2, bubble 1, text."""
    words: list[str] = []
    for part in path:
        if isinstance(part, int) and words:
            words[-1] = f"{words[-1].removesuffix('s')} {part + 1}"
        else:
            words.append(str(part))
    return ", ".join(words) or "the strip"


def _lines(node: yaml.Node | None, path: Path = ()) -> Iterator[tuple[Path, int]]:
    """Every place in the file with its line."""
    if node is None:
        return
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*path, index))
