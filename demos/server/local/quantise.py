"""int8 Linears for CPUs: weights with one scale per output, activations with one scale per row.

One scale per row, not per tensor: a row's numbers then do not depend on its neighbours, so an answer is
bit by bit the same alone and in company. By itself that would leave perplexity 5 % above that of bf16.
Where the model's layers are known they are evened out before (`demos.server.local.smoothing`); where they are
not, what rounding a row leaves over is multiplied, too, as a second row. Either leaves it about 2 % above.

The operator is torch's own but not a documented one, so every layer is compared with its bf16 original before
it is used, and one that differs sends the whole model back to bf16 with the reason.

Knows torch, but nothing of Gemma or of the engine.
"""

import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

from demos.server.local.smoothing import Smoothing

TOLERANCE = 0.03
"""Largest relative error of a layer on random rows; what int8 rounding explains is below 0.015, and below
0.029 in layers that were evened out, for rows that are not random."""
PART = 1 << 15
"""The most rows that are made at a time: several threads then have something of a large matrix, and torch
packs larger ones more slowly."""
BLOCK = 1 << 20
"""Weights that are rounded at a time: they stay in the processor's cache between the passes over them."""
SMALLEST = 1e-12
COARSE = ("gate", "up_proj")
"""Parts of the names of layers that do without the second row where nothing was evened out: they are half of
the work of reading a prompt, and the least sensitive."""
Layer = TypeVar("Layer", bound=Callable[[torch.Tensor], torch.Tensor])


class NotQuantised(Exception):  # noqa: N818 - a finding, not a mistake: the model goes on in bf16
    """This machine or torch cannot do it; the text says why."""


class Int8Matrix:
    """A packed int8 matrix that multiplies float32 rows of values from -1 to 1."""

    def __init__(
        self,
        weight: torch.Tensor,
        columns: torch.Tensor | None = None,
        rows: torch.Tensor | None = None,
        *,
        fine: bool = False,
    ) -> None:
        """Round and pack a float matrix [out, in].

        Args:
            weight: the original.
            columns: what its columns are multiplied with, [in].
            rows: what its rows are multiplied with, [out].
            fine: multiply also what rounding a row to int8 leaves over, as a second row. The matrix is read
                once for both, so that a single row takes hardly longer.
        """
        self._fine = fine
        rounded = torch.empty(weight.shape, dtype=torch.int8)
        scales = torch.empty(len(weight), 1)
        step = max(1, BLOCK // weight.shape[1])
        for start in range(0, len(weight), step):
            block = weight[start : start + step].to(torch.float32, copy=True)
            if columns is not None:
                block.mul_(columns)
            scale = largest(block).div_(127).clamp_min_(SMALLEST)
            scales[start : start + step] = scale
            rounded[start : start + step] = block.div_(scale).round_()
        if rows is not None:
            scales.mul_(rows[:, None])
        zeros = torch.zeros(len(weight), dtype=torch.int64)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*deprecated", UserWarning)
            matrix = torch._make_per_channel_quantized_tensor(rounded, scales[:, 0].double(), zeros, 0)  # noqa: SLF001 - torch has no other name for it
        self._packed = torch.ops.quantized.linear_prepack(matrix, None)
        self._multiply = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Rows [rows, in] to rows [rows, out]."""
        if not self._fine:
            return self._multiply(x, 1 / 127, 128, self._packed)  # type: ignore[no-any-return]
        x = x * 127
        rounded = x.round()  # here and not in the operator, which might round the other way what lies between
        both = self._multiply(torch.cat([rounded, x.sub_(rounded).mul_(254)]), 1.0, 128, self._packed)
        whole, rest = both.chunk(2)
        return whole.add_(rest, alpha=1 / 254).div_(127)  # type: ignore[no-any-return]


class Int8Rows:
    """One or more int8 matrices, one above the other, that multiply float32 rows of any size."""

    def __init__(self, *matrices: Int8Matrix) -> None:
        """Take matrices of as many columns each."""
        self.matrices = matrices

    def __call__(self, x: torch.Tensor, length: torch.Tensor | None = None) -> torch.Tensor:
        """Multiply rows [rows, in], each scaled to fill the int8 range, into float32 [rows, out].

        Args:
            x: float32.
            length: what each row's result is divided by, [rows, 1].
        """
        size = largest(x).clamp_min_(SMALLEST)
        x = x / size
        parts = [matrix(x) for matrix in self.matrices]
        y = parts[0] if len(parts) == 1 else torch.cat(parts, -1)
        return y.mul_(size if length is None else size.div_(length))


def largest(rows: torch.Tensor) -> torch.Tensor:
    """The largest absolute value of each row, [rows, 1]; torch's infinity norm takes ten times as long."""
    return rows.abs().amax(dim=-1, keepdim=True)


class Int8Linear(torch.nn.Module):
    """A drop-in for `torch.nn.Linear`: [..., in] float -> [..., out] of the same dtype."""

    def __init__(self, linear: torch.nn.Linear, *, fine: bool = False) -> None:
        """Quantise and pack the weights of a float layer: see `Int8Matrix`."""
        super().__init__()
        bias = None if linear.bias is None else linear.bias.detach().float()
        self._rows = Int8Rows(Int8Matrix(linear.weight.detach(), fine=fine))
        self._bias = bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply, with each row scaled to fill the int8 range."""
        y = self._rows(x.float())
        return (y if self._bias is None else y.add_(self._bias)).to(x.dtype)


def quantise(model: torch.nn.Module, report: Callable[[float], None]) -> None:
    """Swap the Linears of a bf16 language model for int8 ones, and carry what lies between in float32.

    float32 between the layers because elementwise work in bf16 is slower than in float32 on CPUs; embeddings
    stay bf16 in memory and only the rows that are looked up are widened.

    Args:
        model: changed in place, unless this raises.
        report: hears the fraction done.

    Raises:
        NotQuantised: a layer is not what it was within `TOLERANCE`, or the operator is missing.
    """
    linears = [
        (name, m)
        for name, m in model.named_modules()
        # Eyes and ears run once for a prompt, and ask their layers for a weight, which int8 ones lack.
        if isinstance(m, torch.nn.Linear) and not any(part in name for part in ("vision", "visual", "audio"))
    ]
    total = sum(m.weight.numel() for _, m in linears)
    swapped, done = {}, 0
    for name, linear in linears:
        swapped[name] = checked(name, linear)
        done += linear.weight.numel()
        report(done / total)
    for name, layer in swapped.items():
        model.set_submodule(name, layer)
    carry_in_float32(model)


def carry_in_float32(model: torch.nn.Module) -> None:
    """Widen all that a bf16 model holds but its embeddings, of which only the rows that are looked up."""
    embeddings = [m for m in model.modules() if isinstance(m, torch.nn.Embedding)]
    for embedding in embeddings:
        embedding.register_forward_hook(lambda _module, _inputs, rows: rows.float())
    kept = {id(embedding.weight) for embedding in embeddings}
    for tensor in (*model.parameters(), *model.buffers()):
        if id(tensor) not in kept and tensor.is_floating_point():
            tensor.data = tensor.data.float()


def packed_layers(
    workers: int, smoothing: Smoothing, report: Callable[[float], None]
) -> Callable[[Mapping[str, torch.Tensor]], dict[str, Int8Rows]]:
    """What makes int8 layers of weights [out, in], each compared with its original, several at a time.

    Args:
        workers: threads; torch's own number of threads is 1 afterwards.
        smoothing: what evens out the layers.
        report: hears the fraction done.

    Raises:
        NotQuantised: from what is returned, see `quantise`.
    """

    def make(weights: Mapping[str, torch.Tensor]) -> dict[str, Int8Rows]:
        parts = [
            (name, weight, columns, rows)
            for name, whole in weights.items()
            for columns in [smoothing.columns.get(name)]
            for weight, rows in _parts(whole, smoothing.rows.get(name))
        ]
        made: dict[str, list[Int8Matrix]] = {name: [] for name in weights}
        total = sum(weight.numel() for weight in weights.values())
        done = 0
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for (name, weight, *_), layer in zip(
                parts, pool.map(lambda part: checked_rows(*part), parts), strict=True
            ):
                made[name] += layer.matrices
                done += weight.numel()
                report(done / total)
        return {name: Int8Rows(*matrices) for name, matrices in made.items()}

    return make


def _parts(weight: torch.Tensor, rows: torch.Tensor | None) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
    """A matrix in parts of so many rows, each with what belongs to it of `rows`."""
    weights = torch.split(weight, PART)
    return list(
        zip(weights, torch.split(rows, PART) if rows is not None else [None] * len(weights), strict=True)
    )


def checked_rows(
    name: str, weight: torch.Tensor, columns: torch.Tensor | None, rows: torch.Tensor | None
) -> Int8Rows:
    """An int8 matrix that was compared with its original, [out, in]: see `compared`."""
    return compared(
        name, lambda: Int8Rows(Int8Matrix(weight, columns, rows)), weight, columns=columns, rows=rows
    )


def checked(name: str, linear: torch.nn.Linear) -> Int8Linear:
    """An int8 layer that was compared with its original: see `compared`."""
    fine = not any(part in name for part in COARSE)
    return compared(name, lambda: Int8Linear(linear, fine=fine), linear.weight.detach(), linear.bias)


def compared(
    name: str,
    make: Callable[[], Layer],
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    *,
    columns: torch.Tensor | None = None,
    rows: torch.Tensor | None = None,
) -> Layer:
    """A new int8 layer, if it agrees with its float original on two random rows of very different size.

    Args:
        name: of the layer, for the sentence.
        make: makes it.
        weight: the original, [out, in].
        bias: the original's, [out].
        columns: what the layer's columns were multiplied with, [in].
        rows: what the layer's rows were multiplied with, [out].

    Raises:
        NotQuantised: see `quantise`.
    """
    generator = torch.Generator().manual_seed(0)
    given = torch.randn(2, weight.shape[1], generator=generator) * torch.tensor([[1.0], [100.0]])
    try:
        layer = make()
        found = layer(given)
    except (AttributeError, RuntimeError, NotImplementedError) as error:
        raise NotQuantised(f"int8 does not work here: {str(error).splitlines()[0]}") from error
    original = (given if columns is None else given * columns).to(weight.dtype)
    expected = torch.nn.functional.linear(original, weight, bias).float()
    if rows is not None:
        expected *= rows
    error_size = ((found - expected).norm(dim=1) / expected.norm(dim=1).clamp_min(SMALLEST)).max().item()
    if not error_size < TOLERANCE:
        message = (
            f"int8 differs from bf16 by {error_size:.3f} in layer {name}, at most {TOLERANCE} is accepted"
        )
        raise NotQuantised(message)
    return layer
