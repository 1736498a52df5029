"""OpenAI-shaped error replies: `{"error": {"message", "type", "param", "code"}}`, one sentence, no traceback.

`code` is stable: programs and translators go by it. Knows Starlette and the kitchen's own errors, but
no endpoint.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos.server.errors import (
    BusyError,
    ConflictError,
    ImageError,
    KitchenError,
    NoRoomError,
    NotReadyError,
    PromptTooLongError,
    RefusedConversationError,
    TooLongError,
    UnknownAdapterError,
    UnknownModelError,
    UnsupportedError,
    WishError,
)
from demos.server.log import LOG
from demos.server.settings import Settings

# What each of the kitchen's errors is over HTTP: status, code, the field it is about where it names none.
KINDS: dict[type[KitchenError], tuple[int, str, str | None]] = {
    UnknownModelError: (404, "model_not_found", "model"),
    UnknownAdapterError: (404, "adapter_not_found", "adapter"),
    UnsupportedError: (400, "not_supported", None),
    ImageError: (400, "invalid_image", "messages"),
    TooLongError: (413, "request_too_large", None),
    PromptTooLongError: (400, "context_length_exceeded", "messages"),
    RefusedConversationError: (400, "conversation_refused", "messages"),
    WishError: (400, "invalid_value", None),
    ConflictError: (409, "topping_exists", None),
    NoRoomError: (507, "disk_full", None),
    BusyError: (429, "queue_full", None),
    NotReadyError: (503, "model_not_ready", None),
    KitchenError: (500, "internal_error", None),
}
# The codes of replies that name no other.
CODES = {
    400: "invalid_value",
    401: "invalid_token",
    403: "foreign_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "request_too_large",
    429: "too_many_requests",
    503: "model_not_ready",
}
BROKEN = "Something in the kitchen broke; what it was is in the server's log, not in this reply."
UNREADABLE = "The request cannot be read: it is not JSON in UTF-8, or too deeply nested."


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
    kinds = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")  # noqa: PLR2004
    return {
        "message": message,
        "type": kind,
        "param": param,
        "code": code or CODES.get(status, "internal_error"),
    }


def kind_of(problem: KitchenError) -> tuple[int, str, str | None]:
    """Status, code and field of an error, by its nearest class that has them."""
    status, code, param = next(KINDS[kind] for kind in type(problem).__mro__ if kind in KINDS)
    return status, problem.code or code, problem.param or param


class Bugs:
    """ASGI middleware: what nobody foresaw is logged, and answered like the rest if it still can be."""

    def __init__(self, app: ASGIApp) -> None:
        """Catch an app's bugs."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception:
            if started or scope["type"] != "http":
                raise  # the server logs it and closes the connection
            LOG.exception("a request failed")
            await error(HTTPStatus.INTERNAL_SERVER_ERROR, BROKEN)(scope, receive, send)


def install(app: FastAPI, settings: Settings) -> None:
    """Give an app these replies for everything that can go wrong in it."""

    async def on_http(request: Request, problem: Exception) -> JSONResponse:
        assert isinstance(problem, HTTPException)  # noqa: S101 - it is registered for nothing else
        status, path = problem.status_code, request.url.path
        sentences = {
            400: UNREADABLE,
            404: f"There is nothing at {path[:200]}.",
            405: f"{path[:200]} does not take {request.method}.",
        }
        return error(status, sentences.get(status, str(problem.detail)), headers=dict(problem.headers or {}))

    async def on_validation(_request: Request, problem: Exception) -> JSONResponse:
        assert isinstance(problem, RequestValidationError)  # noqa: S101
        field, sentence = explain(problem)
        return error(400, sentence, param=field)

    async def on_kitchen(_request: Request, problem: Exception) -> JSONResponse:
        assert isinstance(problem, KitchenError)  # noqa: S101
        status, code, param = kind_of(problem)
        wait = {"Retry-After": str(settings.retry_after_s)} if status in {429, 503} else None
        return error(status, str(problem), param=param, code=code, headers=wait)

    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(KitchenError, on_kitchen)


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
