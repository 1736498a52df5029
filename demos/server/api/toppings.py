"""`/api/toppings`: train a topping from examples that the page sends, follow, cancel, list and delete.

What happens is in `demos.server.topping.trainer`; here are only routes and the shapes of replies.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import Any

import psutil
from fastapi import APIRouter
from fastapi.sse import format_sse_event
from starlette.responses import JSONResponse, Response

from demos.server.api.envelope import DONE, event_stream
from demos.server.api.replies import kind_of
from demos.server.api.schemas import toppings as shapes
from demos.server.api.schemas.base import errors
from demos.server.errors import KitchenError
from demos.server.local.engine import LocalEngine
from demos.server.topping import kept, wish
from demos.server.topping.course import Course, Progress
from demos.server.topping.kept import Topping
from demos.server.topping.trainer import MOST_KEPT, Trainer, needed_memory
from demos.server.topping.wish import Wish

POLL_S = 0.1
LIMITS = {
    "examples": list(wish.EXAMPLES),
    "steps": list(wish.STEPS),
    "question": wish.LONGEST_QUESTION,
    "answer": wish.LONGEST_ANSWER,
    "name": kept.LONGEST_NAME,
    "kept": MOST_KEPT,
}


def router(trainer: Trainer) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    refused = errors(400, 401, 403, 413, 429, 500, 503) | shapes.TRAINING_ERRORS

    @routes.get("/api/toppings", responses={200: {"model": shapes.Toppings}, **errors(401, 403)})
    def list_toppings() -> Response:
        """What is kept, what is being trained, and what training takes."""
        return JSONResponse(overview(trainer))

    @routes.post(
        "/api/toppings",
        status_code=202,
        responses={202: {"model": shapes.Training}, **refused, **errors(408)},
    )
    def train_topping(wanted: Wish) -> Response:
        """Begin to train a topping from examples."""
        return JSONResponse(asdict(trainer.start(wanted)), 202)

    @routes.get(
        "/api/toppings/{name}/training",
        response_class=Response,
        responses={200: {"content": shapes.FOLLOWED}, **errors(401, 403, 404)},
    )
    async def follow_training(name: str) -> Response:
        """A training from its first step on, to its end."""
        return event_stream(events(trainer.find(name)))

    @routes.post(
        "/api/toppings/{name}/cancel",
        responses={200: {"model": shapes.Training}, **errors(401, 403, 404, 429, 503)},
    )
    def cancel_training(name: str) -> Response:
        """End a training; nothing of it is kept."""
        return JSONResponse(asdict(trainer.cancel(name)))

    @routes.delete(
        "/api/toppings/{name}",
        status_code=204,
        response_class=Response,
        responses=refused | errors(404),
    )
    def delete_topping(name: str) -> Response:
        """Delete a topping."""
        trainer.remove(name)
        return Response(status_code=204)

    return routes


def overview(trainer: Trainer) -> dict[str, Any]:
    """Everything that a page needs before it asks for something."""
    refusal = None
    toppings: list[dict[str, Any]] = []
    needed = None
    try:
        engine, base, _ = trainer.ready()
        needed = needed_memory(base)
        there = engine.take_up()
        if kept.HOUSE in engine.card.adapters:
            toppings.append(entry(engine, Topping(kept.HOUSE, "", 0, ())))
        toppings += [entry(engine, topping) for topping in there]
    except KitchenError as error:
        refusal = {"message": str(error), "code": kind_of(error)[1]}
    return {
        "model": trainer.model,
        "refusal": refusal,
        "limits": LIMITS,
        "memory": {"needed_bytes": needed, "free_bytes": psutil.virtual_memory().available},
        "training": asdict(progress) if (progress := trainer.progress) else None,
        "toppings": toppings,
    }


async def events(course: Course) -> AsyncIterator[bytes]:
    """An event for every step, those included that were before, and one for the end; step 0 is loading."""
    told = -1
    while True:
        now = course.progress
        for step in range(told + 1, now.step + 1):
            yield event(replace(now, state="training" if step else "loading", reason=None, code=None), step)
        told = now.step
        if now.ended:
            yield event(now, told)
            yield DONE
            return
        await asyncio.sleep(POLL_S)


def event(now: Progress, step: int) -> bytes:
    """What a page hears of one step."""
    told = {
        "state": now.state,
        "step": step,
        "of": now.of,
        "loss": now.losses[step - 1] if step else None,
        "seconds_left": now.seconds_left if step == now.step else None,
        "reason": now.reason,
        "code": now.code,
    }
    return format_sse_event(data_str=json.dumps(told, ensure_ascii=False))


def entry(engine: LocalEngine, topping: Topping) -> dict[str, Any]:
    """A topping as the page sees it."""
    return {
        "name": topping.name,
        "house": topping.name == kept.HOUSE,
        "created": topping.created or None,
        "examples": topping.examples,
        "losses": list(topping.losses),
        "memory_bytes": engine.adapter_bytes(topping.name),
    }
