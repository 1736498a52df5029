"""Which models this kitchen can cook with, by the name that `--model` takes.

Choosing touches no network; fetching may convert the embedded model and is the engine's job.
"""

import json
import pathlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from demos.server.engine import ModelCard, Report
from demos.server.errors import UnknownModelError
from demos.server.local import devices, shelf, weights

EMBEDDED, AUTO = "embedded", "auto"
GEMMA_TERMS = ("Gemma Terms of Use", "https://ai.google.dev/gemma/terms")
DRAFTER = "-assistant"
"""What the name of a Gemma 4's drafter ends with."""
# So small a model is right most often with its likeliest token, but it can fall into a loop: no run of
# tokens this long may come twice, which does not touch ordinary sentences.
EMBEDDED_GENERATION: Mapping[str, Any] = {"temperature": 0.0, "no_repeat_ngram_size": 24}
# What Google recommends for Gemma 4 whatever is asked of it.
GEMMA4_GENERATION: Mapping[str, Any] = {"temperature": 1.0, "top_p": 0.95, "top_k": 64}


@dataclass(frozen=True)
class Source:
    """A model that can be loaded.

    Attributes:
        fetch: gives the folder with config.json, safetensors and tokenizer.
        generation: settings of transformers' GenerationConfig that suit this model where an order is silent.
        four_bit: round its weights to 4 bits as they are read.
        drafter: the folder of the model that guesses ahead for it.
        advice: one sentence for who asked for `auto`: how to get a larger model.
    """

    card: ModelCard
    fetch: Callable[[Report], pathlib.Path]
    generation: Mapping[str, Any] = field(default_factory=dict)
    four_bit: bool = False
    drafter: pathlib.Path | None = None
    advice: str | None = None


def choose(
    name: str,
    cache: pathlib.Path,
    *,
    four_bit: bool = False,
    drafter: bool = False,
    device: Callable[[], devices.Device] = devices.best,
) -> Source:
    """The model of this name.

    Args:
        name: `embedded`, `auto`, a folder, or the id of a model that is already in the Hugging Face cache.
        cache: where the embedded model is kept.
        four_bit: round the weights to 4 bits (on CUDA, with bitsandbytes).
        drafter: let the model's `-assistant` guess ahead; it must be downloaded, too.
        device: where the model would run, asked only where `auto` has a choice.

    Raises:
        UnknownModelError: it is none of these, or not whole.
    """
    if name == AUTO:
        return _auto(cache, device, four_bit=four_bit, drafter=drafter)
    if name == EMBEDDED:
        card = ModelCard(
            "gemma-3-270m", "Gemma 3 270M", "base, Q4_K_M source", None, GEMMA_TERMS[0], GEMMA_TERMS[1]
        )
        return Source(card, lambda report: weights.ensure(cache, report), EMBEDDED_GENERATION)
    folder = _folder(name)
    if folder is not None and not (folder / "config.json").is_file():
        message = f"The folder {folder} holds no model: config.json is missing. Use MODEL={EMBEDDED} instead."
        raise UnknownModelError(message)
    return _on_disk(name, folder or downloaded(name), four_bit=four_bit, drafter=drafter)


def downloaded(name: str) -> pathlib.Path:
    """The folder of a model that is whole in the Hugging Face cache.

    Raises:
        UnknownModelError: it is not there, or only some of it.
    """
    folder = shelf.find(name)
    if folder is None:
        message = (
            f"There is no model '{name}' here: it is neither a folder nor an already downloaded Hugging "
            f"Face model. Use MODEL={EMBEDDED}, or download it first: {command(name)}"
        )
        raise UnknownModelError(message)
    if gone := shelf.missing(folder):
        message = (
            f"The download of '{name}' is not complete: {len(gone)} of {len(shelf.weights_of(folder))} files "
            f"with weights are missing. Go on with it: {command(name)}"
        )
        raise UnknownModelError(message)
    return folder


def command(name: str) -> str:
    """What a person types to download a model."""
    return f"make model MODEL={name}"


def _on_disk(name: str, folder: pathlib.Path, *, four_bit: bool, drafter: bool) -> Source:
    """A model in a folder.

    Raises:
        UnknownModelError: there is no tokenizer in it, or no drafter for it.
    """
    if not shelf.readable(folder):
        message = (
            f"The folder {folder} holds a model without a tokenizer: {shelf.TOKENIZERS[0]} is missing. Copy "
            "it from where the model came from."
        )
        raise UnknownModelError(message)
    title = name if folder.name != pathlib.Path(name).name else folder.resolve().name
    card = next((size.card() for size in shelf.SIZES if size.id == name), ModelCard(title, title))
    return Source(
        card,
        lambda _report: folder,
        GEMMA4_GENERATION if _is_gemma4(folder) else {},
        four_bit,
        (_folder(name + DRAFTER) or downloaded(name + DRAFTER)) if drafter else None,
    )


def _is_gemma4(folder: pathlib.Path) -> bool:
    """Whether a folder says so; one that says nothing sensible fails when it is loaded, with the reason."""
    try:
        return str(json.loads((folder / "config.json").read_bytes())["model_type"]).startswith("gemma4")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _folder(name: str) -> pathlib.Path | None:
    """The folder of this name, None when there is none or a folder cannot be called so."""
    try:
        folder = pathlib.Path(name).expanduser()
        return folder if folder.is_dir() else None
    except (OSError, RuntimeError, ValueError):  # too long a name, an unknown ~user, a NUL
        return None


def _auto(
    cache: pathlib.Path, device: Callable[[], devices.Device], *, four_bit: bool, drafter: bool
) -> Source:
    """The largest Gemma 4 that is downloaded and fits in bf16, else the embedded model."""
    there = shelf.whole()
    if not there:
        # Without a look at the device, which imports torch: nothing depends on it yet.
        small = shelf.SIZES[-1]
        how = (
            f"No Gemma 4 is downloaded: {command(small.id)} fetches {small.name}, which needs "
            f"{small.gigabytes:g} GB of memory, and MODEL={AUTO} then cooks with it."
        )
        return replace(choose(EMBEDDED, cache), advice=how)
    place = device()
    free = f"{place.free_bytes / 10**9:.1f} GB are free on {place.kind.upper()}"
    fitting = [size for size in shelf.SIZES if size.fits(place.kind, place.free_bytes)]
    best = next((size for size in fitting if size in there), None)
    advice: str | None = None
    if not fitting:
        advice = f"No Gemma 4 fits: {free}, and {there[-1].name} needs {there[-1].gigabytes:g} GB."
    elif fitting[0] != best:
        size = fitting[0]
        advice = f"{size.name} would fit, too: {free}, and it needs {size.gigabytes:g} GB: {command(size.id)}"
    if best is None:
        return replace(choose(EMBEDDED, cache), advice=advice)
    return replace(choose(best.id, cache, four_bit=four_bit, drafter=drafter), advice=advice)
