"""Tiny random Gemma 3 text models: transformers' own and ours over the same weights."""

from collections.abc import Mapping

import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from demos.server.local.gemma3 import Gemma3, Linear

VOCABULARY = 200


def config(**changes: object) -> Gemma3TextConfig:
    """Four layers of both kinds, a window that is soon full, two key heads for four query heads."""
    shape = {
        "vocab_size": VOCABULARY,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "query_pre_attn_scalar": 24,
        "sliding_window": 24,
        "layer_types": ["sliding_attention", "full_attention"] * 2,
        "initializer_range": 0.3,
        "max_position_embeddings": 512,
    }
    return Gemma3TextConfig(**{**shape, **changes})


def transformers_model(**changes: object) -> Gemma3ForCausalLM:
    """Transformers' model in float32, with norms that are not all alike."""
    torch.manual_seed(0)
    model = Gemma3ForCausalLM(config(**changes)).eval()
    for name, parameter in model.named_parameters():
        if "norm" in name:
            torch.nn.init.uniform_(parameter, -0.5, 0.5)
    return model


def float_layers(weights: Mapping[str, torch.Tensor]) -> dict[str, Linear]:
    """Layers in float32 instead of int8: what is left is the architecture."""

    def layer(weight: torch.Tensor) -> Linear:
        return lambda x, length=None: (x if length is None else x / length) @ weight.T

    return {name: layer(weight) for name, weight in weights.items()}


def ours(model: Gemma3ForCausalLM) -> Gemma3:
    """Our forward over the weights of transformers' model."""
    tensors = {name.removeprefix("model."): each.detach() for name, each in model.named_parameters()}
    return Gemma3(model.config, tensors, float_layers)
