"""`transformers serve` as the stove, with a tiny random Gemma 4 in a folder.

Starts it twice, so it is no part of `make test`:

    python3 scripts/setup.py site server test
    .venv/bin/python -m pytest tests/upstreams/test_transformers_serve.py
"""

import json
import pathlib
import sys

import pytest
from safetensors.torch import load_file, save_file

from demos.server.errors import KitchenError
from demos.server.upstream import engine as upstream
from tests.server import gemma4
from tests.server.stoves import AnyStove, Stove, cooking

PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = gemma4.save(tmp_path_factory.mktemp("gemma4"))
    file = found / "model.safetensors"
    weights = load_file(file)
    weights["model.embed_tokens.weight"][: len(gemma4.SPECIAL)] = 0  # it never ends by itself,
    weights["model.embed_tokens.weight"][-256:] *= 0.1  # and hardly ever says half characters
    save_file(weights, file, {"format": "pt"})
    choices = found / "generation_config.json"
    # As Gemma has it: without, a temperature and a seed mean nothing to transformers.
    choices.write_text(json.dumps({**json.loads(choices.read_text()), "do_sample": True}))
    return found


@pytest.fixture(scope="module")
def stove(folder, tmp_path_factory):
    def command(port: int) -> list[str]:
        transformers = str(pathlib.Path(sys.executable).parent / "transformers")
        where = ["--device", "cpu", "--dtype", "bfloat16", "--host", "127.0.0.1", "--port", str(port)]
        return [transformers, "serve", *where]

    nothing_downloaded = str(tmp_path_factory.mktemp("hub"))
    return Stove(command, "/health", {"HF_HUB_OFFLINE": "1", "HF_HOME": nothing_downloaded})


@pytest.fixture(scope="module")
def cooked(stove, folder):
    with cooking(stove, f"/v1#{folder}", PATIENCE_S) as engine:
        yield engine


@pytest.mark.timeout(4 * PATIENCE_S)
class TestTransformersServe(AnyStove):
    """It takes no `top_k`, tells no odds and lists only what was downloaded."""

    odds = False
    patience_s = PATIENCE_S

    def test_a_folder_is_named_behind_the_address_because_it_is_not_listed(self, cooked, stove, folder):
        with pytest.raises(KitchenError) as error:
            upstream.engines(stove.root, None)
        assert str(error.value).endswith(
            f" lists no models (status 500): start one there, or name it behind the address: {stove.root}/v1"
            "#model"
        )
        assert cooked.card.id == str(folder)
