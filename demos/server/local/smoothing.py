"""Channels that stand out in activations, evened out before rows and weights are rounded to int8.

Some channels of a row are many times as large as the others, and one scale for the row leaves the others
a few of int8's steps. Divided by a number, with their columns of the weights multiplied by the same number,
they change no product, and both are rounded better (SmoothQuant, Xiao et al. 2022, arXiv 2211.10438): int8
then has a perplexity 2 % above that of bf16, and 5 % otherwise. The divisions cost nothing, since they
are done once, in what makes the rows: in the norm before them, in the values before attention's output, in
the upper half before the way down.

Knows Gemma 3's layers and transformers' names for them, but no int8.
"""

import os
import pathlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from demos.server.local.keyvalues import InThreads
from demos.server.local.lowrank import JOINED

HEAD = "head"
STEPS = 4
"""Numbers are rounded to so many steps in a doubling: sums that differ in the last bit then give the same."""
LEAST = 1e-6
TEXTS = (
    """Two bowls of ramen stand on one counter. The first comes from the kitchen behind the curtain: you
order, somebody cooks, and you pay for each bowl. You never see the recipe, and it may taste different next
month. The second is a packet from the same house. You boil the water yourself, on your own stove, as often as
you like; nobody knows when you eat or what you put on top. It is smaller, and it is yours. Which one is
better? That depends: 3 guests or 300, a phone or a server, 0.25 GB or 60 GB of memory.""",
    """한 식탁에 라면 두 그릇이 놓여 있습니다. 하나는 주방 문이 닫힌 식당에서 나옵니다. 주문하면 요리사가
끓여 주고, 한 그릇마다 값을 냅니다. 레시피는 볼 수 없고 다음 달에는 맛이 달라질 수도 있습니다. 다른 하나는
같은 집에서 나온 봉지 라면입니다. 물을 직접 끓이고, 원하는 만큼 먹고, 위에 무엇을 올리든 아무도 모릅니다.
작지만 내 것입니다. 어느 쪽이 더 좋을까요? 손님이 세 명인지 삼백 명인지에 따라 다릅니다.""",
    """カウンターにラーメンが二杯並んでいます。一杯は厨房の見えない店のもの。注文すれば料理人が作ってくれて、
一杯ごとにお金を払います。レシピは見られず、来月には味が変わるかもしれません。もう一杯は同じ会社の袋麺です。
自分でお湯を沸かし、好きなだけ作り、何をのせても誰にも知られません。小さいけれど、自分のものです。
どちらがいいでしょうか。お客が三人か三百人かで答えは変わります。""",
)
"""What a model reads while its channels are measured: about a hundred tokens of each language."""

AFTER = {"qkv": "o", "gate_up": "down"}
"""The layers behind these, whose rows are linear in the last outputs of these."""


@dataclass(frozen=True)
class Smoothing:
    """What makes a model's layers even, by joined layer and number, "qkv 3", and "head"; empty for none.

    Attributes:
        columns: what the rows of a layer are divided by and its weights' columns multiplied with, [in].
        rows: what the outputs of a layer are multiplied with for the layer behind it, [out].
    """

    columns: Mapping[str, torch.Tensor] = field(default_factory=dict)
    rows: Mapping[str, torch.Tensor] = field(default_factory=dict)


NONE = Smoothing()


def measured(model: Any, prompts: Sequence[Sequence[int]]) -> Smoothing:
    """What evens out the layers of a transformers model for rows as it reads them in some texts.

    A channel's divisor is the root of its size over the size of its weights, so that the two are then alike.
    Its size is what it is as a share of its row's largest value, in the root of the mean of squares.

    Args:
        model: Gemma3ForCausalLM.
        prompts: token ids.
    """
    config = model.config
    groups, size = config.num_key_value_heads, config.head_dim
    modules = {name: [model.get_submodule(part) for part in parts] for name, parts in joined(model).items()}
    columns: dict[str, torch.Tensor] = {}
    rows: dict[str, torch.Tensor] = {}
    for name, channels in _channels(model, modules, prompts).items():
        weights = torch.stack([each.weight.detach().abs().amax(0).float() for each in modules[name]]).amax(0)
        pair = torch.stack([channels, weights])
        if name.startswith("o "):  # heads that share values share divisors
            heads = pair.view(2, groups, -1, size)
            pair = heads.amax(2, keepdim=True).expand_as(heads).flatten(1)
        even = pair.clamp_min(LEAST).log2()
        even = (even[0] - even[1]) / 2
        columns[name] = torch.exp2(((even - even.mean()) * STEPS).round() / STEPS)
    for name, parts in modules.items():
        kind, _, number = name.partition(" ")
        if kind in AFTER:
            behind = columns[f"{AFTER[kind]} {number}"]
            if kind == "qkv":
                behind = behind.view(groups, -1, size)[:, 0].flatten()
            rows[name] = torch.ones(sum(len(each.weight) for each in parts))
            rows[name][-len(behind) :] = 1 / behind
    return Smoothing(columns, rows)


def joined(model: Any) -> dict[str, list[str]]:
    """The names of a transformers model's Linears by the layers that they are joined to."""
    found = {
        f"{name} {number}": [f"model.layers.{number}.{part}" for part in parts]
        for number in range(model.config.num_hidden_layers)
        for name, parts in JOINED.items()
    }
    return {**found, HEAD: ["lm_head"]}


def _channels(
    model: Any, modules: Mapping[str, Sequence[Any]], prompts: Sequence[Sequence[int]]
) -> dict[str, torch.Tensor]:
    """The size of each channel of the rows that each layer reads, [in]."""
    sums: dict[str, torch.Tensor] = {}

    def hear(name: str, rows: torch.Tensor) -> None:
        rows = rows.detach().float().flatten(0, -2)
        shares = rows / rows.abs().amax(-1, keepdim=True).clamp_min(LEAST)
        sums[name] = sums.get(name, 0) + shares.square().sum(0)

    with ExitStack() as hooks:
        for name, parts in modules.items():
            hook = parts[0].register_forward_pre_hook(lambda _module, given, name=name: hear(name, given[0]))
            hooks.callback(hook.remove)
        # One thread: with more, sums differ, and a seed should say the same after every start.
        with torch.inference_mode(), InThreads(1):
            for tokens in prompts:
                last = model.model(torch.tensor([list(tokens)]), use_cache=False).last_hidden_state
                hear(HEAD, last)
    count = sum(len(tokens) for tokens in prompts)
    return {name: (sums[name] / count).sqrt() for name in modules}


def keep(smoothing: Smoothing, path: pathlib.Path) -> None:
    """Write it down, whole or not at all; where it cannot be written the next start measures it again."""
    partial = path.with_suffix(f".{os.getpid()}.partial")
    tensors = {f"columns {name}": each for name, each in smoothing.columns.items()}
    tensors |= {f"rows {name}": each for name, each in smoothing.rows.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, partial)
        partial.replace(path)
    except (OSError, SafetensorError):
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def kept(path: pathlib.Path) -> Smoothing | None:
    """What was written down, None where it cannot be read."""
    found: dict[str, dict[str, torch.Tensor]] = {"columns": {}, "rows": {}}
    try:
        for name, each in load_file(path).items():
            kind, _, layer = name.partition(" ")
            found[kind][layer] = each
    except (OSError, SafetensorError, KeyError):
        return None
    return Smoothing(**found)
