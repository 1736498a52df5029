"""A folder of safetensors becomes a model and a tokenizer in memory: device chosen, int8 where it holds.

Knows transformers, but neither orders nor HTTP. Nothing is downloaded.
"""

import os
import pathlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psutil

from demos.server.engine import Hardware, Report
from demos.server.errors import KitchenError

MOST_THREADS = 8
"""More do not help a small model: each step is hundreds of matrices that take microseconds."""


@dataclass(frozen=True)
class Loaded:
    """What is needed to answer."""

    model: Any
    tokenizer: Any
    hardware: Hardware
    parameters: int
    context: int


def load(folder: pathlib.Path, threads: int | None, report: Report) -> Loaded:
    """Load a model for generation.

    Args:
        folder: config.json, safetensors, tokenizer.
        threads: CPU threads, None for `default_threads`.
        report: hears the fraction done.

    Raises:
        KitchenError: the folder's files cannot be read as a model.
    """
    report(0.0, "Starting PyTorch")
    # Here and not above: torch takes seconds, and the page is served meanwhile.
    import torch  # noqa: PLC0415
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    from demos.server.quantise import NotQuantised, quantise  # noqa: PLC0415

    logging.disable_progress_bar()
    torch.set_num_threads(threads or default_threads())
    device = best_device()
    report(0.2, "Reading the weights")
    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(AutoTokenizer.from_pretrained, folder, local_files_only=True)
        try:
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, local_files_only=True)
            parameters = sum(parameter.numel() for parameter in model.parameters())
            dtype, reason = "bf16", None
            if device == "cpu":
                try:
                    quantise(model, lambda done: report(0.3 + 0.6 * done, "Rounding the weights to int8"))
                    dtype = "int8"
                except NotQuantised as finding:
                    reason = str(finding)
            model = model.eval().to(device)
            tokenizer = reading.result()
        except (OSError, ValueError, KeyError) as error:
            message = f"The folder {folder} could not be read as a model: {str(error).splitlines()[0]}"
            raise KitchenError(message) from error
    report(0.95, "Tasting")
    model.generate(torch.tensor([[0, 1]], device=device), max_new_tokens=2, do_sample=False)
    text_config = model.config.get_text_config()
    return Loaded(
        model,
        tokenizer,
        Hardware(device, dtype, torch.get_num_threads(), reason),
        parameters,
        int(text_config.max_position_embeddings),
    )


def best_device() -> str:
    """The fastest device that torch can use here."""
    import torch  # noqa: PLC0415

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def default_threads() -> int:
    """All physical cores that this process may use, but one.

    That one is for the browser and for HTTP. Threads meet hundreds of times in each token, so one that has
    to wait for its core stops them all: with one other busy program on two cores, two threads decoded 12
    tokens a second and one thread 21; on the idle machine they decoded 40 and 33.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = min(allowed, psutil.cpu_count(logical=False) or allowed)
    return max(1, min(cores - 1, MOST_THREADS))
