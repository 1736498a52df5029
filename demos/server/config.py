"""One `Settings` from flags, environment variables and a TOML file: the first that names a setting wins.

Reads what it is given and nothing else, so that tests need no environment. A wrong value is one sentence
with the place it came from.
"""

import difflib
import pathlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields

from pydantic import TypeAdapter, ValidationError

from demos.server.errors import KitchenError
from demos.server.settings import Settings

PREFIX = "TWO_BOWLS_"
FILE = "TWO_BOWLS_CONFIG"
OURS_ELSEWHERE = {FILE, "TWO_BOWLS_CACHE"}
"""Variables that name files and no setting."""
NAMES = tuple(field.name for field in fields(Settings))
SECRET = "token"  # noqa: S105 - the name of the setting, not a token

Found = Iterator[tuple[str, object, str]]
"""A setting's name, its value, and where it stands, as a person would point at it."""


class ConfigError(KitchenError):
    """A setting has a name or a value that cannot be."""


def read(
    flags: Mapping[str, object], environment: Mapping[str, str], file: pathlib.Path | None = None
) -> Settings:
    """The settings.

    Args:
        flags: by setting; None where the person gave none.
        environment: variables; those that begin with `PREFIX` count.
        file: TOML; None for the one that `FILE` names in the environment, if any.

    Raises:
        ConfigError: a name is no setting, a value is not as it should be, or the file cannot be read.
    """
    file = file or (pathlib.Path(environment[FILE]) if environment.get(FILE) else None)
    places: dict[str, str] = {}
    values: dict[str, object] = {}
    for source in (from_file(file) if file else iter(()), from_environment(environment), from_flags(flags)):
        for name, value, place in source:
            if name not in NAMES:
                likely = difflib.get_close_matches(name, NAMES, 1)
                hint = f"did you mean '{likely[0]}'?" if likely else f"there are {', '.join(NAMES)}."
                raise ConfigError(f"{place} is no setting: {hint}")
            values[name], places[name] = value, place
    try:
        return TypeAdapter(Settings).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        expected = first["msg"][:1].lower() + first["msg"][1:]
        found = "" if name == SECRET else f", found {values[name]!r:.100}"
        raise ConfigError(f"{places[name]} is not as it should be: {expected}{found}.") from None


def from_file(path: pathlib.Path) -> Found:
    """The settings of a TOML file.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ConfigError(f"The settings in {path} cannot be read: {problem}.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The settings in {path} are no TOML: {error}.") from None
    for name, value in content.items():
        yield name, value, f"{path}: {name}"


def from_environment(environment: Mapping[str, str]) -> Found:
    """The settings among environment variables; an empty one counts as not set."""
    for variable, value in environment.items():
        if variable.startswith(PREFIX) and variable not in OURS_ELSEWHERE and value:
            yield variable.removeprefix(PREFIX).lower(), value, variable


def from_flags(flags: Mapping[str, object]) -> Found:
    """The settings among flags. A flag that may come several times is an empty list when it does not."""
    for name, value in flags.items():
        if value is not None and value != []:
            yield name, value, f"--{name.replace('_', '-')}"
