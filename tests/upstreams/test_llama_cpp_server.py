"""llama-cpp-python's server as the stove, with a tiny random model.

pip builds llama-cpp-python from source for half an hour, so it is no part of `make test`. LLAMA_CPP_PYTHON
names the Python that has it, with its `server` extra; the project's own where it is not set:

    python3 scripts/setup.py site server test
    LLAMA_CPP_PYTHON=/path/to/python .venv/bin/python -m pytest tests/upstreams/test_llama_cpp_server.py
"""

import os
import sys

import pytest

from tests.server import random_gguf
from tests.server.stoves import AnyStove, Stove, cooking

PYTHON = os.environ.get("LLAMA_CPP_PYTHON", sys.executable)
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def stove(tmp_path_factory):
    file = random_gguf.save(tmp_path_factory.mktemp("gguf") / "random.gguf")

    def command(port: int) -> list[str]:
        model = ["--model", str(file), "--n_ctx", str(random_gguf.CONTEXT), "--n_threads", "1"]
        where = ["--host", "127.0.0.1", "--port", str(port)]
        # Only then it tells odds; and a new order must not end another one.
        odds, others_wait = ["--logits_all", "true"], ["--interrupt_requests", "false"]
        return [PYTHON, "-m", "llama_cpp.server", *model, *where, *odds, *others_wait]

    return Stove(command, "/v1/models")


@pytest.fixture(scope="module")
def cooked(stove):
    with cooking(stove, "/v1", PATIENCE_S) as engine:
        yield engine


@pytest.mark.timeout(4 * PATIENCE_S)
class TestLlamaCppPython(AnyStove):
    """It says of its model no more than the name."""

    patience_s = PATIENCE_S

    def test_the_menu_says_what_is_known_of_it(self, cooked):
        card = cooked.card
        assert card.id.endswith("random.gguf")
        assert (card.images, card.thinking, card.logprobs) == (None, None, None)
