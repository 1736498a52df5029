"""How much one client, and all of them together, may ask for, and how long a request may take to arrive.

Each limit has its sentence and its status. Long answers that nobody reads are the business of `connection`.
"""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos.server.api import replies
from demos.server.settings import Settings

ORDERS = ("/v1/", "/api/restaurant/", "/api/toppings")
"""Where orders come in: writing a letter to the restaurant takes as much of a thread as reading one, and a
topping much more."""
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MOST_CLIENTS = 10_000
"""Clients that are remembered before those who have asked for nothing lately are forgotten."""

TOO_BIG = "The request is too big: at most {} bytes are taken."
TOO_MANY = "The request has too many parts: at most {} commas are taken."
TOO_SLOW = "The request did not arrive within {:g} seconds."
CLOSED = "The kitchen is closing and takes no more orders."


class Buckets:
    """A token bucket for each client: it holds a minute's orders and fills as fast as they are allowed."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Fill every client's bucket.

        Args:
            per_minute: orders.
            clock: seconds.
        """
        self._size = per_minute
        self._per_second = per_minute / 60
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, client: str) -> float:
        """Take an order out of a client's bucket: 0, or the seconds after which there is one."""
        now = self._clock()
        left, since = self._buckets.get(client, (float(self._size), now))
        left = min(self._size, left + (now - since) * self._per_second)
        if left < 1:
            return (1 - left) / self._per_second
        if len(self._buckets) >= MOST_CLIENTS and client not in self._buckets:
            self._forget(now)
        self._buckets[client] = (left - 1, now)
        return 0

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again, and the older half where that is not enough."""
        kept = [
            (c, b) for c, b in self._buckets.items() if b[0] + (now - b[1]) * self._per_second < self._size
        ]
        kept.sort(key=lambda item: item[1][1])
        self._buckets = dict(kept[-MOST_CLIENTS // 2 :])


class Limits:
    """ASGI middleware: announced size, orders per client, orders at once, time for a request to arrive."""

    def __init__(
        self, app: ASGIApp, settings: Settings, larger: Mapping[str, int], closing: threading.Event
    ) -> None:
        """Limit an app.

        Args:
            app: the app.
            settings: its limits.
            larger: bytes of a request to the few paths that take more than others.
            closing: set when no more orders are let in.
        """
        self.app = app
        self.larger = larger
        self.closing = closing
        self.settings = settings
        self.buckets = Buckets(settings.requests_per_minute)
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or say when to come back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.larger.get(scope["path"], self.settings.max_body_bytes)
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length[:20]) > most:
            await replies.error(413, TOO_BIG.format(most))(scope, receive, send)
            return
        bounded = self.bounded(receive, most)
        if scope["method"] not in CHANGES or not scope["path"].startswith(ORDERS):
            await self.app(scope, bounded, send)
            return
        if self.closing.is_set():
            after = {"Retry-After": str(self.settings.retry_after_s)}
            await replies.error(503, CLOSED, code="closed", headers=after)(scope, receive, send)
            return
        client = scope["client"][0] if scope.get("client") else ""
        wait = self.settings.retry_after_s
        if self.inside >= self.settings.max_requests:
            sentence = (
                f"The kitchen is full: {self.inside} orders are in the house. Try again in {wait} seconds."
            )
            code = "queue_full"
        elif seconds := self.buckets.take(client):
            wait, code = math.ceil(seconds), None
            sentence = (
                f"That was more than {self.settings.requests_per_minute} orders in a minute. Try again in "
                f"{wait} seconds."
            )
        else:
            self.inside += 1
            try:
                await self.app(scope, bounded, send)
            finally:
                self.inside -= 1
            return
        await replies.error(429, sentence, code=code, headers={"Retry-After": str(wait)})(
            scope, receive, send
        )

    def bounded(self, receive: Receive, most: int) -> Receive:
        """The same, but a body that is too long, or not all here in time, is refused."""
        seconds = self.settings.sender_timeout_s
        deadline = time.monotonic() + seconds
        complete = False
        size = commas = 0

        async def receive_bounded() -> Message:
            nonlocal complete, size, commas
            if complete:
                return await receive()
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, TOO_SLOW.format(seconds), {"Connection": "close"}) from None
            complete = not message.get("more_body", False)
            body = message.get("body", b"")
            size += len(body)
            commas += body.count(b",")
            if size > most:
                raise HTTPException(413, TOO_BIG.format(most), {"Connection": "close"})
            # A picture is one long string; of what else is JSON, 12 MB become a quarter of a GB when read.
            if commas > self.settings.max_body_bytes:
                sentence = TOO_MANY.format(self.settings.max_body_bytes)
                raise HTTPException(413, sentence, {"Connection": "close"})
            return message

        return receive_bounded
