"""An adapter for Gemma 3 270M with random weights in one layer: it teaches nothing, and changes answers."""

import json
import pathlib

import numpy as np
from safetensors.numpy import save_file

LAYER = "base_model.model.model.layers.9.mlp.down_proj"
WIDTH, INNER = 640, 2048


def save(folder: pathlib.Path) -> pathlib.Path:
    """Write it as peft would, with rank 1; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    halves = {
        f"{LAYER}.lora_A.weight": random.normal(size=(1, INNER)).astype(np.float32),
        f"{LAYER}.lora_B.weight": random.normal(size=(WIDTH, 1)).astype(np.float32),
    }
    save_file(halves, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"lora_alpha": 1.0, "r": 1}))
    return folder
