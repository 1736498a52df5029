"""OpenAI-shaped error replies: `{"error": {"message", "type", "param", "code"}}`, one sentence, no traceback.

Knows Starlette and the kitchen's own errors, but no endpoint.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from demos.server.errors import (
    BusyError,
    KitchenError,
    NotReadyError,
    PromptTooLongError,
    RefusedConversationError,
    UnknownModelError,
)
from demos.server.settings import Settings

# What each of the kitchen's errors is over HTTP: status, OpenAI's code, the field it is about.
KINDS: dict[type[KitchenError], tuple[int, str, str | None]] = {
    UnknownModelError: (404, "model_not_found", "model"),
    PromptTooLongError: (400, "context_length_exceeded", "messages"),
    RefusedConversationError: (400, "invalid_value", "messages"),
    BusyError: (429, "queue_full", None),
    NotReadyError: (503, "model_not_ready", None),
}
BROKEN = "Something in the kitchen broke; what it was is in the server's log, not in this reply."


def error(
    status: int,
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A reply that OpenAI clients turn into their own exceptions."""
    return JSONResponse({"error": body(status, message, param, code)}, status, headers)


def body(status: int, message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """What stands under "error", also within a stream."""
    kinds = {404: "not_found_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")  # noqa: PLR2004
    return {"message": message, "type": kind, "param": param, "code": code}


def too_big(settings: Settings) -> JSONResponse:
    """A body over the limit, announced or not."""
    return error(413, f"The request is too big: at most {settings.max_body_bytes} bytes are taken.")


def install(app: FastAPI, settings: Settings) -> None:
    """Give an app these replies for everything that can go wrong in it."""

    async def on_http(request: Request, problem: Exception) -> JSONResponse:
        assert isinstance(problem, HTTPException)  # noqa: S101 - it is registered for nothing else
        status, path = problem.status_code, request.url.path
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return too_big(settings)
        sentences = {404: f"There is nothing at {path}.", 405: f"{path} does not take {request.method}."}
        return error(status, sentences.get(status, str(problem.detail)), headers=dict(problem.headers or {}))

    async def on_validation(_request: Request, problem: Exception) -> JSONResponse:
        assert isinstance(problem, RequestValidationError)  # noqa: S101
        field, sentence = explain(problem)
        return error(400, sentence, param=field, code="invalid_value")

    async def on_kitchen(_request: Request, problem: Exception) -> JSONResponse:
        assert isinstance(problem, KitchenError)  # noqa: S101
        status, code, param = KINDS[type(problem)]
        wait = {"Retry-After": str(settings.retry_after_s)} if status in {429, 503} else None
        return error(status, str(problem), param=param, code=code, headers=wait)

    async def on_bug(_request: Request, _problem: Exception) -> JSONResponse:
        return error(500, BROKEN)

    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(KitchenError, on_kitchen)
    app.add_exception_handler(Exception, on_bug)


def explain(problem: RequestValidationError) -> tuple[str | None, str]:
    """The first wrong field as OpenAI writes it, "messages[0].content", and a sentence about it."""
    first = problem.errors()[0]
    if first["type"] == "json_invalid":
        return (
            None,
            f"The request is not valid JSON: {first['ctx']['error']} at character {first['loc'][-1]}.",
        )
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"][1:]]
    field = "".join(parts).removeprefix(".")
    expected = first["msg"].removeprefix("Value error, ")
    expected = expected[:1].lower() + expected[1:]
    if not field:
        return None, f"The request is not a JSON object: {expected}."
    if first["type"] == "missing":
        return field, f"'{field}' is missing."
    value = first["input"]
    found = repr(value)[:100] if isinstance(value, int | float | bool | None) else f"a {type(value).__name__}"
    return field, f"'{field}' is not as it should be: {expected}, found {found}."
