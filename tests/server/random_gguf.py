"""A random model of a few thousand weights in the one file that llama.cpp reads, with a tokenizer and turns.

Its words are those of one line, letters, and single bytes for everything else, which it seldom says. It never
ends by itself: the mark for the end has the same odds wherever it could come, and others have better ones.
"""

import pathlib
import string

import gguf
import numpy as np

WORDS = ["▁what", "▁is", "▁a", "▁bowl", "▁of", "▁noodles", "▁", *string.ascii_lowercase]
MARKS = ["<unk>", "<s>", "</s>"]
END = 2
WIDTH, HEADS, INNER, CONTEXT = 32, 2, 64, 32768
TEMPLATE = (
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}"
    "{% if enable_thinking %}[think]{% endif %}{% if add_generation_prompt %}[model]{% endif %}"
)


def save(file: pathlib.Path) -> pathlib.Path:
    """Write it."""
    tokens = [*MARKS, *(f"<0x{byte:02X}>" for byte in range(256)), *WORDS]
    kinds = [gguf.TokenType.UNKNOWN, *[gguf.TokenType.CONTROL] * 2, *[gguf.TokenType.BYTE] * 256]
    kinds += [gguf.TokenType.NORMAL] * len(WORDS)
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(END)
    writer.add_chat_template(TEMPLATE)
    random = np.random.default_rng(0)

    def tensor(name: str, *shape: int) -> None:
        values = random.normal(0, 0.5, shape).astype(np.float32)
        if name == "output":
            values[: -len(WORDS)] *= 0.1
            values[END] = 0
        writer.add_tensor(f"{name}.weight", values if len(shape) > 1 else np.ones(shape, np.float32))

    tensor("token_embd", len(tokens), WIDTH)
    tensor("output", len(tokens), WIDTH)
    tensor("output_norm", WIDTH)
    for part in ("attn_norm", "ffn_norm"):
        tensor(f"blk.0.{part}", WIDTH)
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        tensor(f"blk.0.{part}", WIDTH, WIDTH)
    tensor("blk.0.ffn_gate", INNER, WIDTH)
    tensor("blk.0.ffn_up", INNER, WIDTH)
    tensor("blk.0.ffn_down", WIDTH, INNER)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file
