"""Which models this kitchen can cook with, by the name that `--model` takes.

Choosing is quick and touches no network; fetching may convert the embedded model and is the engine's job.
"""

import pathlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demos.server import weights
from demos.server.engine import ModelCard, Report
from demos.server.errors import UnknownModelError

EMBEDDED = "embedded"
GEMMA_TERMS = ("Gemma Terms of Use", "https://ai.google.dev/gemma/terms")


@dataclass(frozen=True)
class Source:
    """A model that can be loaded.

    Attributes:
        fetch: gives the folder with config.json, safetensors and tokenizer.
        generation: settings of transformers' GenerationConfig that suit this model where an order is silent.
    """

    card: ModelCard
    fetch: Callable[[Report], pathlib.Path]
    generation: Mapping[str, Any] = field(default_factory=dict)


def choose(name: str, cache: pathlib.Path) -> Source:
    """The model of this name.

    Args:
        name: `embedded`, a folder, or the id of a model that is already in the Hugging Face cache.
        cache: where the embedded model is kept.

    Raises:
        UnknownModelError: it is none of these.
    """
    if name == EMBEDDED:
        card = ModelCard(
            "gemma-3-270m", "Gemma 3 270M", "base, Q4_K_M source", None, GEMMA_TERMS[0], GEMMA_TERMS[1]
        )
        return Source(card, lambda report: weights.ensure(cache, report), EMBEDDED_GENERATION)
    folder = _folder(name)
    if folder is None:
        found = _downloaded(name)
        if found is None:
            message = (
                f"There is no model '{name}' here: it is neither a folder nor an already downloaded Hugging "
                f"Face model. Use MODEL={EMBEDDED}, or download it first: hf download {name}"
            )
            raise UnknownModelError(message)
        folder = found
    elif not (folder / "config.json").is_file():
        message = f"The folder {folder} holds no model: config.json is missing. Use MODEL={EMBEDDED} instead."
        raise UnknownModelError(message)
    title = name if folder.name != pathlib.Path(name).name else folder.resolve().name
    return Source(ModelCard(title, title), lambda _report: folder)


def _folder(name: str) -> pathlib.Path | None:
    """The folder of this name, None when there is none or a folder cannot be called so."""
    try:
        folder = pathlib.Path(name).expanduser()
        return folder if folder.is_dir() else None
    except (OSError, RuntimeError, ValueError):  # too long a name, an unknown ~user, a NUL
        return None


def _downloaded(name: str) -> pathlib.Path | None:
    """The folder of a model in the Hugging Face cache, None when it is not there. Asks no network."""
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - not needed for the default
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415

    try:
        found = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        return None
    return pathlib.Path(found).parent if isinstance(found, str) else None


# So small a model is right most often with its likeliest token, but it can fall into a loop: no run of
# tokens this long may come twice, which does not touch ordinary sentences.
EMBEDDED_GENERATION: Mapping[str, Any] = {"temperature": 0.0, "no_repeat_ngram_size": 24}
