"""Replicas of their own for each test: a full house, and a house that grows and shrinks.

Apart from the two that the other tests share, because Ray counts all that run on a machine together.
"""

import httpx
import pytest

from tests.cluster.kitchens import CLIENTS, HELLO, PATIENCE_S, ask, clients, kitchens, replicas, wait_for


def test_a_full_house_is_429_in_our_words(folder):
    few = {"ROWS": "1", "QUEUE_LENGTH": "1", "MAX_REQUESTS": "2", "RETRY_AFTER_S": "7"}
    slow = {"max_tokens": 400}
    with (
        kitchens(folder, "--most", "1", "--cores", "1", **few) as address,
        clients(address, CLIENTS, **slow),
    ):

        def full() -> bool:
            nonlocal reply
            reply = httpx.post(f"{address}/v1/chat/completions", json=HELLO | slow, timeout=60)
            return reply.status_code != 200

        reply = httpx.Response(200)
        wait_for(full)
        assert reply.status_code == 429
        assert reply.headers["Retry-After"] == "7"
        assert reply.json()["error"] == {
            "message": "All kitchens are full. Try again in 7 seconds.",
            "type": "rate_limit_error",
            "param": None,
            "code": "queue_full",
        }


@pytest.mark.timeout(2 * PATIENCE_S)
def test_another_kitchen_opens_when_queues_grow_and_closes_when_they_are_gone(folder):
    size = ["--least", "1", "--most", "2", "--cores", "1", "--open-after", "2", "--close-after", "2"]
    with kitchens(folder, *size, ROWS="1") as address:
        assert len(replicas()) == 1
        with clients(address, CLIENTS, max_tokens=100) as asked:
            wait_for(lambda: len({each.replica for each in asked}) == 2)
        assert all(each.whole for each in asked)
        wait_for(lambda: len(replicas()) == 1)
        assert ask(address).whole
