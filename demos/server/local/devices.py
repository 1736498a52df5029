"""What a model can run on here: the fastest device that torch can use, and the memory that is free on it."""

from dataclasses import dataclass
from typing import Any

import psutil


@dataclass(frozen=True)
class Device:
    """A place for weights.

    Attributes:
        kind: as torch calls it, "cuda", "mps" or "cpu".
        free_bytes: memory that a model could take now.
    """

    kind: str
    free_bytes: int


def best() -> Device:
    """The fastest device here. Imports torch, which takes seconds the first time."""
    import torch  # noqa: PLC0415

    if torch.cuda.is_available():
        return Device("cuda", int(torch.cuda.mem_get_info()[0]))
    if torch.backends.mps.is_available():
        free = torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
        return Device("mps", min(int(free), psutil.virtual_memory().available))
    return Device("cpu", psutil.virtual_memory().available)


def dtype_for(kind: str) -> Any:
    """bf16, which Gemma was trained in and halves what is read for each token; fp32 where bf16 does not work.

    Never fp16: Gemma's activations overflow it.
    """
    import torch  # noqa: PLC0415

    try:
        one = torch.ones(1, 1, dtype=torch.bfloat16, device=kind)
        return torch.bfloat16 if float(one @ one) == 1 else torch.float32
    except (RuntimeError, TypeError):  # MPS before macOS 14
        return torch.float32
