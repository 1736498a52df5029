"""A connection that does not wait for ever: for a request's head, or for a client that stopped reading.

uvicorn's own protocol with two clocks. Whoever lets one run out is cut off, which the app hears as a client
that has left. Knows no app.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD, READER = "head", "reader"


class PatientProtocol(H11Protocol):
    """One connection; `of` makes the class for a server."""

    head_timeout_s: float
    reader_timeout_s: float

    def __init__(self, *given: Any, **named: Any) -> None:
        """Take what uvicorn gives."""
        super().__init__(*given, **named)
        self._clocks: dict[str, asyncio.TimerHandle] = {}

    @classmethod
    def of(cls, head_timeout_s: float, reader_timeout_s: float) -> type["PatientProtocol"]:
        """A class with these patiences.

        Args:
            head_timeout_s: for a request's line and headers to arrive.
            reader_timeout_s: for a client to go on reading what was sent to it.
        """
        patience = {"head_timeout_s": head_timeout_s, "reader_timeout_s": reader_timeout_s}
        return type(cls.__name__, (cls,), patience)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is here, and its request is awaited."""
        super().connection_made(transport)
        self._start(HEAD, self.head_timeout_s)

    def data_received(self, data: bytes) -> None:
        """Read on; while a request's head is half here, its clock runs."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop(HEAD)
        elif HEAD not in self._clocks:
            self._start(HEAD, self.head_timeout_s)

    def pause_writing(self) -> None:
        """The client has not read the last 64 KiB."""
        super().pause_writing()
        self._start(READER, self.reader_timeout_s)

    def resume_writing(self) -> None:
        """It reads on."""
        super().resume_writing()
        self._stop(READER)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has left."""
        self._stop(HEAD)
        self._stop(READER)
        super().connection_lost(exc)

    def _start(self, clock: str, seconds: float) -> None:
        self._clocks[clock] = self.loop.call_later(seconds, self.transport.abort)

    def _stop(self, clock: str) -> None:
        if clock in self._clocks:
            self._clocks.pop(clock).cancel()
