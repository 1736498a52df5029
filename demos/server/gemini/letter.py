"""The request that an order would be to the Gemini API, written by the SDK itself and sent to nobody.

The SDK's own client runs with a transport that keeps the request and answers it here: so the bytes are those
that an order sends, and not somebody's idea of them. Needs no key; knows neither money nor routes.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from demos.server.distant.hosted import HostedModel
from demos.server.distant.key import Key
from demos.server.distant.patience import Patience
from demos.server.engine import Order
from demos.server.gemini import request, sdk

NO_KEY: Final = Key("a-key-that-opens-nothing", "this module")
ENDED: Final = b'data: {"candidates": [{"index": 0, "finishReason": "STOP"}]}\r\n\r\n'


@dataclass(frozen=True)
class Letter:
    """One request.

    Attributes:
        url: where it would go, the key not being part of it.
        body: the very bytes.
    """

    url: httpx2.URL
    body: bytes

    @property
    def shown(self) -> dict[str, Any]:
        """What a page shows of it: the body as JSON, how many bytes that is, and where they would go."""
        return {
            "host": self.url.netloc.decode(),
            "path": self.url.raw_path.decode(),
            "bytes": len(self.body),
            "body": json.loads(self.body),
        }


async def written(order: Order, model: HostedModel, address: str) -> Letter:
    """Write the request.

    Raises:
        RefusedConversationError: the API does not take such an order.
    """
    contents, config = request.build(order, model)
    letters: list[Letter] = []

    def keep(sent: httpx2.Request) -> httpx2.Response:
        letters.append(Letter(sent.url, sent.content))
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=ENDED)

    transport = httpx2.MockTransport(keep)
    async with sdk.client(NO_KEY, address, Patience(), transport) as client:
        stream = await client.aio.models.generate_content_stream(
            model=model.id, contents=list(contents), config=config
        )
        async for _chunk in stream:
            pass
    return letters[0]
