"""The port: checked and taken before anything slow begins, served by uvicorn, given back on Ctrl-C.

Knows ASGI apps, but not which one it serves.
"""

import contextlib
import errno
import ipaddress
import math
import socket
import threading
import time
from collections.abc import Callable
from types import FrameType

import psutil
import uvicorn
from starlette.types import ASGIApp

from demos.server.api.connection import PatientProtocol
from demos.server.errors import KitchenError
from demos.server.settings import Settings

HOST = "127.0.0.1"
HIGHEST_PORT = 65535
LAST_WORDS_S = 3
"""How long a stream has to say why it ends."""


class PortError(KitchenError):
    """The port is no port, or is not free; or the address is not this machine's."""


def reserve(port: str, host: str = HOST) -> socket.socket:
    """Take a port now, so that nobody else does while the site is built.

    Connections wait from here on until `serve` accepts them.

    Args:
        port: what the person wrote.
        host: the address to listen on.

    Raises:
        PortError: it is not a number from 1 to 65535, or cannot be taken, or not at this address.
    """
    wanted, address = number(port), address_of(host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004
    try:
        return socket.create_server((str(address), wanted), family=family)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise PortError(
                f"This machine has no address {address} to listen on: use {HOST}, or 0.0.0.0 for all it has."
            ) from error
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        taken = error.errno == errno.EADDRINUSE
        problem = "is taken by another program" if taken else "may only be used by the system"
        other = 8123 if wanted != 8123 else 8124  # noqa: PLR2004
        raise PortError(f"Port {wanted} {problem}: use another one, make serve PORT={other}") from error


def number(port: str) -> int:
    """The number of a port.

    Raises:
        PortError: it is not one from 1 to 65535.
    """
    found = int(port) if port.isascii() and port.isdigit() and len(port) <= len(str(HIGHEST_PORT)) else 0
    if not 1 <= found <= HIGHEST_PORT:
        raise PortError(
            f"'{port[:100]}' is not a port: give a whole number from 1 to {HIGHEST_PORT}, for example "
            "make serve PORT=8123"
        )
    return found


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address to listen on.

    Raises:
        PortError: it is none.
    """
    try:
        return ipaddress.ip_address(HOST if host == "localhost" else host.strip("[]"))
    except ValueError:
        raise PortError(
            f"'{host[:100]}' is not an address to listen on: give one of this machine's, for example {HOST}, "
            "or 0.0.0.0 for all it has."
        ) from None


def is_private(host: str) -> bool:
    """Whether only this machine can reach the address."""
    return address_of(host).is_loopback


def names_of(host: str) -> tuple[str, ...]:
    """What requests to a server at this address call it by, as far as this machine knows."""
    address = address_of(host)
    if address.is_loopback:
        return (str(address),)
    if not address.is_unspecified:
        return (str(address), socket.gethostname())
    found = {
        entry.address.partition("%")[0]
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in {socket.AF_INET, socket.AF_INET6}
    }
    return (*sorted(found), socket.gethostname())


def config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves an app: patient for so long, with no log of its own."""
    return uvicorn.Config(
        app,
        http=PatientProtocol.of(settings.sender_timeout_s, settings.reader_timeout_s),
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=LAST_WORDS_S,
    )


class Server(uvicorn.Server):
    """uvicorn that first lets those inside finish: told once, it waits for them; told twice, it does not."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        closing: threading.Event,
        *,
        listening: Callable[[], None],
        stopping: Callable[[], None],
    ) -> None:
        """Prepare: see `serve`."""
        super().__init__(config(app, settings))
        self._grace_s, self._closing = settings.grace_s, closing
        self._listening, self._stopping = listening, stopping
        self._told: tuple[int, FrameType | None] | None = None
        self._latest = math.inf

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets=sockets)
        self._listening()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self._told:
            self._latest = -math.inf
        else:
            self._told, self._latest = (sig, frame), time.monotonic() + self._grace_s
            self._closing.set()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: end, once it is time to."""
        late = time.monotonic() >= self._latest
        if self._told and (late or not self.server_state.tasks):
            self._stopping()
            super().handle_exit(*self._told)
        return await super().on_tick(counter)


def serve(
    app: ASGIApp,
    settings: Settings,
    reserved: socket.socket,
    closing: threading.Event,
    *,
    listening: Callable[[], None],
    stopping: Callable[[], None],
) -> None:
    """Serve until Ctrl-C or SIGTERM, then return.

    Args:
        app: what to serve.
        settings: how long to be patient, and how long running answers may go on at the end.
        reserved: from `reserve`.
        closing: set at the first signal, from when on the app takes no more orders.
        listening: called once, when the first request can be answered.
        stopping: called when it is time to end what still runs; streams have a few seconds to say so.
    """
    # uvicorn raises the signal again once everything is closed, for callers who want to know.
    with contextlib.suppress(KeyboardInterrupt):
        Server(app, settings, closing, listening=listening, stopping=stopping).run(sockets=[reserved])
