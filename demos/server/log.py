"""The server's log: one JSON object a line on stderr, without prompts, keys, addresses or query strings.

Errors keep their type and the lines of code they came through, but not their message: a message often quotes
what it choked on, which here is what somebody wrote.
"""

import json
import logging
import pathlib
import time
import traceback
from typing import Literal

LOG = logging.getLogger("two_bowls")
ROOT = pathlib.Path(__file__).parents[2]


class JsonLines(logging.Formatter):
    """A record as one JSON object; its `extra={"fields": {...}}` are members of it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        entry: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage().strip(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            entry["error"] = type(error).__name__
            entry["stack"] = [
                f"{short(frame.filename)}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
        return json.dumps(entry, ensure_ascii=False)


def short(file: str) -> str:
    """A source file's path, from the project where it is one of ours."""
    path = pathlib.Path(file)
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else pathlib.Path(*path.parts[-3:]))


def set_up(what: Literal["problems", "requests"]) -> None:
    """Send this process' log to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    LOG.setLevel(logging.INFO if what == "requests" else logging.WARNING)
