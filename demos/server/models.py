"""`GET /v1/models`: every bowl on the menu, what it can do and where it runs."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from demos.server.engine import Engine, label
from demos.server.errors import UnknownModelError

CAPABILITIES = {"image": False, "thinking": False, "logprobs": False, "adapters": False}


def router(engine: Engine) -> APIRouter:
    """The routes, for one engine."""
    routes = APIRouter()

    @routes.get("/models")
    def list_models() -> dict[str, Any]:
        """The menu."""
        return {"object": "list", "data": [entry(engine)]}

    @routes.get("/models/{model_id:path}")
    def retrieve_model(model_id: str) -> dict[str, Any]:
        """One entry of the menu."""
        if model_id != engine.card.id:
            message = (
                f"There is no model '{model_id[:100]}' on the menu: this kitchen cooks '{engine.card.id}'."
            )
            raise UnknownModelError(message)
        return entry(engine)

    return routes


def entry(engine: Engine) -> dict[str, Any]:
    """OpenAI's fields, then ours."""
    hardware = engine.hardware
    return {
        "id": engine.card.id,
        "object": "model",
        "created": 0,
        "owned_by": "local",
        **describe(engine),
        "capabilities": CAPABILITIES,
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
