"""What stands before and behind a proxy that keeps several replicas."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from demos.server.api.proxied import Named, doormen

RAYS = PlainTextResponse("Request dropped due to backpressure.", 429, {"Retry-After": "7"})


def asked(reply: Response, *, replica: bool) -> Response:
    """A reply as a client of the proxy sees it: from a replica, or the proxy's own."""

    async def answer(_request: Request) -> Response:
        return reply

    app = Starlette(routes=[Route("/", answer)])
    proxy = Named(app, "r1") if replica else app
    for each in doormen():
        proxy = each.cls(proxy, *each.args, **each.kwargs)
    return TestClient(proxy).get("/")


@pytest.mark.parametrize(
    ("reply", "wait", "message", "code"),
    [
        (RAYS, "7", "All kitchens are full. Try again in 7 seconds.", "queue_full"),
        (
            PlainTextResponse("The deployment is unavailable.", 503),
            "5",
            "No kitchen is open right now: another one is being opened.",
            "model_not_ready",
        ),
    ],
)
def test_what_the_proxy_refuses_is_an_error_as_ours_are(reply, wait, message, code):
    found = asked(reply, replica=False)
    assert (found.status_code, found.headers["Retry-After"]) == (reply.status_code, wait)
    error = found.json()["error"]
    assert (error["message"], error["code"], error["param"]) == (message, code, None)


@pytest.mark.parametrize("status", [200, 429, 503])
def test_what_a_replica_says_is_passed_on_with_its_name(status):
    found = asked(JSONResponse({"own": "words"}, status), replica=True)
    assert (found.status_code, found.json(), found.headers["X-Replica"]) == (status, {"own": "words"}, "r1")


def test_what_else_the_proxy_says_is_its_own():
    assert asked(PlainTextResponse("timed out", 408), replica=False).text == "timed out"
