"""Gemma 3's text model as a forward of its own, for CPUs: fewer and larger operations than transformers'.

q, k and v are one matrix, gate and up another, and a norm's division joins the scale of int8's rows. Each
row of a step keeps its own keys and values, and every operation treats a row alike whoever stands beside it.

Knows the architecture, and nothing of text, sampling, prompts or files. Compared with transformers before
it serves, by `demos.server.local.proof`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.nn import functional

from demos.server.local.keyvalues import InThreads, KeyValues, steady
from demos.server.local.lowrank import JOINED, LowRank
from demos.server.local.smoothing import HEAD, NONE, Smoothing

GRAIN = 1 << 15
"""Values below which torch leaves an elementwise operation to one thread."""
Linear = Callable[..., torch.Tensor]
"""Rows [rows, in], and what to divide each result by, [rows, 1] or nothing, to rows [rows, out]."""
Layers = Callable[[Mapping[str, torch.Tensor]], Mapping[str, Linear]]
"""Weights [out, in] to layers, by name."""
Row = tuple[KeyValues, LowRank | None]
"""A sequence, and the adapter that it is continued with."""


def reason_against(config: Any) -> str | None:
    """Why this forward does not fit a transformers configuration, None where it does."""
    expected = {
        "model_type": "gemma3_text",
        "attention_bias": False,
        "attn_logit_softcapping": None,
        "final_logit_softcapping": None,
        "hidden_activation": "gelu_pytorch_tanh",
        "use_bidirectional_attention": False,
    }
    for name, value in expected.items():
        if (found := getattr(config, name, value)) != value:
            return f"{name} is {found!r}, expected {value!r}"
    if any(rope["rope_type"] != "default" for rope in config.rope_parameters.values()):
        return "its positions are scaled"
    return None


class Gemma3:
    """The weights, and the forward pass over them."""

    def __init__(
        self,
        config: Any,
        tensors: Mapping[str, torch.Tensor],
        layers: Layers,
        smoothing: Smoothing = NONE,
    ) -> None:
        """Take the weights.

        Args:
            config: transformers' Gemma3TextConfig, with no `reason_against` it.
            tensors: weights by transformers' names, without "model.".
            layers: makes the Linears.
            smoothing: what they were evened out with: the norms before them are divided accordingly.
        """
        self.config = config
        self._embedding = tensors["embed_tokens.weight"]
        self._enlarged = torch.tensor(config.hidden_size**0.5).to(self._embedding.dtype)
        self._scale = config.query_pre_attn_scalar**-0.5
        epsilon = config.rms_norm_eps
        self._least, self._least_head = (
            torch.tensor((n * epsilon) ** 0.5) for n in (config.hidden_size, config.head_dim)
        )
        half = torch.arange(0, config.head_dim, 2).float() / config.head_dim
        self._frequencies = {k: 1 / r["rope_theta"] ** half for k, r in config.rope_parameters.items()}

        one = torch.ones(1)

        def norm(name: str, before: str = "") -> torch.Tensor:
            weight = tensors[f"{name}.weight"].float()
            # For a row of length 1, not of mean square 1.
            scaled: torch.Tensor = (1 + weight) * len(weight) ** 0.5
            return scaled / smoothing.columns.get(before, one)

        numbers = range(config.num_hidden_layers)
        matrices = {HEAD: tensors.get("lm_head.weight", self._embedding)}
        for i in numbers:
            for name, parts in JOINED.items():
                weights = [tensors[f"layers.{i}.{part}.weight"] for part in parts]
                matrices[f"{name} {i}"] = torch.cat(weights) if len(weights) > 1 else weights[0]
        self.linears = layers(matrices)
        self._layers = [{name: self.linears[f"{name} {i}"] for name in JOINED} for i in numbers]
        self._norms = [
            [
                norm(f"layers.{i}.input_layernorm", f"qkv {i}"),
                norm(f"layers.{i}.post_attention_layernorm"),
                norm(f"layers.{i}.pre_feedforward_layernorm", f"gate_up {i}"),
                norm(f"layers.{i}.post_feedforward_layernorm"),
            ]
            for i in numbers
        ]
        heads = {"q": config.num_attention_heads, "k": config.num_key_value_heads}
        self._head_norms = [
            torch.cat([norm(f"layers.{i}.self_attn.{k}_norm").expand(n, -1) for k, n in heads.items()])
            for i in numbers
        ]
        self._last_norm = norm("norm", HEAD)

    @torch.inference_mode()
    def forward(self, tokens: Sequence[int], rows: Sequence[Row], *, every: bool = False) -> torch.Tensor:
        """Continue rows by one token each, or one row by many: [rows, hidden] after the last of each.

        Args:
            tokens: as many for each row.
            rows: what is continued; changed.
            every: give what comes after every token, [len(tokens), hidden].
        """
        count = len(tokens) // len(rows)
        spans = [(row, slice(i * count, (i + 1) * count)) for i, row in enumerate(rows)]
        places = torch.tensor([kv.length + i for kv, _ in rows for i in range(count)]).float()
        turns = {kind: _turns(places, speeds) for kind, speeds in self._frequencies.items()}
        for kv, _ in rows:
            kv.grow(kv.length + count)
        # Row by row: looking up several at once wakes all threads, and takes ten times as long for one row.
        x = torch.stack([self._embedding[token] for token in tokens])
        x = (x * self._enlarged).float()
        queries, size = self.config.num_attention_heads, self.config.head_dim
        for i, norms in enumerate(self._norms):
            kind = self.config.layer_types[i]
            window = self.config.sliding_window if kind == "sliding_attention" else None
            qkv = self._linear("qkv", i, x * norms[0], spans, self._length(x)).view(len(x), -1, size)
            keyed = len(self._head_norms[i])
            qk, values = qkv[:, :keyed], qkv[:, keyed:]
            length = torch.linalg.vector_norm(qk, dim=-1, keepdim=True)
            qk = qk / torch.hypot(length, self._least_head) * self._head_norms[i]
            cos, sin = turns[kind]
            turned = qk.view(len(x), keyed, 2, size // 2).flip(2).view(qk.shape)
            qk = torch.addcmul(qk * cos, turned, sin)
            q, k = qk[:, :queries], qk[:, queries:]
            # After the last layer only the last token is asked for; the others leave keys and values.
            last = len(rows) == 1 and i == len(self._norms) - 1 and not every
            seen = [
                kv.attend(
                    i, q[at][-1:] if last else q[at], k[at], values[at], window=window, scale=self._scale
                )
                for (kv, _), at in spans
            ]
            if last:
                x, spans = x[-1:], [(rows[0], slice(0, 1))]
            y = self._linear("o", i, seen[0] if len(seen) == 1 else torch.cat(seen), spans)
            x = torch.addcmul(x, y.div_(self._length(y)), norms[1])
            y = self._linear("gate_up", i, x * norms[2], spans, self._length(x))
            inner = self.config.intermediate_size
            y = self._linear("down", i, _gelu(y[:, :inner]).mul_(y[:, inner:]), spans)
            x = torch.addcmul(x, y.div_(self._length(y)), norms[3])
        for kv, _ in rows:
            kv.length += count
        return x

    @torch.inference_mode()
    def logits(self, x: torch.Tensor) -> torch.Tensor:
        """What `forward` gave, [rows, hidden], as logits [rows, vocab]."""
        return self.linears[HEAD](x * self._last_norm, self._length(x))

    def _length(self, x: torch.Tensor) -> torch.Tensor:
        """The length of each row, with what RMS norm adds to it: [rows, 1]."""
        return torch.hypot(torch.linalg.vector_norm(x, dim=-1, keepdim=True), self._least)

    def _linear(
        self,
        name: str,
        index: int,
        x: torch.Tensor,
        spans: Sequence[tuple[Row, slice]],
        length: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """A Linear of rows that are divided by `length`, and beside it the low-rank path of an adapter."""
        y = self._layers[index][name](x, length)
        for (_, adapter), at in spans:
            if adapter and (pair := adapter.pairs.get((index, name))):
                with steady(at.stop - at.start):
                    narrow = x[at] @ pair[0]
                    y[at] += (narrow if length is None else narrow / length[at]) @ pair[1]
        return y


def _gelu(gate: torch.Tensor) -> torch.Tensor:
    """GELU of rows [rows, inner], bit by bit the same on any number of threads.

    torch gives each thread an equal share, and works out by another formula what is left of it behind the
    last full register. On 2, 4 or 8 threads nothing is, at the sizes of Gemma 3.
    """
    if gate.numel() < GRAIN:
        return functional.gelu(gate, approximate="tanh")
    with InThreads(1 << (torch.get_num_threads().bit_length() - 1)):
        return functional.gelu(gate, approximate="tanh")


def _turns(places: torch.Tensor, frequencies: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and signed sines of rotary positions, each [positions, 1, head size]."""
    angles = places[:, None] * frequencies
    sin, cos = angles.sin(), angles.cos()
    return torch.cat([cos, cos], -1)[:, None], torch.cat([-sin, sin], -1)[:, None]
