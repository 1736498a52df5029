"""What can go wrong with the Gemini API, each as one sentence for a person, with an HTTP status and a code.

Knows the SDK's and the HTTP client's exceptions, and the bodies of errors as Google documents them
(google.rpc: ErrorInfo, QuotaFailure, RetryInfo). Sentences are ours: Google's own can quote the key.
"""

import datetime as dt
import email.utils
import math
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx2
import pydantic
from google.genai import errors, types

from demos.server.distant.hosted import HostedModel
from demos.server.distant.key import Key
from demos.server.engine import Failed, FinishReason
from demos.server.gemini.stream import BadReplyError

# How the API ends an answer, where that is an end and no failure.
ENDS: Final[Mapping[str, FinishReason]] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "ESCALATION": "content_filter",
}
KEY_REASONS: Final = frozenset({"API_KEY_INVALID", "CONSUMER_SUSPENDED", "CONSUMER_INVALID"})
AI_STUDIO: Final = "https://aistudio.google.com/apikey"
REGIONS: Final = "https://ai.google.dev/gemini-api/docs/available-regions"
LONGEST_QUOTE: Final = 200
UNAUTHORIZED: Final = 401
QUOTA: Final = 429
LIMIT_S: Final = 60
"""The Gemini API counts requests and tokens by the minute, where it does not by the day."""
# Statuses after which the same request may succeed even where the API names no time.
TRY_AGAIN: Final = frozenset({500, 502, 503})
TOO_LONG: Final = "{name} took too long to answer: ask again, or ask for less."
# What else the API answers with: the sentence, and our status and code for it.
REFUSALS: Final[Mapping[int, tuple[str, int, str]]] = {
    400: ("The Gemini API refuses this request: {said}", 400, "bad_request"),
    402: ("The prepaid credit behind this API key is used up: add some in AI Studio.", 402, "credit_spent"),
    403: (
        "This API key may not use {name}: choose another model, or change its rights.",
        403,
        "no_permission",
    ),
    404: ("The Gemini API knows no {id} (any more): choose another model.", 404, "model_shut_down"),
    413: ("The request is too big for the Gemini API: shorten it.", 413, "request_too_large"),
    408: (TOO_LONG, 504, "timed_out"),
    504: (TOO_LONG, 504, "timed_out"),
    503: ("{name} is overloaded right now: ask again in a minute, or another model.", 503, "overloaded"),
}
# A body that the SDK or the HTTP client could not read.
UNREADABLE: Final = (BadReplyError, pydantic.ValidationError, UnicodeDecodeError, httpx2.DecodingError)


class NoEndError(Exception):
    """The stream ended, but the answer had not."""


def failed(problem: BaseException, model: HostedModel, key: Key, host: str) -> Failed | None:
    """The problem in a sentence, None where it is none of the API or the network but a bug."""
    if isinstance(problem, errors.APIError):
        return _refused(problem, model, key)
    if isinstance(problem, NoEndError):
        return Failed(f"{host} stopped sending in the middle of the answer: ask again.", 502, "stream_cut")
    if isinstance(problem, httpx2.TransportError):
        return _network(problem, host)
    if isinstance(problem, TimeoutError):
        return Failed(TOO_LONG.format(name=model.name), 504, "timed_out")
    if isinstance(problem, UNREADABLE):
        sentence = (
            f"{host} sent something that is no answer of the Gemini API, and a proxy in between may be the "
            "reason: ask again."
        )
        return Failed(sentence, 502, "bad_reply")
    return None


def blocked(reason: str) -> Failed:
    """The filter did not let the question through, or nothing of the answer."""
    sentence = f"Gemini's filter stopped this before there was an answer ({reason}): ask in other words."
    return Failed(sentence, 400, "content_filter")


def broken_off(reason: str, model: HostedModel) -> Failed:
    """The model ended for a reason that is neither an end nor a filter."""
    return Failed(f"{model.name} broke off its answer ({reason}): ask again.", 502, "api_failed")


def end_of(reason: types.FinishReason | None) -> str | None:
    """The name of a finish reason, None while the answer goes on."""
    return reason.value if reason is not None and reason.value != "FINISH_REASON_UNSPECIFIED" else None


def pause(problem: errors.APIError, now: dt.datetime) -> float | None:
    """The seconds after which the API takes the same request again; 0 where it names none, None for never.

    The API says so by a RetryInfo in the body or a Retry-After header. A quota without either is used up.
    """
    if any("PerDay" in quota for quota in _quotas(problem)):
        return None
    named = [_seconds(detail.get("retryDelay")) for detail in _details(problem, "RetryInfo")]
    if problem.response is not None and (header := problem.response.headers.get("retry-after")):
        named.append(_retry_after(header, now))
    seconds = max((found for found in named if found is not None), default=None)
    return 0.0 if seconds is None and problem.code in TRY_AGAIN else seconds


def _refused(problem: errors.APIError, model: HostedModel, key: Key) -> Failed:
    """What an error status means."""
    said = key.scrub(" ".join(str(problem.message or "").split()))[:LONGEST_QUOTE]
    reasons = {str(detail.get("reason")) for detail in _details(problem, "ErrorInfo")}
    if problem.code == UNAUTHORIZED or (
        problem.code in {400, 403} and ("api key" in said.lower() or reasons & KEY_REASONS)
    ):
        sentence = (
            f"Google does not accept the API key from {key.source} (any more): make a new one at {AI_STUDIO} "
            "and start the server again."
        )
        return Failed(sentence, 403, "key_rejected")
    if "location is not supported" in said or problem.status == "FAILED_PRECONDITION":
        sentence = (
            f"The Gemini API is not offered where this machine is, or not without billing: see {REGIONS}."
        )
        return Failed(sentence, 403, "region_not_supported")
    if "token count" in said and "exceeds" in said:
        sentence = f"The conversation is too long for {model.name}: shorten it or start a new one."
        return Failed(sentence, 400, "context_length_exceeded")
    if problem.code == QUOTA:
        return _quota(problem, model)
    broken = ("The Gemini API failed ({status}): ask again later.", 502, "api_failed")
    sentence, status, code = REFUSALS.get(problem.code, broken)
    return Failed(sentence.format(name=model.name, id=model.id, said=said, status=problem.code), status, code)


def _quota(problem: errors.APIError, model: HostedModel) -> Failed:
    quotas = list(_quotas(problem))
    if model.free_tier is False and any("FreeTier" in quota for quota in quotas):
        sentence = f"{model.name} is not on the free tier: choose another model, or turn on billing."
        return Failed(sentence, 429, "billing_needed")
    if any("PerDay" in quota for quota in quotas):
        sentence = (
            f"The API key has used up its requests to {model.name} for today: they come back at midnight "
            "Pacific time."
        )
        return Failed(sentence, 429, "quota_exceeded")
    seconds = math.ceil(pause(problem, dt.datetime.now(dt.UTC)) or LIMIT_S)
    sentence = (
        f"The API key has sent more to {model.name} than its limit allows: ask again in {seconds} seconds."
    )
    return Failed(sentence, 429, "rate_limited", wait_s=seconds)


def _network(problem: httpx2.TransportError, host: str) -> Failed:
    """What kept the connection from standing, or broke it."""
    causes = list(_causes(problem))
    if isinstance(problem, httpx2.ProxyError):
        sentence = f"The proxy of this machine did not connect to {host}: check HTTPS_PROXY."
        return Failed(sentence, 502, "proxy_failed")
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        sentence = (
            f"The connection to {host} could not be secured: where a proxy opens TLS, its certificate must "
            "be installed on this machine."
        )
        return Failed(sentence, 502, "not_secured")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        sentence = f"The name {host} could not be looked up: is this machine online?"
        return Failed(sentence, 502, "unreachable")
    if isinstance(problem, httpx2.ConnectError | httpx2.ConnectTimeout):
        return Failed(f"{host} could not be reached: is this machine online?", 502, "unreachable")
    if isinstance(problem, httpx2.TimeoutException):
        return Failed(f"{host} fell silent and was not waited for: ask again.", 504, "timed_out")
    return Failed(f"The connection to {host} broke: ask again.", 502, "stream_cut")


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The exception and what it came from."""
    cause: BaseException | None = problem
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _details(problem: errors.APIError, kind: str) -> Iterator[Mapping[str, Any]]:
    """The details of an error body of one google.rpc type."""
    body = problem.details if isinstance(problem.details, Mapping) else {}
    error = body.get("error", body)
    details = error.get("details") if isinstance(error, Mapping) else None
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, Mapping) and str(detail.get("@type", "")).endswith(f"google.rpc.{kind}"):
            yield detail


def _quotas(problem: errors.APIError) -> Iterator[str]:
    """The ids of the quotas that are exceeded, "GenerateRequestsPerDayPerProjectPerModel-FreeTier"."""
    for detail in _details(problem, "QuotaFailure"):
        violations = detail.get("violations")
        for violation in violations if isinstance(violations, list) else []:
            if isinstance(violation, Mapping):
                yield str(violation.get("quotaId", ""))


def _seconds(duration: object) -> float | None:
    """A google.protobuf.Duration in JSON, "17.5s"."""
    try:
        return max(0.0, float(str(duration).removesuffix("s")))
    except ValueError:
        return None


def _retry_after(header: str, now: dt.datetime) -> float | None:
    """Retry-After: seconds, or a date of HTTP."""
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(header) - now).total_seconds())
    except (ValueError, TypeError):
        return None
