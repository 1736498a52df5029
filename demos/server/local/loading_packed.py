"""Our own forward over a folder's weights in int8, for Gemma 3 text on a CPU: quickest to load and to answer.

Imports torch. Knows neither orders nor HTTP.
"""

import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import torch
from safetensors.torch import load_file
from transformers import Gemma3TextConfig, GenerationConfig

from demos.server.engine import Hardware, Report
from demos.server.local import proof, sampling, threads
from demos.server.local.gemma3 import Gemma3, reason_against
from demos.server.local.loaded import Loaded, fingerprint, generation_of, versions
from demos.server.local.lowrank import LowRank, widths
from demos.server.local.packed import CHUNK, PackedBatch
from demos.server.local.prefixes import Prefixes
from demos.server.local.quantise import NotQuantised, packed_layers

HERE = pathlib.Path(__file__).parent
CODE = [
    HERE / f"{name}.py"
    for name in (
        "gemma3", "keyvalues", "loading_packed", "lowrank", "packed", "plain", "prefixes", "proof",
        "quantise", "transformer",
    )
]  # fmt: skip
"""What a comparison was made with: the next start makes it again where one of these has changed."""
ROUNDING = "Rounding the weights to int8"
WEIGHTS = "model.safetensors"
TIE = 0.5
"""Logits that are so close are as likely as each other: a sum taken in another order now and then rounds to
another int8 number, which moved logits by up to 0.15 here. A mistake in the forward moves all of them."""


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
        tokenizer: gives the tokenizer, which is being read meanwhile.
        report: hears the fraction done.
        proofs: the folder of proofs.
        prefix_bytes: memory for the beginnings of earlier prompts.
    """
    if not (folder / WEIGHTS).is_file():
        return f"its weights are not in {WEIGHTS}"
    config = Gemma3TextConfig.from_pretrained(folder, local_files_only=True)
    generation = generation_of(folder, GenerationConfig)
    if reason := reason_against(config) or sampling.reason_against(generation):
        return reason
    report(0.2, "Reading the weights")
    tensors = {name.removeprefix("model."): each for name, each in load_file(folder / WEIGHTS).items()}
    try:
        model = in_int8(config, tensors, lambda done: report(0.3 + 0.5 * done, ROUNDING))
    except NotQuantised as finding:
        return str(finding)
    adapters: dict[str, LowRank] = {}
    prefixes = Prefixes(CHUNK, prefix_bytes)

    def make() -> PackedBatch:
        return PackedBatch(model, adapters, prefixes)

    words = tokenizer()
    prompts = [words.encode(text) for text in proof.TEXTS]
    what = proof.What(fingerprint(folder), {**versions(), "engine": "packed"}, CODE)
    if not proof.noted(proofs, what):
        report(0.85, "Comparing with transformers, once")
        if difference := _difference(folder, make(), prompts):
            return f"our own forward differs from generate: {difference}"
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
        widths=widths(tensors),
    )


def in_int8(config: Any, tensors: Mapping[str, torch.Tensor], report: Callable[[float], None]) -> Gemma3:
    """The model with int8 Linears, made on all cores.

    Raises:
        NotQuantised: see `quantise.compared`.
    """
    count = torch.get_num_threads()
    try:
        return Gemma3(config, tensors, packed_layers(threads.cores(), report))
    finally:
        torch.set_num_threads(count)


def _difference(folder: pathlib.Path, batch: PackedBatch, prompts: list[list[int]]) -> str | None:
    """Where our forward differs from transformers' with the same int8 layers."""
    from transformers.utils import logging  # noqa: PLC0415 - needed once, and slow to import

    from demos.server.local import plain, transformer  # noqa: PLC0415
    from demos.server.local.quantise import quantise  # noqa: PLC0415

    logging.disable_progress_bar()
    original = transformer.read(folder, "cpu").model
    quantise(original, lambda _done: None)
    return proof.difference(batch, lambda tokens, count: plain.greedy(original, tokens, count), prompts, TIE)
