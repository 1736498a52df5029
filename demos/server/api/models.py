"""`GET /v1/models`: every bowl on the menu, what it can do and where it runs; finds a bowl by its name.

A name is only ever compared with those on the menu: it is no path, and asking for one downloads nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from demos.server.api.schemas import openai as shapes
from demos.server.api.schemas.base import errors
from demos.server.engine import Engine, label
from demos.server.errors import UnknownModelError
from demos.server.topping.kept import BASE


class Models:
    """The engines of one server, the default one first."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        """List them."""
        self.engines = engines

    def find(self, name: str | None) -> tuple[Engine, str | None]:
        """An engine and, where the name is "model:adapter", that adapter: "" for "model:base", without any.

        Args:
            name: None for the default engine.

        Raises:
            UnknownModelError: it is not on the menu.
        """
        if name is None:
            return self.engines[0], None
        # Some servers have colons in their models' own names, so the whole name comes first.
        base, _, adapter = name.rpartition(":")
        for engine in self.engines:
            if engine.card.id == name:
                return engine, None
        for engine in self.engines:
            if engine.card.id == base and adapter in engine.card.adapters:
                return engine, adapter
            if engine.card.id == base and adapter == BASE:
                return engine, ""
        there = "', '".join(engine.card.id for engine in self.engines)
        raise UnknownModelError(
            f"There is no model '{name[:100]}' on the menu: this kitchen cooks '{there}'."
        )

    def router(self) -> APIRouter:
        """The routes."""
        routes = APIRouter()

        @routes.get("/v1/models", responses={200: {"model": shapes.ModelList}, **errors(401, 403)})
        def list_models() -> Any:
            """The menu."""
            return {"object": "list", "data": [entry(engine) for engine in self.engines]}

        @routes.get(
            "/v1/models/{model_id:path}",
            responses={200: {"model": shapes.Model}, **errors(401, 403, 404)},
        )
        def retrieve_model(model_id: str) -> Any:
            """One entry of the menu."""
            return entry(self.find(model_id)[0])

        return routes


def entry(engine: Engine) -> dict[str, Any]:
    """OpenAI's fields, then ours."""
    card, hardware = engine.card, engine.hardware
    return {
        "id": card.id,
        "object": "model",
        "created": 0,
        "owned_by": card.host or "local",
        **describe(engine),
        "state": engine.status.state,
        "capabilities": {
            "image": card.images,
            "thinking": card.thinking,
            "logprobs": card.logprobs,
            "adapters": list(card.adapters),
        },
        "host": card.host,
        "runs_on": asdict(hardware) if hardware else None,
    }


def describe(engine: Engine) -> dict[str, Any]:
    """What the model is, in words for a page."""
    card = engine.card
    return {
        "label": label(card, engine.hardware),
        "parameters": card.parameters,
        "license": card.license,
        "license_url": card.license_url,
    }
