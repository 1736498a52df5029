"""The HTTP side of the kitchen: an app factory that receives its engine, its limits and the built site.

Knows engines only by their protocol. Run by `scripts.serve`.
"""

import pathlib

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from demos.server import chat, kitchen, models, replies
from demos.server.engine import Engine
from demos.server.guard import Guard
from demos.server.settings import Settings
from demos.server.site import Site


def create_app(engine: Engine, settings: Settings, site: pathlib.Path) -> FastAPI:
    """One app for the API and the pages.

    Args:
        engine: answers; started and closed by the caller.
        settings: limits.
        site: the built website, served at `/`.
    """
    # Without FastAPI's own pages about an API: they load scripts from another host, as no page here does.
    api = FastAPI(title="Two Bowls", docs_url=None, redoc_url=None, max_body_size=settings.max_body_bytes)
    replies.install(api, settings)
    api.include_router(chat.router(engine, settings))
    api.include_router(models.router(engine))

    app = FastAPI(
        openapi_url=None,
        middleware=[
            Middleware(Guard, settings=settings),
            Middleware(GZipMiddleware, compresslevel=5),  # leaves event streams alone
        ],
        docs_url=None,
        redoc_url=None,
    )
    replies.install(app, settings)
    app.include_router(kitchen.router(engine))
    app.mount("/v1", api)
    app.mount("/", Site(site))
    return app
