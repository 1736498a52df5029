"""What a model in memory is to the engine, and by what a model on disk is known again."""

import hashlib
import json
import pathlib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from demos.server.engine import Hardware
from demos.server.local.batch import Batch

TAIL = 1 << 20
"""Bytes at the end of a file of weights by which it is told from another."""


@dataclass(frozen=True)
class Loaded:
    """What is needed to answer.

    Attributes:
        context: the most tokens of prompt and answer together.
        generation: the model's own GenerationConfig.
        processor: reads pictures; None where the model does not.
        thinking: whether it can be asked for a thought.
        make: makes an empty batch; None where only `model` and its `generate` are left.
        exact: whether a row's numbers do not depend on the rows beside it.
        model: of transformers; None where it is not needed.
        drafter: transformers' assistant model.
        adapters: LoRA adapters by name, for the batches that `make` makes; may be changed.
        read_adapter: makes one of a folder; None where none can be used.
    """

    tokenizer: Any
    hardware: Hardware
    parameters: int
    context: int
    generation: Any
    processor: Any = None
    thinking: bool = False
    make: Callable[[], Batch] | None = None
    exact: bool = False
    model: Any = None
    drafter: Any = None
    adapters: dict[str, Any] = field(default_factory=dict)
    read_adapter: Callable[[pathlib.Path], Any] | None = None


def versions() -> dict[str, str]:
    """What a comparison depends on besides the model and our code."""
    import torch  # noqa: PLC0415 - loaded by now

    return {
        "torch": torch.__version__,
        "transformers": metadata.version("transformers"),
        "processor": torch.backends.cpu.get_cpu_capability(),
    }


def fingerprint(folder: pathlib.Path, *, weights_only: bool = False) -> str:
    """By what a model is known again: its configuration, and the size and the end of each file of weights."""
    found = hashlib.sha256(b"" if weights_only else (folder / "config.json").read_bytes())
    for path in sorted(folder.glob("*.safetensors")):
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(0, size - TAIL))
            found.update(f"{path.name} {size} ".encode() + file.read())
    return found.hexdigest()[:32]


def generation_of(folder: pathlib.Path) -> Any:
    """A folder's own generation settings as transformers' GenerationConfig."""
    from transformers import GenerationConfig  # noqa: PLC0415 - takes half a second

    if (folder / "generation_config.json").is_file():
        return GenerationConfig.from_pretrained(folder, local_files_only=True)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tokens = ("bos_token_id", "eos_token_id", "pad_token_id")
    return GenerationConfig(**{name: config[name] for name in tokens if name in config})
