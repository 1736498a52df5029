"""Our int8 layers in the place of transformers' own, so that what is left to compare is everything else.

Transformers' model keeps its own norms and activations: the layers undo what evened them out. Knows layers
and transformers' names for them, but no forward.
"""

from collections.abc import Mapping
from typing import Any

import torch

from demos.server.local.gemma3 import Linear
from demos.server.local.quantise import carry_in_float32
from demos.server.local.smoothing import Smoothing, joined


class StandIn(torch.nn.Module):
    """Some of the outputs of a layer of ours, for rows as transformers makes them."""

    def __init__(
        self, layer: Linear, columns: torch.Tensor | None, rows: torch.Tensor | None, outputs: slice
    ) -> None:
        """Take a layer and what it was evened out with, see `Smoothing`."""
        super().__init__()
        self._layer, self._columns, self._rows, self._outputs = layer, columns, rows, outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., in] to [..., some of out]."""
        rows = x.flatten(0, -2)
        y = self._layer(rows if self._columns is None else rows / self._columns)
        y = y if self._rows is None else y / self._rows
        return y[:, self._outputs].reshape(*x.shape[:-1], -1)


def put_into(model: Any, linears: Mapping[str, Linear], smoothing: Smoothing) -> None:
    """Replace the Linears of a transformers model, which is carried in float32 from then on.

    Args:
        model: Gemma3ForCausalLM, changed.
        linears: our layers, by joined layer and number.
        smoothing: what they were evened out with.
    """
    for name, parts in joined(model).items():
        start = 0
        for part in parts:
            end = start + len(model.get_submodule(part).weight)
            columns, rows = smoothing.columns.get(name), smoothing.rows.get(name)
            model.set_submodule(part, StandIn(linears[name], columns, rows, slice(start, end)))
            start = end
    carry_in_float32(model)
