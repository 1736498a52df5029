"""`GET /health` for machines, `GET /api/kitchen` for the page: whether the stove is hot, and what it is."""

from typing import Any

import psutil
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from demos.server.engine import Engine
from demos.server.models import describe

FRESH = {"Cache-Control": "no-store"}


def router(engine: Engine) -> APIRouter:
    """The routes, for one engine."""
    routes = APIRouter()

    @routes.get("/health")
    def health() -> Response:
        """200 when the model answers; 503 while it loads and when it failed, with the reason."""
        status = engine.status
        content = {
            "status": status.state,
            "progress": status.progress,
            "step": status.step,
            "reason": status.reason,
        }
        return JSONResponse(content, 200 if status.state == "ready" else 503, FRESH)

    @routes.get("/api/kitchen")
    def kitchen() -> Response:
        """Everything that the page shows about this server; never a secret."""
        status, hardware = engine.status, engine.hardware
        content: dict[str, Any] = {
            "state": status.state,
            "progress": status.progress,
            "step": status.step,
            "reason": status.reason,
            "model": {"id": engine.card.id, **describe(engine)},
            "device": hardware.device if hardware else None,
            "dtype": hardware.dtype if hardware else None,
            "dtype_reason": hardware.dtype_reason if hardware else None,
            "threads": hardware.threads if hardware else None,
            "memory_bytes": psutil.Process().memory_info().rss,
            "tokens_generated": engine.tokens_generated,
            "gemini": {"configured": False},
        }
        return JSONResponse(content, headers=FRESH)

    return routes
