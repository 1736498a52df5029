"""For an app behind a proxy that keeps several of it: who answered, and what the proxy refuses, in our words.

Knows ASGI, and neither Ray nor models: the proxy's process loads no torch for it.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos.server.api import replies

REPLICA = "X-Replica"
FULL = "All kitchens are full. Try again in {} seconds."
NONE = "No kitchen is open right now: another one is being opened."
WAIT = "5"
"""Seconds, where the proxy names none."""


class Named:
    """ASGI middleware: every reply says which replica it came from."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        """Name an app."""
        self.app, self.name = app, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REPLICA] = self.name
            await send(message)

        await self.app(scope, receive, send_named)


class Refusals:
    """ASGI middleware for the proxy: what it refuses itself is an error as ours are, with its Retry-After."""

    def __init__(self, app: ASGIApp) -> None:
        """Watch what the proxy says."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its reply if a replica gave it."""
        refused = False

        async def send_or_refuse(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                refused = message["status"] in {429, 503} and REPLICA not in headers
                if refused:
                    status, wait = message["status"], headers.get("Retry-After", WAIT)
                    sentence, code = (FULL.format(wait), "queue_full") if status == 429 else (NONE, None)  # noqa: PLR2004
                    reply = replies.error(status, sentence, code=code, headers={"Retry-After": wait})
                    await reply(scope, receive, send)
            if not refused:
                await send(message)

        await self.app(scope, receive, send_or_refuse)


def doormen() -> list[Middleware]:
    """What stands between Ray's proxy and its clients."""
    return [Middleware(Refusals)]
