"""`GET /api/restaurant`: who cooks elsewhere, and for what. `POST /api/restaurant/letter`: what would leave.

For the page, which shows a reader the exact request before it asks whether to send it. Nothing is sent from
here, and without a key both routes answer as well: the restaurant is closed then, and its menu hangs outside.
"""

import asyncio
import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from demos.server.api.chat import order_of
from demos.server.api.requests import ChatRequest
from demos.server.api.schemas import restaurant as shapes
from demos.server.api.schemas.base import errors
from demos.server.distant.hosted import HostedModel
from demos.server.engine import Engine, Order
from demos.server.errors import UnknownModelError
from demos.server.gemini import engine as gemini
from demos.server.gemini.engine import GeminiEngine
from demos.server.settings import Settings

if TYPE_CHECKING:
    from demos.server.gemini.letter import Letter

LETTER = "/api/restaurant/letter"


def router(
    engines: Sequence[Engine], hosted: Callable[[], Sequence[HostedModel]], settings: Settings
) -> APIRouter:
    """The routes.

    Args:
        engines: all that the server has; those of the restaurant are found among them.
        hosted: the menu, asked for only when there is no key.
        settings: limits of an order.
    """
    routes = APIRouter()
    reading = asyncio.Semaphore(1)
    served = [engine for engine in engines if isinstance(engine, GeminiEngine)]
    address = served[0].address if served else gemini.ADDRESS

    @functools.cache
    def menu() -> Sequence[HostedModel]:
        return [engine.model for engine in served] if served else hosted()

    @routes.get("/api/restaurant", responses={200: {"model": shapes.Restaurant}, **errors(401, 403, 500)})
    async def restaurant() -> Any:
        """The menu with today's prices, and what may still be spent."""
        day = gemini.utc_today()
        budget = served[0].budget if served else None
        return {
            "open": bool(served),
            "host": address.partition("://")[2],
            "day": day.isoformat(),
            "models": [entry(model, day) for model in await run_in_threadpool(menu)],
            "budget": budget
            and {
                "limit_usd": budget.limit_usd,
                "spent_usd": budget.spent_usd,
                "unreported_usd": budget.unreported_usd,
                "held_usd": budget.held_usd,
            },
        }

    @routes.post(
        LETTER,
        responses={
            200: {"model": shapes.Letter},
            **errors(400, 401, 403, 404, 408, 413, 429, 500, 503),
        },
    )
    async def letter(chat: ChatRequest) -> Any:
        """The request that this order would be to the Gemini API. It is not sent."""
        model = next((each for each in await run_in_threadpool(menu) if each.id == chat.model), None)
        if model is None:
            there = "', '".join(each.id for each in menu())
            raise UnknownModelError(
                f"There is no model '{(chat.model or '')[:100]}' at the restaurant: it cooks '{there}'."
            )
        order = await order_of(chat, settings, None, reading)
        return (await run_in_threadpool(_written, order, model, address)).shown

    return routes


def _written(order: Order, model: HostedModel, address: str) -> "Letter":
    """In a thread and a loop of its own: the first import of the SDK takes most of a second."""
    from demos.server.gemini import letter  # noqa: PLC0415

    return asyncio.run(letter.written(order, model, address))


def entry(model: HostedModel, day: dt.date) -> dict[str, Any]:
    """One model as the page needs it."""
    price = model.price(day)
    return {
        "id": model.id,
        "label": model.name,
        "free_tier": model.free_tier,
        "thinking": bool(model.thinking),
        "sampling": model.sampling,
        "price": price
        and {
            "input": price.input,
            "output": price.output,
            "cached_input": price.cached_input,
            "until": price.end.isoformat() if price.end else None,
        },
    }
