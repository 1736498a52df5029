"""The port: checked and taken before anything slow begins, served by uvicorn, given back on Ctrl-C.

Binds to 127.0.0.1 only. Knows ASGI apps, but not which one it serves.
"""

import contextlib
import errno
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from demos.server.errors import KitchenError

HOST = "127.0.0.1"
HIGHEST_PORT = 65535
GRACE_S = 3


class PortError(KitchenError):
    """The port is no port, or is not free."""


def reserve(port: str) -> socket.socket:
    """Take a port now, so that nobody else does while the site is built.

    Connections wait from here on until `serve` accepts them.

    Args:
        port: what the person wrote.

    Raises:
        PortError: it is not a number from 1 to 65535, or cannot be taken.
    """
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= len(str(HIGHEST_PORT)) else 0
    if not 1 <= number <= HIGHEST_PORT:
        raise PortError(
            f"'{port[:100]}' is not a port: give a whole number from 1 to {HIGHEST_PORT}, for example "
            "make serve PORT=8123"
        )
    try:
        return socket.create_server((HOST, number))
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        taken = error.errno == errno.EADDRINUSE
        problem = "is taken by another program" if taken else "may only be used by the system"
        other = 8123 if number != 8123 else 8124  # noqa: PLR2004
        raise PortError(f"Port {number} {problem}: use another one, make serve PORT={other}") from error


def serve(
    app: ASGIApp, reserved: socket.socket, listening: Callable[[], None], stopping: Callable[[], None]
) -> None:
    """Serve until Ctrl-C or SIGTERM, then return.

    Args:
        app: what to serve.
        reserved: from `reserve`.
        listening: called once, when the first request can be answered.
        stopping: called once, when it is time to end what is running.
    """

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            listening()

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            stopping()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    # uvicorn raises the signal again once everything is closed, for callers who want to know.
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[reserved])
