"""What all replies share: objects without surplus fields, errors, and the statuses that a route documents.

What requests look like is in `demos.server.api.requests`.
"""

from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["loading", "ready", "failed"]


class Shape(BaseModel):
    """An object with these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Problem(Shape):
    """What went wrong."""

    message: str = Field(description="One sentence.")
    type: str
    param: str | None = Field(description="The field of the request that it is about.")
    code: str = Field(description="Stable, for programs and translators.")


class Error(Shape):
    """Every reply that is no success, and the last event of a stream that broke off."""

    error: Problem


WORDS = {
    400: "A field of the request is not as it should be, or asks what the model cannot do.",
    401: "An access token is needed and is missing or wrong.",
    402: "The account that pays for a model elsewhere has no credit left.",
    403: "The request calls the server by a foreign name, or comes from another site's page.",
    404: "There is no such thing.",
    408: "The request took too long to arrive.",
    413: "The request is too big.",
    429: "Too many orders; Retry-After says when to come back.",
    500: "The model stopped with an error.",
    502: "The machine elsewhere that cooks did not answer, or not to the end.",
    503: "The model is loading, failed to load, or is being put away.",
    504: "The machine elsewhere that cooks took too long.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What FastAPI needs to document these."""
    wait = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    waiting = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    return {
        status: {"model": Error, "description": WORDS[status]}
        | ({"headers": wait} if status in waiting else {})
        for status in statuses
    }
