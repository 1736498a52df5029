"""A model that can get toppings: a Gemma 3 of a few thousand random weights, saved as a person would."""

import pathlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from demos.server.local import menu
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings
from tests.server import random_gemma3
from tests.server.engines import started
from tests.server.gemma4 import byte_tokenizer

ENDS_AT_ONCE = (sys.executable, "-c", 'input(); print(\'{"end": "out_of_memory"}\')')
"""Starts a training that has no memory, and says so."""


def save(folder: pathlib.Path) -> pathlib.Path:
    """A folder with config, weights and tokenizer."""
    tokenizer = byte_tokenizer()
    model = random_gemma3.transformers_model(
        vocab_size=len(tokenizer),
        num_hidden_layers=2,
        layer_types=["sliding_attention", "full_attention"],
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@contextmanager
def cooking(folder: pathlib.Path, cache: pathlib.Path) -> Iterator[LocalEngine]:
    """The model in an engine, with a cache of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWO_BOWLS_CACHE", str(cache))
        with started(menu.choose(str(folder), cache), Settings(threads=1)) as engine:
            yield engine
