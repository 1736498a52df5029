"""`GET /v1/openapi.json`: the routes as they are. FastAPI's document, put right where this server differs.

Wrong fields get 400 and OpenAI's shape of an error here, and not FastAPI's 422.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

NOT_OURS = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    """Give an app its own document, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = corrected(
                get_openapi(title=app.title, version=app.version, routes=app.routes)
            )
        return app.openapi_schema

    # FastAPI's own way to do it.
    app.openapi = document  # type: ignore[method-assign]


def corrected(document: dict[str, Any]) -> dict[str, Any]:
    """The document with our errors, and with the access token that a server may need."""
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    components = document["components"]
    for name in NOT_OURS:
        components["schemas"].pop(name, None)
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{}, {"token": []}]
    return document
