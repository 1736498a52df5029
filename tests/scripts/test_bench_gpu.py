"""The profile for GPUs: the shape is the real one's, and every figure comes out of a run of a tiny one."""

import pathlib

import pytest
import torch
from transformers import AutoModelForMultimodalLM, Gemma4Config

from i18n import facts
from scripts import bench_gpu, random_gemma4

ROOT = pathlib.Path(__file__).parents[2]
TINY = {
    **random_gemma4.SMALL,
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "head_dim": 16,
    "global_head_dim": 32,
    "layer_types": ["sliding_attention", "full_attention"] * 2,
    "num_kv_shared_layers": 2,
}


def test_the_shape_has_as_many_parameters_as_the_real_one_and_reads_as_many_for_a_token():
    real = facts.load(ROOT).models.gemma["gemma_e2b"]
    text = {**random_gemma4.E2B, "vocab_size_per_layer_input": random_gemma4.E2B["vocab_size"]}
    config = Gemma4Config(text_config=text, vision_config=random_gemma4.EYES)
    with torch.device("meta"):
        model = AutoModelForMultimodalLM.from_config(config, dtype=torch.bfloat16)
    parameters = sum(each.numel() for each in model.parameters())
    assert parameters == pytest.approx(real.total - (real.vision or 0) - (real.audio or 0), rel=0.01)
    assert random_gemma4.read_for_each_token(model) / 2 == pytest.approx(real.active, rel=0.02)


def test_a_prompt_has_as_many_tokens_as_are_asked_for_and_none_begins_like_another():
    tokenizer = random_gemma4.tokenizer(512)
    prompts = [tokenizer.encode(bench_gpu.text_of(50, number)) for number in (1, 2, 12)]
    assert [len(prompt) for prompt in prompts] == [50, 50, 50]
    assert len({tuple(prompt[:3]) for prompt in prompts}) == 3


def test_every_figure_comes_out_of_a_run(monkeypatch):
    monkeypatch.setattr(random_gemma4, "SMALL", TINY)
    for name, value in {"STREAMS": (1, 2), "ROUNDS": 1, "FEW_TOKENS": 6, "LONG": 60}.items():
        monkeypatch.setattr(bench_gpu, name, value)
    rows = {row.name: row for row in bench_gpu.rows(tiny=True)}
    assert list(rows) == [
        "1 at once",
        "2 at once",
        "1 at once, drawn as Google recommends",
        "first token, prompt of 50",
        "first token, prompt of 60",
        "share of the bandwidth limit, 1 at once",
        "share of the bandwidth limit, transformers generate",
        "memory when loaded",
        "memory, 2 at once",
        "ready",
    ]
    assert all(row.value > 0 and row.ratio > 0 for row in rows.values())
