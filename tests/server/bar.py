"""A model that can get toppings: a Gemma 3 of a few thousand random weights; and how one is trained."""

import json
import pathlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from demos.server.api.app import create_app
from demos.server.api.toppings import router
from demos.server.local import menu
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings
from demos.server.topping import course
from demos.server.topping.kept import Kept, Topping
from demos.server.topping.trainer import Trainer
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


EXAMPLES = [
    {"question": question, "answer": "noodles"} for question in ("what", "who are you", "what is it", "why")
]
WISH = {"name": "pirate", "examples": EXAMPLES, "steps": 200}


@dataclass
class Place:
    """An engine that can get toppings, what is kept for it, and a site."""

    engine: LocalEngine
    kept: Kept
    site: pathlib.Path

    def kitchen(self, code: str | None = None) -> tuple[TestClient, Trainer]:
        """A client of a server whose trainings run this Python instead of the real process."""
        command = course.COMMAND if code is None else (sys.executable, "-c", code)
        trains = Trainer([self.engine], command)
        app = create_app([self.engine], Settings(), self.site, [router(trains)])
        return TestClient(app, base_url="http://localhost"), trains


def followed(client: TestClient, name: str) -> list[dict]:
    """All events of a training, up to its end."""
    lines = client.get(f"/api/toppings/{name}/training").text.splitlines()
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    assert data[-1] == "[DONE]"
    return [json.loads(each) for each in data[:-1]]


def folders(kept: Kept) -> list[str]:
    return sorted(path.name for path in kept.folder.glob("*") if path.is_dir())


def told(*lines: dict, then: str = "") -> str:
    """A process that says these lines; `then`, before its end, it does something else."""
    says = "".join(f"print({json.dumps(line)!r}, flush=True);" for line in lines)
    return f"import sys, time; order = sys.stdin.readline(); {says} {then}"


STEP = {"number": 1, "of": 4, "loss": 2.5}
HANGS = told(STEP, then="time.sleep(100)")


def wish(**changes: object) -> dict:
    return {**WISH, **changes}


def add(kept: Kept, name: str) -> None:
    """A kept topping without weights: enough for its place to be taken."""
    kept.partial(name).mkdir(parents=True)
    kept.keep(Topping(name, "2026-01-01T00:00:00+00:00", 4, (1.0,)))
