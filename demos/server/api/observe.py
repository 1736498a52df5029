"""Counts and logs every request by its route, never by its address: addresses are what people look at.

Outside of everything else, so that refused requests count, too. Each reply gets an `X-Request-Id`, by which
a log line is found.
"""

import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos.server.api.guard import API
from demos.server.api.metrics import Metrics
from demos.server.log import LOG

KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observe:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Observe an app."""
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note what became of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = secrets.token_hex(8)
        status = 499  # nothing was sent: the client had left

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            method = scope["method"] if scope["method"] in KNOWN_METHODS else "other"
            route = route_of(scope)
            self.metrics.requests.labels(route, method, str(status)).inc()
            fields = {
                "id": request_id,
                "method": method,
                "route": route,
                "status": status,
                "ms": round(1000 * (time.perf_counter() - began), 1),
            }
            LOG.info("request", extra={"fields": fields})


def route_of(scope: Scope) -> str:
    """The route's own pattern, "/v1/models/{model_id}", so that there are as many as routes."""
    route = scope.get("route")
    if route is not None:
        return str(route.path_format)
    return "unknown" if scope["path"].startswith(API) else "site"
