"""Who may talk to the kitchen, and the headers that every reply carries.

A server on 127.0.0.1 is not private by itself: any page in the same browser can send requests to it. A
request must call the server by one of its own names (a foreign name that resolves to 127.0.0.1 is how such
pages read replies), and a POST must come from its own pages or from no page at all.
"""

import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos.server import replies
from demos.server.settings import Settings

HOST = re.compile(r"(?P<name>\[[0-9a-f:]+\]|[^\s:@/\[\]]+)(?::\d+)?", re.IGNORECASE)

# Modest on purpose: Material needs inline scripts and styles. No reply may be framed or embedded elsewhere.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'self'; object-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """ASGI middleware: checks Host, Origin and the announced length, adds `HEADERS`."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Guard an app."""
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = refuse(scope, self.settings.hosts)
        length = Headers(scope=scope).get("content-length", "")
        app = self.app
        if refusal:
            app = replies.error(403, refusal)
        elif length.isdigit() and int(length) > self.settings.max_body_bytes:
            app = replies.too_big(self.settings)  # FastAPI catches those that do not announce it
        await app(scope, receive, send_with_headers)


def refuse(scope: Scope, hosts: Collection[str]) -> str:
    """One sentence on why this request is not taken, "" when it is."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    match = HOST.fullmatch(host)
    if not match or match["name"].strip("[]").lower() not in hosts:
        return f"This server does not answer to the name '{host[:100]}': use {' or '.join(sorted(hosts))}."
    origin = headers.get("origin")
    if scope["method"] not in {"GET", "HEAD", "OPTIONS"} and origin not in {
        None,
        f"{scope['scheme']}://{host}",
    }:
        return f"Requests from pages of '{origin[:100]}' are not taken, only from this server's own pages."
    return ""
