"""Our own forward over a folder's weights in int8, for Gemma 3 text on a CPU: quickest to load and to answer.

Imports torch, and transformers only where it is needed. Knows neither orders nor HTTP.
"""

import importlib
import json
import pathlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace
from typing import Any

import torch
from safetensors.torch import load_file

from demos.server.engine import Hardware, Report
from demos.server.local import lowrank, proof, smoothing, threads
from demos.server.local.gemma3 import Gemma3, reason_against
from demos.server.local.loaded import Loaded, fingerprint, generation_of, versions
from demos.server.local.lowrank import LowRank
from demos.server.local.packed import CHUNK, PackedBatch
from demos.server.local.prefixes import Prefixes
from demos.server.local.quantise import NotQuantised, packed_layers
from demos.server.local.smoothing import Smoothing

HERE = pathlib.Path(__file__).parent
CODE = [
    HERE / f"{name}.py"
    for name in (
        "gemma3", "keyvalues", "loading_packed", "lowrank", "packed", "plain", "prefixes", "proof",
        "quantise", "smoothing", "standin", "transformer",
    )
]  # fmt: skip
"""What a comparison was made with: the next start makes it again where one of these has changed."""
NEEDED = {
    "head_dim", "hidden_size", "intermediate_size", "layer_types", "max_position_embeddings",
    "num_attention_heads", "num_hidden_layers", "num_key_value_heads", "query_pre_attn_scalar",
    "rms_norm_eps", "rope_parameters", "sliding_window",
}  # fmt: skip
"""What must stand in config.json to do without transformers, which takes half a second to import."""
ROUNDING = "Rounding the weights to int8"
WEIGHTS = "model.safetensors"
TIE = 0.5
"""Logits that are so close are as likely as each other: a sum taken in another order now and then rounds to
another int8 number, which moved logits by up to 0.15 here. A mistake in the forward moves all of them."""
MEASURED = 256
"""The most tokens of a text that are read to even out the layers."""


def load(
    folder: pathlib.Path,
    tokenizer: Callable[[], Any],
    report: Report,
    proofs: pathlib.Path,
    prefix_bytes: int,
) -> Loaded | str:
    """Load a model, or say why not: see `loading.load`.

    Args:
        folder: config.json, safetensors, tokenizer.
        tokenizer: reads the tokenizer.
        report: hears the fraction done.
        proofs: the folder of proofs.
        prefix_bytes: memory for the beginnings of earlier prompts.
    """
    if not (folder / WEIGHTS).is_file():
        return f"its weights are not in {WEIGHTS}"
    config = configuration(folder)
    if reason := reason_against(config):
        return reason
    report(0.2, "Reading the weights")
    tensors = {name.removeprefix("model."): each for name, each in load_file(folder / WEIGHTS).items()}
    what = proof.What(fingerprint(folder), {**versions(), "engine": "packed"}, CODE)
    even = smoothing.kept(proof.file(proofs, what, "safetensors")) if proof.noted(proofs, what) else None
    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(tokenizer)
        drawing = beside.submit(importlib.import_module, "demos.server.local.sampling")
        original = None
        if even is None:
            report(0.25, "Measuring the weights, once")
            original, even = measured(folder, reading.result())
        try:
            model = in_int8(config, tensors, even, lambda done: report(0.3 + 0.5 * done, ROUNDING))
        except NotQuantised as finding:
            return str(finding)
        words = reading.result()
        sampling = drawing.result()
    generation = generation_of(folder)
    if reason := sampling.reason_against(generation):
        return str(reason)
    adapters: dict[str, LowRank] = {}
    prefixes = Prefixes(CHUNK, prefix_bytes)

    def make() -> PackedBatch:
        return PackedBatch(model, adapters, prefixes)

    prompts = [words.encode(text) for text in proof.TEXTS]
    if original is not None:
        report(0.85, "Comparing with transformers, once")
        if difference := _difference(original, model, even, make(), prompts):
            return f"our own forward differs from generate: {difference}"
        smoothing.keep(even, proof.file(proofs, what, "safetensors"))
        proof.note(proofs, what)
    report(0.95, "Tasting")
    return Loaded(
        words,
        Hardware("cpu", "int8", torch.get_num_threads(), engine="packed"),
        sum(tensor.numel() for tensor in tensors.values()),
        int(config.max_position_embeddings),
        generation,
        make=make,
        exact=proof.exact(make(), [prompt[:6] for prompt in prompts[:2]]),
        adapters=adapters,
        read_adapter=partial(_adapter, lowrank.widths(tensors), even),
    )


def configuration(folder: pathlib.Path) -> Any:
    """The model's configuration, completed by transformers where it was not written by it."""
    found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if found.keys() >= NEEDED and found["rope_parameters"].keys() >= set(found["layer_types"]):
        return SimpleNamespace(**found)
    from transformers import Gemma3TextConfig  # noqa: PLC0415 - takes half a second

    return Gemma3TextConfig.from_pretrained(folder, local_files_only=True)


def in_int8(
    config: Any, tensors: Mapping[str, torch.Tensor], even: Smoothing, report: Callable[[float], None]
) -> Gemma3:
    """The model with int8 Linears, made on all cores.

    Raises:
        NotQuantised: see `quantise.compared`.
    """
    count = torch.get_num_threads()
    try:
        return Gemma3(config, tensors, packed_layers(threads.cores(), even, report), even)
    finally:
        torch.set_num_threads(count)


def measured(folder: pathlib.Path, tokenizer: Any) -> tuple[Any, Smoothing]:
    """The model as transformers reads it, and what evens out its layers."""
    from transformers.utils import logging  # noqa: PLC0415 - needed once, and slow to import

    from demos.server.local import transformer  # noqa: PLC0415

    logging.disable_progress_bar()
    original = transformer.read(folder, "cpu").model
    prompts = [tokenizer.encode(text)[:MEASURED] for text in smoothing.TEXTS]
    return original, smoothing.measured(original, prompts)


def _adapter(widths: Mapping[str, int], even: Smoothing, folder: pathlib.Path) -> LowRank:
    """Read an adapter for layers that were evened out.

    Raises:
        UnusableAdapterError: see `lowrank.load`.
    """
    return lowrank.load(folder, widths).evened(even.columns, even.rows)


def _difference(
    original: Any, model: Gemma3, even: Smoothing, batch: PackedBatch, prompts: list[list[int]]
) -> str | None:
    """Where our forward differs from transformers' with the same int8 layers."""
    from demos.server.local import plain, standin  # noqa: PLC0415 - needed once, and slow to import

    standin.put_into(original, model.linears, even)
    return proof.difference(batch, lambda tokens, count: plain.greedy(original, tokens, count), prompts, TIE)
