"""llama.cpp's own server as the stove, with a tiny random model."""

import pathlib
import sys

import httpx
import pytest

from tests.server import random_gguf
from tests.server.engines import until
from tests.server.stoves import LONG, AnyStove, Stove, begun, cooking

SERVER = pathlib.Path(__file__).with_name("llama_server.py")


@pytest.fixture(scope="module")
def stove(tmp_path_factory):
    file = random_gguf.save(tmp_path_factory.mktemp("gguf") / "random.gguf")
    return Stove(lambda port: [sys.executable, str(SERVER), str(file), str(port)], "/health")


@pytest.fixture(scope="module")
def cooked(stove):
    with cooking(stove, "/v1", 30) as engine:
        yield engine


class TestLlama(AnyStove):
    """llama.cpp."""

    def test_the_menu_says_what_it_can_do(self, cooked):
        card = cooked.card
        assert card.id.endswith("random.gguf")
        assert (card.images, card.thinking, card.logprobs) == (False, True, True)

    def test_who_leaves_stops_it(self, cooked, stove):
        job, _ = begun(cooked)
        job.cancel()
        until(lambda: not httpx.get(f"{stove.root}/slots").json()[0]["is_processing"])
        lines = httpx.get(f"{stove.root}/metrics").text.splitlines()
        written = next(line for line in lines if line.startswith("llamacpp:tokens_predicted_total "))
        assert float(written.split()[1]) < LONG
