"""The event stream of the Gemini API, cleaned and checked before the SDK reads it.

Three things go wrong otherwise. The SDK takes for data what is none: the comment lines by which a proxy keeps
a connection alive, or fields other than `data`. It raises in the midst of its nested generators when an event
is an error or no JSON, and leaves the connection to the garbage collector. And it quotes the answer in the
exception. Here, at the bottom, an exception passes through all of them and closes what it leaves.
"""

import contextlib
import json
from collections.abc import AsyncIterator

import httpx2
from google.genai import errors

MOST_BYTES = 8 * 1024 * 1024
KIND = "text/event-stream"
FIELDS = (b":", b"event:", b"id:", b"retry:")


class BadReplyError(Exception):
    """What came is no answer of the API."""


async def check(response: httpx2.Response) -> None:
    """Have the events of an answer checked while they are read; for `event_hooks`.

    Raises:
        BadReplyError: the response has no events.
    """
    if response.status_code == httpx2.codes.OK and response.url.path.endswith(":streamGenerateContent"):
        if not response.headers.get("content-type", "").startswith(KIND):
            raise BadReplyError
        response.stream = Events(response.stream)  # type: ignore[arg-type]


class Events(httpx2.AsyncByteStream):
    """One event after the other, each a JSON object on one line."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        """Wrap a stream."""
        self._stream = stream
        self._data: list[bytes] = []
        self._strange = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The events, each as soon as it is complete.

        Raises:
            BadReplyError: something is no event, or holds no JSON object.
            errors.APIError: an event is an error.
        """
        rest = b""
        async for piece in self._stream:
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > MOST_BYTES:
                raise BadReplyError
            for line in lines:
                if event := self._take(line):
                    examine(event)
                    yield b"data: " + event + b"\n\n"
        event = self._take(rest) or self._take(b"")
        if self._strange:
            examine(self._strange)
            raise BadReplyError
        if event:
            # The last one lacks its empty line. Where it is cut off, its end is missed soon enough.
            with contextlib.suppress(BadReplyError):
                examine(event)
                yield b"data: " + event + b"\n\n"

    def _take(self, line: bytes) -> bytes:
        """The event that a line completes, b"" for none."""
        line = line.rstrip(b"\r")
        if line.startswith(b"data:"):
            self._data.append(line.removeprefix(b"data:").strip())
        elif line and not line.startswith(FIELDS):
            self._strange += line
        elif not line:
            # A line break between two tokens of JSON is white space, and within one there is none.
            event, self._data = b" ".join(self._data), []
            return event
        return b""

    async def aclose(self) -> None:
        """Close the stream."""
        await self._stream.aclose()


def examine(event: bytes) -> None:
    """Let what the SDK can read pass.

    Raises:
        BadReplyError: it is none of the API's objects.
        errors.APIError: it is an error.
    """
    try:
        found = json.loads(event)
    except ValueError:
        raise BadReplyError from None
    if not isinstance(found, dict) or not isinstance(found.get("candidates", []), list):
        raise BadReplyError
    if isinstance(error := found.get("error"), dict):
        code = error.get("code")
        errors.APIError.raise_error(code if isinstance(code, int) else 0, found, None)
