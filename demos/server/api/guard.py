"""Who may talk to the kitchen, and the headers that every reply carries.

A server on 127.0.0.1 is not private by itself: any page in the same browser can send requests to it. A
request must call the server by one of its own names (a foreign name that resolves to 127.0.0.1 is how such
pages read replies), and a POST must come from its own pages or from no page at all. Where there is an access
token, everything but the pages and `/health` needs it.
"""

import hmac
import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos.server.api import replies
from demos.server.settings import Settings

HOST = re.compile(r"(?P<name>\[[0-9a-f:]+\]|[^\s:@/\[\]]+)(?::\d+)?", re.IGNORECASE)
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
API = ("/v1/", "/api/", "/metrics")

# Modest on purpose: Material needs inline scripts and styles. No reply may be framed or embedded elsewhere.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # The two together let a page's workers share memory: a model in the tab may use several threads.
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# What the API says is data and never a page.
API_HEADERS = HEADERS | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware: checks Host, Origin and token, adds the headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Guard an app."""
        self.app = app
        self.names = {*LOCAL_NAMES, *(name.lower() for name in settings.hosts)}
        self.token = settings.token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_api = scope["path"].startswith(API)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (API_HEADERS if is_api else HEADERS).items():
                    headers.setdefault(name, value)
            await send(message)

        app = self.refusal(scope, needs_token=is_api) or self.app
        await app(scope, receive, send_with_headers)

    def refusal(self, scope: Scope, *, needs_token: bool) -> Response | None:
        """The reply to a request that is not taken."""
        if sentence := foreign_host(scope, self.names):
            return replies.error(403, sentence, code="foreign_host")
        if sentence := foreign_origin(scope):
            return replies.error(403, sentence, code="foreign_origin")
        if self.token and needs_token and not carries(scope, self.token):
            return replies.error(
                401,
                "This server needs its access token, as 'Authorization: Bearer ...': it stands in the "
                "terminal where the server was started.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return None


def foreign_host(scope: Scope, names: Collection[str]) -> str:
    """One sentence on a name that is not this server's, "" when it is."""
    host = Headers(scope=scope).get("host", "")
    match = HOST.fullmatch(host)
    if match and match["name"].strip("[]").lower() in names:
        return ""
    return f"This server does not answer to the name '{host[:100]}': use {' or '.join(sorted(names))}."


def foreign_origin(scope: Scope) -> str:
    """One sentence on a page that may not change anything here, "" where it may."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    own = f"{scope['scheme']}://{headers.get('host', '')}"
    if scope["method"] in {"GET", "HEAD", "OPTIONS"} or origin in {None, own}:
        return ""
    return f"Requests from pages of '{origin[:100]}' are not taken, only from this server's own pages."


def carries(scope: Scope, token: str) -> bool:
    """Whether a request has the token, compared in a time that tells nothing about it."""
    kind, _, found = Headers(scope=scope).get("authorization", "").partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(found.strip().encode(), token.encode())
