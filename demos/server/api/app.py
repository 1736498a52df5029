"""The HTTP side of the kitchen: an app factory that receives its engines, its settings and the built site.

Knows engines only by their protocol. Run by `scripts.serve`.
"""

import pathlib
import threading
from collections.abc import Iterable, Sequence

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import Receive, Scope, Send

from demos.server.api import chat, completions, kitchen, openapi, replies, restaurant
from demos.server.api.guard import API, Guard
from demos.server.api.limits import Limits
from demos.server.api.metrics import Metrics
from demos.server.api.models import Models
from demos.server.api.observe import Observe
from demos.server.api.site import Site
from demos.server.engine import Engine
from demos.server.settings import Settings


def create_app(
    engines: Sequence[Engine],
    settings: Settings,
    site: pathlib.Path,
    routers: Iterable[APIRouter] = (),
    closing: threading.Event | None = None,
) -> FastAPI:
    """One app for the API and the pages.

    Args:
        engines: answer; started and closed by the caller. The first one answers requests that name no model.
        settings: limits.
        site: the built website, served at `/`.
        routers: more routes, with their whole paths.
        closing: set when no more orders are to be taken, while those inside are finished.
    """
    models = Models(engines)
    metrics = Metrics(models.engines)
    app = FastAPI(
        title="Two Bowls",
        openapi_url="/v1/openapi.json",
        # Without FastAPI's own pages about an API: they load scripts from another host, as no page here does.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Observe, metrics=metrics),
            Middleware(Guard, settings=settings),
            Middleware(
                Limits,
                settings=settings,
                larger=dict.fromkeys((chat.PATH, restaurant.LETTER), settings.max_image_body_bytes),
                closing=closing or threading.Event(),
            ),
            Middleware(replies.Bugs),
            # Leaves event streams alone, and weights, which no packing makes smaller.
            Middleware(
                GZipMiddleware,
                compresslevel=5,
                exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/octet-stream"),
            ),
        ],
    )
    replies.install(app, settings)
    openapi.install(app)
    for router in (
        chat.router(models, settings, metrics),
        completions.router(models, settings, metrics),
        models.router(),
        kitchen.router(models),
        metrics.router(),
        *routers,
    ):
        app.include_router(router)
    pages = Site(site)

    async def otherwise(scope: Scope, receive: Receive, send: Send) -> None:
        """What no route takes: pages, but not under the API's roots."""
        if scope["path"].startswith(API):
            raise HTTPException(404)
        await pages(scope, receive, send)

    app.router.default = otherwise
    return app
