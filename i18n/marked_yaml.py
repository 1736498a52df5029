"""YAML in which `!t` marks a string as text to translate, with the line of everything.

`title: !t "Side by side"` loads as `Text("Side by side")`, a plain str to everybody who does not ask.
"""

import pathlib
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import pydantic
import yaml

from i18n.errors import SiteError

TAG = "!t"


class Text(str):
    """A string that was marked `!t`: it is in the catalogs."""

    __slots__ = ()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # libyaml, where it is built in
    pass


def _words(node: yaml.Node) -> Text:
    return Text(" ".join(str(node.value).split()))


_Loader.add_constructor(TAG, lambda _, node: _words(node))

Model = TypeVar("Model", bound=pydantic.BaseModel)


def parse(text: str, name: str) -> Any:
    """The data in a YAML text; `name` is the file that an error names.

    Raises:
        SiteError: it is not YAML.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with one more string tag
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise SiteError(f"{name}:{line}: this is not YAML ({error.problem}); fix that line.") from None


def marked(text: str, name: str) -> Iterator[tuple[int, str]]:
    """The line and the text of every string marked `!t`, in file order.

    Raises:
        SiteError: it is not YAML.
    """
    parse(text, name)
    pending: list[yaml.Node | None] = [yaml.compose(text, Loader=_Loader)]
    while pending:
        node = pending.pop()
        if isinstance(node, yaml.ScalarNode) and node.tag == TAG:
            yield node.start_mark.line + 1, _words(node)
        elif isinstance(node, yaml.MappingNode):
            pending.extend(child for pair in reversed(node.value) for child in reversed(pair))
        elif isinstance(node, yaml.SequenceNode):
            pending.extend(reversed(node.value))


def load(path: pathlib.Path, model: type[Model], root: pathlib.Path) -> Model:
    """A data file as its typed model.

    Raises:
        SiteError: it is not YAML, or not of that shape; the sentence names the line and the key.
    """
    name = path.relative_to(root).as_posix()
    text = path.read_text("utf-8")
    data = parse(text, name)
    try:
        return model.model_validate(data)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the whole file"
        message = first["msg"].removeprefix("Value error, ")
        line = _line(yaml.compose(text, Loader=_Loader), first["loc"])
        raise SiteError(f"{name}:{line}: {key} is wrong ({message}); correct it.") from None


def _line(node: yaml.Node | None, loc: Sequence[int | str]) -> int:
    """The line of the deepest node on the way to `loc` that exists."""
    line = node.start_mark.line + 1 if node else 1
    for part in loc:
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            child = next((value for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
        if child is None:
            break
        node, line = child, child.start_mark.line + 1
    return line
