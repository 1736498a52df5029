"""The Gemma 4 models by size, and which of them lie whole in the Hugging Face cache. Asks no network.

Sizes are those of `docs/data/models.yml`; a test compares them.
"""

import json
import pathlib
from dataclasses import dataclass

from demos.server.engine import ModelCard

TOKENIZERS = ("tokenizer.json", "tokenizer.model")
LICENSE = ("Apache 2.0", "https://www.apache.org/licenses/LICENSE-2.0")


@dataclass(frozen=True)
class Size:
    """One of Google's instruction-tuned Gemma 4 models.

    Attributes:
        gigabytes: memory in bf16 with what loading takes on top, as Google states it; the conversation's own
            memory is not in it.
        for_cpu: whether it was made for machines without a GPU. A CPU reads every weight that it uses for
            each token, so a larger one would fit and hardly answer.
    """

    id: str
    name: str
    gigabytes: float
    for_cpu: bool = False

    def fits(self, kind: str, free_bytes: int) -> bool:
        """Whether it would run well on a device of this kind with so much memory."""
        return self.gigabytes * 10**9 <= free_bytes and (kind != "cpu" or self.for_cpu)

    def card(self) -> ModelCard:
        """What a reader should know of it."""
        return ModelCard(self.id, self.name, "instruction-tuned", None, *LICENSE)


SIZES = (
    Size("google/gemma-4-31B-it", "Gemma 4 31B", 69.9),
    Size("google/gemma-4-26B-A4B-it", "Gemma 4 26B A4B", 57.7),
    Size("google/gemma-4-12B-it", "Gemma 4 12B", 26.7),
    Size("google/gemma-4-E4B-it", "Gemma 4 E4B", 17.9, for_cpu=True),
    Size("google/gemma-4-E2B-it", "Gemma 4 E2B", 11.4, for_cpu=True),
)
"""The largest first."""


def find(name: str) -> pathlib.Path | None:
    """The folder of a model in the Hugging Face cache, whole or not; None when it is not there."""
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - not needed for the default
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415

    try:
        found = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        return None
    return pathlib.Path(found).parent if isinstance(found, str) else None


def weights_of(folder: pathlib.Path) -> list[str]:
    """The files that a model's weights should be in, as its index lists them."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return ["model.safetensors"]
    try:
        return sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return [index.name, "(which cannot be read)"]


def missing(folder: pathlib.Path) -> list[str]:
    """The files of weights that are not there: a download was broken off, or goes on right now."""
    return [name for name in weights_of(folder) if not (folder / name).is_file()]


def readable(folder: pathlib.Path) -> bool:
    """Whether there is a tokenizer, without which weights are of no use."""
    return any((folder / each).is_file() for each in TOKENIZERS)


def whole() -> list[Size]:
    """The Gemma 4 models that lie complete in the cache, the largest first."""
    folders = ((size, find(size.id)) for size in SIZES)
    return [size for size, folder in folders if folder and readable(folder) and not missing(folder)]
