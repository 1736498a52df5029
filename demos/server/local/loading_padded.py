"""Any model of transformers, on any device: in a padded batch where that is proved, else by `generate` alone.

Imports torch. Knows neither orders nor HTTP.
"""

import pathlib
from typing import Any

import torch
from transformers.utils import logging

from demos.server.engine import Hardware, Report
from demos.server.local import plain, proof, sampling, transformer
from demos.server.local.loaded import Loaded, fingerprint, versions
from demos.server.local.padded import CHUNK, CPU_CHUNK, NotJoinableError, PaddedBatch
from demos.server.local.prefixes import Prefixes
from demos.server.local.quantise import NotQuantised, quantise

HERE = pathlib.Path(__file__).parent
CODE = [
    HERE / f"{name}.py"
    for name in ("loading_padded", "padded", "plain", "prefixes", "proof", "quantise", "transformer")
]
"""What a comparison was made with: the next start makes it again where one of these has changed."""
PROOF_CHUNK = 64
"""Small, so that the longest text of the proof shows what happens at the borders of chunks."""
TIES = {"fp32": 0.01}
"""Logits that are so close are as likely as each other: what rounding in this precision explains at least."""
COARSE_TIE = 0.5
"""The same for int8, bf16 and what is computed in it. Where transformers itself differs by more when it reads
a text in parts (a random model of 35 layers in bf16 does), twice that is allowed."""


def load(
    folder: pathlib.Path,
    device: str,
    report: Report,
    proofs: pathlib.Path,
    prefix_bytes: int,
    *,
    four_bit: bool,
    drafter: pathlib.Path | None,
) -> Loaded:
    """Load a model: see `loading.load`.

    Args:
        folder: config.json, safetensors, tokenizer.
        device: "cuda", "mps" or "cpu".
        report: hears the fraction done.
        proofs: the folder of proofs.
        prefix_bytes: memory for the beginnings of earlier prompts.
        four_bit: see `transformer.read`.
        drafter: see `transformer.read_drafter`.
    """
    logging.disable_progress_bar()
    report(0.2, "Reading the weights")
    read = transformer.read(folder, device, four_bit=four_bit)
    model, dtype, dtype_reason = read.model, read.dtype, None
    parameters = sum(parameter.numel() for parameter in model.parameters())
    if device == "cpu" and not four_bit:
        try:
            quantise(model, lambda done: report(0.3 + 0.5 * done, "Rounding the weights to int8"))
            dtype = "int8"
        except NotQuantised as finding:
            dtype_reason = str(finding)
    prompts = [read.tokenizer.encode(text) for text in proof.TEXTS]
    helper = transformer.read_drafter(drafter, device) if drafter else None
    if helper and dtype == "int8":  # what lies between int8 layers, and goes to the drafter, is float32
        helper.float()
    reason: str | None = "a drafter guesses ahead for one order at a time"
    if not helper:
        report(0.85, "Comparing with generate")
        circumstances = {**versions(), "engine": "padded", "device": device, "dtype": dtype}
        what = proof.What(fingerprint(folder), circumstances, CODE)
        reason = reason_against(model, prompts, TIES.get(dtype, COARSE_TIE), proofs, what)
    report(0.95, "Tasting")
    if reason:
        plain.greedy(model, prompts[0], 2)
    else:  # two rows: the first orders to share a step should not be the ones that wait for it
        proof.continued(PaddedBatch(model), prompts[:2], [prompt[:2] for prompt in prompts[:2]])
    chunk = CPU_CHUNK if device == "cpu" else CHUNK
    prefixes = Prefixes(chunk, prefix_bytes)
    return Loaded(
        read.tokenizer,
        Hardware(
            device,
            dtype,
            torch.get_num_threads(),
            dtype_reason,
            engine="generate" if reason else "padded",
            engine_reason=reason,
        ),
        parameters,
        int(model.config.get_text_config().max_position_embeddings),
        model.generation_config,
        processor=read.processor,
        thinking=read.thinking,
        make=None if reason else lambda: PaddedBatch(model, prefixes, chunk),
        model=model,
        drafter=helper,
    )


def reason_against(
    model: Any, prompts: list[list[int]], tie: float, proofs: pathlib.Path, what: proof.What
) -> str | None:
    """Why a model's sequences are not continued together, None where they are."""
    if reason := sampling.reason_against(model.generation_config):
        return reason
    try:
        batch = PaddedBatch(model, Prefixes(PROOF_CHUNK, 1 << 30), PROOF_CHUNK)
        if proof.noted(proofs, what):
            return None
        tie = max(tie, 2 * plain.rounding(model, max(prompts, key=len)))  # two logits, each off by so much
        difference = proof.difference(
            batch, lambda tokens, count: plain.greedy(model, tokens, count), prompts, tie
        )
    except NotJoinableError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever a model has against batches, `generate` is left
        return f"it breaks in a batch: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
    if difference:
        return f"a padded batch differs from generate: {difference}"
    proof.note(proofs, what)
    return None
