"""The key to the Gemini API: where it comes from, and that nobody ever reads it anywhere else.

Knows no API. A `Key` shows its source and never its value: not when it is printed, logged or in a traceback
that prints variables. Whoever must send it asks for it by name (`reveal`), and whatever came back from
elsewhere goes through `scrub` before a person reads it, as Google's own sentences can quote the key.
"""

import os
import pathlib
import re
import stat
from collections.abc import Mapping

from demos.server.errors import KitchenError

# The SDK's own rule: where both are set, the first one wins. An empty one counts as not set.
VARIABLES = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
MOST_BYTES = 4096
HIDDEN = "(hidden)"


class Key:
    """An API key that does not show itself.

    Attributes:
        source: where it was found, "GEMINI_API_KEY" or the path of a file.
    """

    __slots__ = ("_value", "source")

    def __init__(self, value: str, source: str) -> None:
        """Take a key.

        Raises:
            KitchenError: it is no key: a key is one word of printable ASCII, as HTTP headers need it.
        """
        value = value.strip()
        if not re.fullmatch(r"[!-~]{8,}", value):
            raise KitchenError(
                f"{source} holds no API key: expected one word of at least 8 ASCII characters, as AI Studio "
                "shows it, so copy the key once more."
            )
        self._value = value
        self.source = source

    def __repr__(self) -> str:
        return f"Key(from {self.source})"

    def reveal(self) -> str:
        """The value, for the one header that carries it."""
        return self._value

    def scrub(self, text: str) -> str:
        """The text without the key in it."""
        return text.replace(self._value, HIDDEN)


def find(environ: Mapping[str, str], file: pathlib.Path | None = None) -> Key | None:
    """The key, None where there is none: the restaurant is closed then.

    Args:
        environ: the environment, with GOOGLE_API_KEY or GEMINI_API_KEY in it.
        file: a file with nothing but the key, which goes before the environment because somebody named it.

    Raises:
        KitchenError: the file cannot be read, or others than its owner can read it, or there is no key in it.
    """
    if file is not None:
        return Key(_private(file.expanduser()), str(file))
    named = next((name for name in VARIABLES if environ.get(name)), None)
    return Key(environ[named], named) if named else None


def _private(file: pathlib.Path) -> str:
    """What a file holds that only its owner can read."""
    try:
        # Opened once and asked through the descriptor, so that it cannot be another file by then; a pipe
        # must not make the server wait.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise KitchenError(f"The key file {file} cannot be opened: {error.strerror}.") from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise KitchenError(f"The key file {file} is no file: name a file that holds the key alone.")
        mode = stat.S_IMODE(found.st_mode)
        # Windows answers with made-up bits: its own permissions are not among them.
        if os.name == "posix" and mode & 0o077:
            raise KitchenError(
                f"The key file {file} can be read by others than its owner, found {mode:04o}, expected 0600: "
                f"chmod 600 {file}"
            )
        return os.read(descriptor, MOST_BYTES).decode("ascii", "replace")
    finally:
        os.close(descriptor)
