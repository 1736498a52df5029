"""A Gemma 4 E2B with random weights, as large as the real one: speed and memory depend on nothing else.

The shape is that of google/gemma-4-E2B as transformers' conversion script of the real weights has it: 35
layers, every fifth one global, keys and values of the last 20 shared, per-layer embeddings, and the doubled
feed-forward of the sharing layers. It has no encoders but a toy one for pictures, as nothing here looks.
The tokenizer is made up: each byte of a text is a token, and the other ids are words that stand for nothing.
"""

import pathlib
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, normalizers
from transformers import AutoModelForMultimodalLM, Gemma4Config, PreTrainedTokenizerFast

SPECIAL = ("<pad>", "<eos>", "<bos>", "<unk>")
E2B: dict[str, Any] = {
    "vocab_size": 262_144,
    "hidden_size": 1536,
    "intermediate_size": 6144,
    "num_hidden_layers": 35,
    "num_attention_heads": 8,
    "num_key_value_heads": 1,
    "head_dim": 256,
    "global_head_dim": 512,
    "layer_types": (["sliding_attention"] * 4 + ["full_attention"]) * 7,
    "sliding_window": 512,
    "num_kv_shared_layers": 20,
    "hidden_size_per_layer_input": 256,
    "use_double_wide_mlp": True,
    "final_logit_softcapping": 30.0,
}
# The same architecture for a machine without a GPU: seconds, not minutes.
SMALL: dict[str, Any] = {
    **E2B,
    "vocab_size": 4096,
    "hidden_size": 256,
    "intermediate_size": 1024,
    "num_hidden_layers": 10,
    "head_dim": 32,
    "global_head_dim": 64,
    "layer_types": (["sliding_attention"] * 4 + ["full_attention"]) * 2,
    "num_kv_shared_layers": 4,
    "hidden_size_per_layer_input": 32,
}
EYES = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 16,
}


def save(folder: pathlib.Path, shape: dict[str, Any], device: str) -> None:
    """Make the weights in bf16 on a device and write a folder as a person would have downloaded it.

    Args:
        folder: exists; gets 10 GB for `E2B`.
        shape: `E2B` or `SMALL`.
        device: where random numbers are drawn quickest.
    """
    words = tokenizer(shape["vocab_size"])
    text = {**shape, "vocab_size_per_layer_input": shape["vocab_size"]}
    config = Gemma4Config(text_config=text, vision_config=EYES)
    torch.manual_seed(0)
    with torch.device(device):
        model = AutoModelForMultimodalLM.from_config(config, dtype=torch.bfloat16)
    model.generation_config.pad_token_id = SPECIAL.index("<pad>")
    model.generation_config.eos_token_id = SPECIAL.index("<eos>")
    model.save_pretrained(folder)
    words.save_pretrained(folder)


def tokenizer(size: int) -> PreTrainedTokenizerFast:
    """A tokenizer of so many tokens: every byte is one, and the rest are words."""
    names = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))]
    names += [f"▁word{number}" for number in range(size - len(names))]
    model = models.BPE(
        {name: number for number, name in enumerate(names)}, [], byte_fallback=True, unk_token=SPECIAL[3]
    )
    made = Tokenizer(model)
    made.normalizer = normalizers.Replace(" ", "▁")
    made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    pad, end, begin, unknown = SPECIAL
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=pad, eos_token=end, bos_token=begin, unk_token=unknown
    )


def read_for_each_token(model: Any) -> int:
    """Bytes of weights that one step of decoding reads, whatever the number of rows, at least.

    All but the per-layer embeddings and the encoders, of which a step reads a row or nothing; the token
    embedding is the output layer, too, and so is read whole, once.
    """
    unread = ("embed_tokens_per_layer", "vision_tower", "embed_vision", "audio_tower", "embed_audio")
    return sum(
        each.numel() * each.element_size()
        for name, each in model.named_parameters()
        if not any(part in name for part in unread)
    )
