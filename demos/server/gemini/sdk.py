"""The SDK's client as this server uses it: one address, one key, no detours.

Knows HTTP and the SDK's settings, but neither orders nor money. Four things differ from the SDK's defaults:
environment variables cannot send prompts to another address or product than the page has named; redirects are
not followed, because the header with the key would travel along; connecting, silence and the whole answer
each have their own limit; and the event stream is checked before the SDK reads it (`gemini_stream`).
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import httpx2
from google import genai
from google.genai import types

from demos.server.distant.key import Key
from demos.server.distant.patience import Patience
from demos.server.gemini import stream

departures: ContextVar[Callable[[int], None]] = ContextVar("departures", default=lambda _size: None)
"""Hears the size of each request body of this task that has left."""


@asynccontextmanager
async def client(
    key: Key, address: str, patience: Patience, transport: httpx2.AsyncBaseTransport | None = None
) -> AsyncIterator[genai.Client]:
    """The client, whose connections are closed at the end.

    Args:
        key: pays.
        address: of the API.
        patience: how long to wait for what.
        transport: takes the requests instead of the network.

    Raises:
        ValueError: the proxy that the environment names is no address.
    """

    async def limit(request: httpx2.Request) -> None:
        # The SDK has one number for all of it.
        request.extensions["timeout"] = {
            "connect": patience.connect,
            "pool": patience.connect,
            "read": patience.silence,
            "write": patience.silence,
        }
        left, sizes = departures.get(), [len(request.content)]

        async def trace(step: str, _details: dict[str, Any]) -> None:
            # Once: asking a proxy for a tunnel is traced as well.
            if step.endswith("send_request_body.complete") and sizes:
                left(sizes.pop())

        request.extensions["trace"] = trace

    async with httpx2.AsyncClient(
        follow_redirects=False,
        transport=transport,
        trust_env=transport is None,  # a proxy would go before it
        headers={"accept-encoding": "identity"},  # packed, a stream comes in lumps
        event_hooks={"request": [limit], "response": [stream.check]},
    ) as http:
        options = types.HttpOptions(
            base_url=address, timeout=round(patience.whole * 1000), httpx_async_client=http
        )
        made = genai.Client(api_key=key.reveal(), vertexai=False, http_options=options)
        try:
            yield made
        finally:
            made.close()
