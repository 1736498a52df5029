"""Random Gemma 4s with all that makes their architecture awkward, saved as a person would find them.

Two head sizes, shared key-value layers, per-layer embeddings; with eyes, experts or the unified form where
a test asks for it. The tokenizer is trained here on one line; other characters become bytes, so that answers
are full of half characters.
"""

import json
import pathlib
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import (
    AutoModelForMultimodalLM,
    Gemma4Config,
    Gemma4ForCausalLM,
    Gemma4TextConfig,
    Gemma4UnifiedConfig,
    PreTrainedTokenizerFast,
)

SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>"]
TEMPLATE = (
    "<bos>{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}[model]{% endif %}"
)
# The marks of the real tokenizer, by the names that its configuration gives them.
MARKS = {
    "image_token": "<|image|>",
    "boi_token": "<|image>",
    "eoi_token": "<image|>",
    "audio_token": "<|audio|>",
    "boa_token": "<|audio>",
    "eoa_token": "<audio|>",
    "sot_token": "<|turn>",
    "eot_token": "<turn|>",
    "soc_token": "<|channel>",
    "eoc_token": "<channel|>",
    "think_token": "<|think|>",
}
# What the real template does with text, pictures and thinking, without its tools.
TURNS = (
    "{% macro said(content) %}{% if content is string %}{{ content | trim }}{% else %}"
    "{% for part in content %}{{ '\\n\\n<|image|>\\n\\n' if part.type == 'image' else part.text | trim }}"
    "{% endfor %}{% endif %}{% endmacro %}"
    "<bos>{% set system = messages[0].role == 'system' %}"
    "{% if enable_thinking or system %}<|turn>system\n{{ '<|think|>' if enable_thinking }}"
    "{{ said(messages[0].content) if system }}<turn|>\n{% endif %}"
    "{% for m in messages[1 if system else 0:] %}<|turn>{{ 'model' if m.role == 'assistant' else m.role }}\n"
    "{{ said(m.content) }}<turn|>\n{% endfor %}{% if add_generation_prompt %}<|turn>model\n{% endif %}"
)
TEXT: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "global_head_dim": 32,
    "sliding_window": 16,
    "max_position_embeddings": 512,
    "initializer_range": 0.3,
}
SHARED = {
    "num_hidden_layers": 12,
    "layer_types": (["sliding_attention"] * 5 + ["full_attention"]) * 2,
    "num_kv_shared_layers": 4,
    "hidden_size_per_layer_input": 16,
}
EXPERTS = {
    "num_hidden_layers": 6,
    "layer_types": ["sliding_attention"] * 5 + ["full_attention"],
    "num_kv_shared_layers": 0,
    "hidden_size_per_layer_input": 0,
    "enable_moe_block": True,
    "num_experts": 8,
    "top_k_experts": 2,
    "moe_intermediate_size": 32,
    "use_bidirectional_attention": "vision",
}
EYES = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "patch_size": 4,
    "position_embedding_size": 256,
    "initializer_range": 0.3,
}
# As the files of the real models have it, but for the size of the patches.
PROCESSOR = {
    "processor_class": "Gemma4Processor",
    "image_seq_length": 280,
    "audio_seq_length": 750,
    "audio_ms_per_token": 40,
    "image_processor": {
        "image_processor_type": "Gemma4ImageProcessor",
        "patch_size": 4,
        "max_soft_tokens": 70,
    },
    "feature_extractor": {"feature_extractor_type": "Gemma4AudioFeatureExtractor"},
    "video_processor": {"video_processor_type": "Gemma4VideoProcessor"},
}


def save(folder: pathlib.Path, **changes: object) -> pathlib.Path:
    """Write config, weights and tokenizer of a text model, as `save_pretrained` lays them out."""
    tokenizer = byte_tokenizer()
    vocabulary = len(tokenizer)
    torch.manual_seed(0)
    shape = {**TEXT, **SHARED, **changes}
    config = Gemma4TextConfig(vocab_size=vocabulary, vocab_size_per_layer_input=vocabulary, **shape)
    Gemma4ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_seeing(folder: pathlib.Path, shape: dict[str, Any]) -> pathlib.Path:
    """Write a model with eyes and its processor; `shape` is SHARED, as E2B, or EXPERTS, as 26B A4B."""
    tokenizer = turn_tokenizer()
    size = len(tokenizer) + 8  # the processor adds a mark for videos
    config = Gemma4Config(
        text_config={"vocab_size": size, "vocab_size_per_layer_input": size, **TEXT, **shape},
        vision_config=EYES,
        image_token_id=tokenizer.convert_tokens_to_ids(MARKS["image_token"]),
        audio_token_id=tokenizer.convert_tokens_to_ids(MARKS["audio_token"]),
        video_token_id=size - 1,
    )
    _write(folder, config, tokenizer)
    (folder / "processor_config.json").write_text(json.dumps(PROCESSOR))
    return folder


def save_unified(folder: pathlib.Path) -> pathlib.Path:
    """Write a unified model, as the 12B: no encoders. Its picture processor needs torchvision."""
    tokenizer = turn_tokenizer()
    size = len(tokenizer) + 8
    text = {
        **TEXT,
        "vocab_size": size,
        "num_hidden_layers": 6,
        "layer_types": ["sliding_attention"] * 5 + ["full_attention"],
    }
    config = Gemma4UnifiedConfig(
        text_config=text,
        image_token_id=tokenizer.convert_tokens_to_ids(MARKS["image_token"]),
        audio_token_id=tokenizer.convert_tokens_to_ids(MARKS["audio_token"]),
        video_token_id=size - 1,
    )
    _write(folder, config, tokenizer)
    (folder / "processor_config.json").write_text(
        json.dumps(PROCESSOR | {"processor_class": "Gemma4UnifiedProcessor"})
    )
    return folder


def _write(folder: pathlib.Path, config: Any, tokenizer: PreTrainedTokenizerFast) -> None:
    torch.manual_seed(0)
    model = AutoModelForMultimodalLM.from_config(config).to(torch.bfloat16)
    model.generation_config.eos_token_id = [1, tokenizer.convert_tokens_to_ids(MARKS["eot_token"])]
    model.generation_config.pad_token_id = 0
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def turn_tokenizer() -> PreTrainedTokenizerFast:
    """The byte tokenizer with the marks and the turns of Gemma 4."""
    tokenizer = byte_tokenizer(MARKS)
    tokenizer.chat_template = TURNS
    return tokenizer


def byte_tokenizer(marks: dict[str, str] | None = None) -> PreTrainedTokenizerFast:
    """Words of one line of text, and bytes for everything else, as in Gemma's own tokenizer."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token=SPECIAL[3]))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    trainer = trainers.BpeTrainer(vocab_size=200, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(["what is a bowl of noodles [user] [model] [system]"], trainer)
    # The trainer would make the bytes special tokens, which are left out of texts: they belong to the model.
    state = json.loads(tokenizer.to_str())
    vocabulary = state["model"]["vocab"]
    vocabulary |= {f"<0x{byte:02X}>": len(vocabulary) + byte for byte in range(256)}
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.add_special_tokens([AddedToken(mark, normalized=False) for mark in (marks or {}).values()])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=SPECIAL[0],
        eos_token=SPECIAL[1],
        bos_token=SPECIAL[2],
        unk_token=SPECIAL[3],
        **({"extra_special_tokens": marks} if marks else {}),
    )
    fast.chat_template = TEMPLATE
    return fast
