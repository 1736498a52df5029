"""LoRA adapters as PEFT writes them, for a forward that keeps them beside its int8 weights.

An adapter adds a product of two narrow float32 matrices to a layer's result, so each row of a batch can have
its own or none, and choosing one loads nothing. Layers that are joined into one matrix have their adapters
joined too. Knows PEFT's two files and Gemma's names, but no forward.
"""

import json
import pathlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from safetensors.torch import load_file

from demos.server.errors import KitchenError

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
JOINED = {
    "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "o": ("self_attn.o_proj",),
    "gate_up": ("mlp.gate_proj", "mlp.up_proj"),
    "down": ("mlp.down_proj",),
}
"""The layers that a forward multiplies at once, by the name it has for them."""
NAME = re.compile(r"base_model\.model\.model\.layers\.(\d+)\.([\w.]+)\.lora_([AB])\.weight")

Pair = tuple[torch.Tensor, torch.Tensor]
"""[in, rank] and [rank, out], scaled, float32."""


class UnusableAdapterError(KitchenError):
    """An adapter's files cannot be read, or hold what this kitchen cannot add to a model."""


@dataclass(frozen=True, eq=False)
class LowRank:
    """One adapter. Two are the same only if they are the same object.

    Attributes:
        pairs: by layer and name of `JOINED`.
    """

    pairs: dict[tuple[int, str], Pair] = field(repr=False)

    @property
    def bytes(self) -> int:
        """The memory that it takes."""
        return sum(matrix.nbytes for pair in self.pairs.values() for matrix in pair)

    def evened(self, columns: Mapping[str, torch.Tensor], rows: Mapping[str, torch.Tensor]) -> "LowRank":
        """The same adapter for layers that were evened out: see `demos.server.local.smoothing.Smoothing`."""

        def scaled(layer: str, down: torch.Tensor, up: torch.Tensor) -> Pair:
            return (
                down * columns[layer][:, None] if layer in columns else down,
                up * rows[layer] if layer in rows else up,
            )

        return LowRank({(i, name): scaled(f"{name} {i}", *pair) for (i, name), pair in self.pairs.items()})


def widths(tensors: Mapping[str, torch.Tensor]) -> dict[str, int]:
    """How many outputs each layer of `JOINED` has, from a model's weights by transformers' names."""
    parts = [part for parts in JOINED.values() for part in parts]
    return {part: len(tensors[f"layers.0.{part}.weight"]) for part in parts}


def load(folder: pathlib.Path, widths: Mapping[str, int]) -> LowRank:
    """Read an adapter.

    Args:
        folder: with PEFT's files.
        widths: how many outputs each layer has, from `widths`.

    Raises:
        UnusableAdapterError: the files are missing or damaged, or are no plain LoRA for such layers.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        tensors = load_file(folder / WEIGHTS)
    except Exception as error:  # safetensors has an exception of its own that is no OSError
        message = f"The adapter in {folder} could not be read: {str(error).splitlines()[0]}"
        raise UnusableAdapterError(message) from error
    special = [k for k in ("use_dora", "lora_bias", "modules_to_save", "fan_in_fan_out") if config.get(k)]
    if config.get("peft_type") != "LORA" or config.get("bias", "none") != "none" or special:
        found = ", ".join(special) or f"{config.get('peft_type')} with bias {config.get('bias')}"
        message = f"The adapter in {folder} is no plain LoRA: found {found}. Train it without."
        raise UnusableAdapterError(message)
    halves: dict[tuple[int, str], dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        match = NAME.fullmatch(name)
        if not match or match[2] not in widths:
            message = f"The adapter in {folder} changes {name}, which this kitchen leaves as it is."
            raise UnusableAdapterError(message)
        halves.setdefault((int(match[1]), match[2]), {})[match[3]] = tensor.float()
    try:
        pairs = {
            (layer, name): _joined(layer, name, halves, widths, config)
            for layer in {layer for layer, _ in halves}
            for name in JOINED
            if any((layer, part) in halves for part in JOINED[name])
        }
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        message = f"The adapter in {folder} does not fit the model: {str(error).splitlines()[0]}"
        raise UnusableAdapterError(message) from error
    return LowRank(pairs)


def _joined(
    layer: int,
    name: str,
    halves: dict[tuple[int, str], dict[str, torch.Tensor]],
    widths: Mapping[str, int],
    config: dict[str, object],
) -> Pair:
    """The adapters of the layers that are multiplied at once: A beside A, B in blocks."""
    down, up = [], []
    for part in JOINED[name]:
        both = halves.get((layer, part))
        if both is None:
            up.append(torch.zeros(widths[part], 0))
            continue
        rank = both["A"].shape[0]
        down.append(both["A"])
        up.append(both["B"].reshape(widths[part], rank) * _scale(f"layers.{layer}.{part}", rank, config))
    block_diagonal: torch.Tensor = torch.block_diag(*up)  # type: ignore[no-untyped-call]
    return torch.cat(down).T.contiguous(), block_diagonal.T.contiguous()


def _scale(name: str, rank: int, config: dict[str, object]) -> float:
    """What PEFT multiplies a layer's product with: alpha / rank, by the root of the rank for RSLoRA."""
    patterns = config.get("alpha_pattern") or {}
    assert isinstance(patterns, dict)  # noqa: S101
    alphas = [value for pattern, value in patterns.items() if re.fullmatch(rf"(.*\.)?({pattern})", name)]
    alpha = float((alphas or [config["lora_alpha"]])[0])
    return alpha / (rank**0.5 if config.get("use_rslora") else rank)
