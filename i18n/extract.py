"""Find every string to translate, with the exact file and line, one file at a time.

Babel's own directory walk drops a whole broken template without a word; here a broken file is an error
that names it.
"""

import dataclasses
import io
import pathlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jinja2
import jinja2.ext
from babel.messages.extract import extract as babel_extract

from i18n import templates
from i18n.errors import SiteError

# Line and msgid, and where there are any, notes for the translator.
Found = Iterator[tuple[int, str] | tuple[int, str, tuple[str, ...]]]
Reader = Callable[[str, str], Found]


@dataclasses.dataclass(frozen=True)
class Message:
    """A string to translate: where its source stands, and which area of the project it belongs to."""

    msgid: str
    file: str
    line: int
    area: str
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Source:
    """Files of one kind: their area, a glob from the root, and what reads them (text, name -> strings)."""

    area: str
    files: str
    reader: Reader


def from_page(text: str, name: str) -> Found:
    """Strings of a page template."""
    return _from_jinja(text, name, templates.PAGE)


def from_override(text: str, name: str) -> Found:
    """Strings of a theme override."""
    return _from_jinja(text, name, templates.OVERRIDE)


def _from_jinja(text: str, name: str, marks: templates.Marks) -> Found:
    env = templates.environment(marks)
    try:
        tree = env.parse(text, filename=name)
    except jinja2.TemplateSyntaxError as error:
        raise templates.parse_error(error, name) from None
    for line, function, arguments in jinja2.ext.extract_from_ast(tree):
        message = arguments[0] if isinstance(arguments, tuple) else arguments  # the rest are placeholders
        if not isinstance(message, str) or function not in {"_", "gettext"}:
            raise SiteError(
                f"{name}:{line}: this string is not one plain literal; write the text itself, without "
                "plural, and hand numbers in as placeholders."
            )
        yield line, message


def from_script(text: str, _name: str) -> Found:
    """Strings of a browser module: `t("...")`."""
    return _from_code(text, "javascript", "t")


def from_python(text: str, _name: str) -> Found:
    """Strings of a Python module that pages show: `_("...")`."""
    return _from_code(text, "python", "_")


def _from_code(text: str, method: str, function: str) -> Found:
    stream = io.BytesIO(text.encode())
    for line, message, _, _ in babel_extract(method, stream, keywords={function: None}):
        yield line, message if isinstance(message, str) else str(message[0])


def from_babel(extractor: Callable[..., Iterable[tuple[int, Any, str, list[str]]]]) -> Reader:
    """A reader made of a Babel extractor that another package brings."""

    def read(text: str, name: str) -> Found:
        stream = io.BytesIO(text.encode())
        stream.name = name
        for line, _, msgid, notes in extractor(stream, (), (), {}):
            yield line, msgid, tuple(notes)

    return read


def extract(root: pathlib.Path, sources: Iterable[Source]) -> list[Message]:
    """Every message of the project, the first place of each msgid only, in catalog order.

    Raises:
        SiteError: a file does not parse.
    """
    messages: dict[str, Message] = {}
    for source in sources:
        for path in sorted(root.glob(source.files)):
            name = path.relative_to(root).as_posix()
            for line, msgid, *notes in source.reader(path.read_text("utf-8"), name):
                messages.setdefault(msgid, Message(msgid, name, line, source.area, *notes))
    return list(messages.values())
