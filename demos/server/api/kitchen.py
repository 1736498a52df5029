"""`GET /health` for machines, `GET /api/kitchen` for the page: whether the stove is hot, and what it is."""

from typing import Any

import psutil
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from demos.server.api.models import Models, describe
from demos.server.api.schemas import kitchen as shapes
from demos.server.api.schemas.base import errors
from demos.server.distant.engine import Distant
from demos.server.engine import Status
from demos.server.errors import MODEL_FAILED

GEMINI_HOST = "generativelanguage.googleapis.com"


def code_of(status: Status) -> str | None:
    """What kind of failure it is, None where there is none."""
    return status.code or (MODEL_FAILED if status.state == "failed" else None)


def sent(models: Models) -> list[dict[str, Any]]:
    """The bytes that have left for each other machine on the menu."""
    found: dict[str, int] = {}
    for engine in models.engines:
        if isinstance(engine, Distant) and engine.card.host:
            found[engine.card.host] = found.get(engine.card.host, 0) + engine.sent_bytes
    return [{"host": host, "bytes": count} for host, count in found.items()]


def router(models: Models) -> APIRouter:
    """The routes. The first engine on the menu is the kitchen's own."""
    routes = APIRouter()
    engine = models.engines[0]

    @routes.get(
        "/health",
        responses={200: {"model": shapes.Health}, 503: {"model": shapes.Health}, **errors(403)},
    )
    def health() -> Response:
        """200 when the model answers; 503 while it loads and when it failed, with the reason."""
        status = engine.status
        content = {
            "status": status.state,
            "progress": status.progress,
            "step": status.step,
            "reason": status.reason,
            "code": code_of(status),
        }
        return JSONResponse(content, 200 if status.state == "ready" else 503)

    @routes.get("/api/kitchen", responses={200: {"model": shapes.Kitchen}, **errors(401, 403)})
    def kitchen() -> Response:
        """Everything that the page shows about this server; never a secret."""
        status, hardware = engine.status, engine.hardware
        gemini = [other for other in models.engines if other.card.host == GEMINI_HOST]
        content: dict[str, Any] = {
            "state": status.state,
            "progress": status.progress,
            "step": status.step,
            "reason": status.reason,
            "code": code_of(status),
            "model": {"id": engine.card.id, **describe(engine)},
            "device": hardware.device if hardware else None,
            "dtype": hardware.dtype if hardware else None,
            "dtype_reason": hardware.dtype_reason if hardware else None,
            "threads": hardware.threads if hardware else None,
            "memory_bytes": psutil.Process().memory_info().rss,
            "tokens_generated": sum(other.tokens_generated for other in models.engines),
            "sent": sent(models),
            "gemini": {"configured": any(other.status.state != "failed" for other in gemini)},
        }
        return JSONResponse(content)

    return routes
