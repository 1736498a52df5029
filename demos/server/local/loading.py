"""A folder of safetensors becomes something that answers: device chosen, int8 and batches where they hold.

In this order: our own forward for Gemma 3 text on a CPU, a padded batch over any model of transformers, plain
`generate` one by one. Each is taken only if it was seen to go on as `generate` does; why the first ones were
not is in `Hardware`. Knows neither orders nor HTTP. Nothing is downloaded.
"""

import contextlib
import importlib
import json
import pathlib
import threading
from dataclasses import replace
from typing import Any

from demos.server.engine import Report, Status
from demos.server.errors import KitchenError
from demos.server.local import vocabulary
from demos.server.local.loaded import Loaded


def begin() -> None:
    """Import torch in the background, beside the check that a model's files are whole."""

    def ahead() -> None:
        with contextlib.suppress(Exception):  # `load` meets what is wrong with it
            importlib.import_module("torch")

    threading.Thread(target=ahead, name="import", daemon=True).start()


def load(
    folder: pathlib.Path,
    threads: int,
    report: Report,
    *,
    proofs: pathlib.Path,
    prefix_bytes: int = 0,
    four_bit: bool = False,
    drafter: pathlib.Path | None = None,
) -> Loaded:
    """Load a model for generation.

    Args:
        folder: config.json, safetensors, tokenizer.
        threads: CPU threads; other numbers may be set afterwards.
        report: hears the fraction done.
        proofs: the folder where it is noted what was compared with `generate`.
        prefix_bytes: memory for the beginnings of earlier prompts.
        four_bit: round Linears to 4 bits as they are read, see `transformer.read`.
        drafter: the folder of a model that guesses ahead, see `transformer.read_drafter`.

    Raises:
        KitchenError: the folder's files cannot be read as a model.
    """
    report(0.0, "Starting PyTorch")
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
        # Here and not above: torch takes seconds, and the page is served meanwhile.
        import torch  # noqa: PLC0415

        from demos.server.local import devices  # noqa: PLC0415

        torch.set_num_threads(threads)
        device = devices.best().kind
        reason = None
        if kind == "gemma3_text" and device == "cpu" and not drafter and not four_bit:
            from demos.server.local import loading_packed  # noqa: PLC0415

            found = loading_packed.load(folder, lambda: read_tokenizer(folder), report, proofs, prefix_bytes)
            if isinstance(found, Loaded):
                return found
            reason = found
        from demos.server.local import loading_padded  # noqa: PLC0415

        loaded = loading_padded.load(
            folder, device, report, proofs, prefix_bytes, four_bit=four_bit, drafter=drafter
        )
    except (OSError, ValueError, KeyError) as error:
        problem = (str(error).splitlines() or [type(error).__name__])[0]
        message = f"The folder {folder} could not be read as a model: {problem}"
        raise KitchenError(message, code="model_unreadable") from error
    reasons = "; ".join(each for each in (reason, loaded.hardware.engine_reason) if each)
    return replace(loaded, hardware=replace(loaded.hardware, engine_reason=reasons or None))


def read_tokenizer(folder: pathlib.Path) -> Any:
    """The tokenizer of a folder, without transformers where that is enough."""
    if vocabulary.suffices(folder):
        return vocabulary.Vocabulary(folder)
    from transformers import AutoTokenizer  # noqa: PLC0415

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def unloadable(status: Status, error: Exception) -> Status:
    """The status of a model that could not be loaded for a reason of torch's or transformers' own."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # torch's, of a GPU
        reason = "The model does not fit into the memory that is free: close programs, or take a smaller one."
        return replace(status, state="failed", reason=reason, code="out_of_memory")
    reason = f"The model could not be loaded: {type(error).__name__}: {error}"
    return replace(status, state="failed", reason=reason)
