"""The topping as llama.cpp reads it: a GGUF file that wllama loads beside the base model in a tab.

The adapter's matrices keep their shapes and only get llama.cpp's names, so on and off is a matter of scale
and the base file stays as it is. llama.cpp's own convert_lora_to_gguf.py writes the same keys.
"""

import json
import os
import pathlib
import secrets

import gguf
import numpy as np
from safetensors.numpy import load_file

from demos.server.errors import KitchenError

PREFIX = "base_model.model."
HALVES = {"lora_A": "lora_a", "lora_B": "lora_b"}
LAYERS = 18
"""Of Gemma 3 270M."""


def write(adapter: pathlib.Path, target: pathlib.Path) -> int:
    """Write an adapter as GGUF, in half precision; the file is whole or absent.

    Args:
        adapter: a folder as `training.save` writes it.
        target: the file.

    Returns:
        Bytes written.

    Raises:
        KitchenError: the folder holds no adapter, or one for another model.
        OSError: the target cannot be written.
    """
    try:
        config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
        weights = load_file(adapter / "adapter_model.safetensors")
    except OSError as error:
        message = f"{adapter} holds no adapter: {error.filename or 'a file'} cannot be read. Train it first."
        raise KitchenError(message) from error
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GEMMA3, LAYERS)
    # A name of its own: two tabs, or two kitchens, may want the first one at the same time.
    partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.partial")
    writer = gguf.GGUFWriter(partial, "gemma3")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(config["lora_alpha"]))
    writer.add_name("Two Bowls house topping")
    writer.add_license("gemma")
    writer.add_description(
        "LoRA adapter for google/gemma-3-270m, made by Two Bowls. Gemma is provided under and subject to the "
        "Gemma Terms of Use found at ai.google.dev/gemma/terms"
    )
    for key, value in sorted(weights.items()):
        layer, half, _ = key.removeprefix(PREFIX).rsplit(".", 2)
        name = names.get_name(layer)
        if name is None or half not in HALVES:
            message = (
                f"{adapter} has the weights '{key}', which Gemma 3 270M has no place for: train it on that."
            )
            raise KitchenError(message)
        writer.add_tensor(f"{name}.weight.{HALVES[half]}", np.ascontiguousarray(value, dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(partial, target)  # noqa: PTH105
    return target.stat().st_size
