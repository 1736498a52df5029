"""`GET /api/model/...`: the embedded model for a browser tab, see `demos.server.local.parts`.

A file is looked up by its hash among those of the offer; nothing of the request becomes a path. Ranges, so
that a download can go on where it stopped, are Starlette's work.
"""

import functools
import pathlib

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, JSONResponse, Response

from demos.server.local import parts

FOLDER = "/api/model"


def router(cache: pathlib.Path) -> APIRouter:
    """The routes.

    Args:
        cache: where the topping's file is kept.
    """
    routes = APIRouter(include_in_schema=False)  # for our own page
    offer = functools.cache(lambda: parts.offer(cache))

    @routes.get(f"{FOLDER}/{parts.MANIFEST}")
    def manifest() -> Response:
        """What there is: the files with their sizes and hashes."""
        return JSONResponse(offer().manifest())

    @routes.api_route(f"{FOLDER}/{{name}}", methods=["GET", "HEAD"])
    def part(name: str, request: Request) -> Response:
        """One file, or a range of it."""
        notices = parts.notices()
        path = offer().files.get(name) or notices.get(name)
        if path is None:
            raise HTTPException(404)
        if name in notices:
            return FileResponse(path)
        tag = f'"{name}"'
        if tag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers={"ETag": tag})
        return FileResponse(path, media_type="application/octet-stream", headers={"ETag": tag})

    return routes
