"""A random Gemma 4 with all that makes its architecture awkward.

Two head sizes, shared key-value layers, per-layer embeddings. Its tokenizer is trained here on one line;
other characters become bytes, so that its answers are full of half characters.
"""

import json
import pathlib

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import Gemma4ForCausalLM, Gemma4TextConfig, PreTrainedTokenizerFast

SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>"]
TEMPLATE = (
    "<bos>{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}[model]{% endif %}"
)


def save(folder: pathlib.Path) -> pathlib.Path:
    """Write config, weights and tokenizer, as `save_pretrained` lays them out."""
    tokenizer = byte_tokenizer()
    vocabulary = len(tokenizer)
    torch.manual_seed(0)
    config = Gemma4TextConfig(
        vocab_size=vocabulary,
        vocab_size_per_layer_input=vocabulary,
        hidden_size=64,
        hidden_size_per_layer_input=16,
        intermediate_size=128,
        num_hidden_layers=12,
        num_attention_heads=4,
        num_key_value_heads=1,
        head_dim=16,
        global_head_dim=32,
        num_kv_shared_layers=4,
        sliding_window=16,
        layer_types=(["sliding_attention"] * 5 + ["full_attention"]) * 2,
        max_position_embeddings=512,
        initializer_range=0.3,
    )
    Gemma4ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def byte_tokenizer() -> PreTrainedTokenizerFast:
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
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=SPECIAL[0],
        eos_token=SPECIAL[1],
        bos_token=SPECIAL[2],
        unk_token=SPECIAL[3],
    )
    fast.chat_template = TEMPLATE
    return fast
