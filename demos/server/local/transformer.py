"""A folder as Hugging Face lays it out becomes a model, its tokenizer and, where it sees, its processor.

Gemma 4 in all its sizes, and any other causal or multimodal model of transformers. Knows neither orders nor
HTTP, downloads nothing and runs none of a model's own code. Imports torch: only for threads that may wait.
"""

import importlib.util
import logging
import pathlib
from dataclasses import dataclass
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoImageProcessor,
    AutoModelForCausalLM,
    AutoModelForMultimodalLM,
    AutoProcessor,
    AutoTokenizer,
    BitsAndBytesConfig,
    Gemma4Processor,
    Gemma4TextConfig,
    Gemma4UnifiedTextConfig,
)

from demos.server.errors import KitchenError
from demos.server.local import devices

LOG = logging.getLogger(__name__)
DRAFT_TOKENS = 4
"""Tokens that a drafter guesses at a time where its own settings name no number."""


@dataclass(frozen=True)
class Transformer:
    """A model in memory.

    Attributes:
        processor: turns pictures and text into tensors; None where the model reads text only.
        dtype: of the weights, as a page shows it: "bf16", "fp32" or "nf4".
    """

    model: Any
    tokenizer: Any
    processor: Any
    dtype: str

    @property
    def thinking(self) -> bool:
        """Whether the chat template can ask for a thought."""
        return "enable_thinking" in str(self.tokenizer.chat_template or "")


class Stills(Gemma4Processor):  # type: ignore[misc]
    """Gemma 4's processor for pictures and text alone: the one for videos needs torchvision."""

    def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
        """As in transformers, but what is missing may be missing."""
        return argument and super().check_argument_for_proper_class(argument_name, argument)


def read(folder: pathlib.Path, device: str, *, four_bit: bool = False) -> Transformer:
    """Load a model for generation.

    Args:
        folder: config.json, safetensors, tokenizer; for pictures also processor_config.json.
        device: "cuda", "mps" or "cpu".
        four_bit: round the Linear layers to 4-bit NormalFloat as they are read; needs bitsandbytes.

    Raises:
        KitchenError: 4 bits are asked for where they cannot be had.
        OSError, ValueError, KeyError: the files are no such model.
    """
    dtype = devices.dtype_for(device)
    names = {torch.bfloat16: "bf16", torch.float32: "fp32"}
    options: dict[str, Any] = {"dtype": dtype, "device_map": {"": device}, "local_files_only": True}
    if four_bit:
        options["quantization_config"] = nf4(dtype)
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    sees = hasattr(config, "vision_config")
    loader = AutoModelForMultimodalLM if sees else AutoModelForCausalLM
    model = loader.from_pretrained(folder, **options).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    processor = read_processor(folder, config.model_type, tokenizer) if sees else None
    return Transformer(model, tokenizer, processor, "nf4" if four_bit else names[dtype])


def read_processor(folder: pathlib.Path, model_type: str, tokenizer: Any) -> Any:
    """What turns pictures into tokens; None, with a warning in the log, where it cannot be had."""
    try:
        return AutoProcessor.from_pretrained(folder, local_files_only=True)
    except (
        ImportError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:  # RuntimeError: a torchvision of another torch
        problem = str(error).strip().splitlines()[0]
    if model_type == "gemma4" and (folder / "processor_config.json").is_file():
        pictures = AutoImageProcessor.from_pretrained(folder, local_files_only=True)
        return Stills(None, pictures, tokenizer, None, chat_template=tokenizer.chat_template)
    LOG.warning("the model reads text only here: %s", problem)
    return None


def nf4(dtype: Any) -> BitsAndBytesConfig:
    """Settings for 4-bit weights that are computed with in `dtype`.

    Raises:
        KitchenError: bitsandbytes is not installed.
    """
    if importlib.util.find_spec("bitsandbytes") is None:
        message = (
            "4-bit weights need the package bitsandbytes, which is not here: install it, or leave 4 bits out."
        )
        raise KitchenError(message, code="four_bit_missing")
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)


def read_drafter(folder: pathlib.Path, device: str) -> Any:
    """The small model that guesses ahead: `generate(..., assistant_model=this)` gives the same text sooner.

    Raises:
        OSError, ValueError, KeyError: the files are no such model.
    """
    for config in (Gemma4TextConfig, Gemma4UnifiedTextConfig):
        _let_all_layers_share(config)
    options = {"dtype": devices.dtype_for(device), "device_map": {"": device}, "local_files_only": True}
    drafter = AutoModelForCausalLM.from_pretrained(folder, **options).eval()
    if drafter.generation_config.num_assistant_tokens is None:
        drafter.generation_config.num_assistant_tokens = DRAFT_TOKENS
    return drafter


def _let_all_layers_share(config: Any) -> None:
    """Every layer of a drafter reads the keys of the model it drafts for; transformers 5.23 refuses that."""
    modes = config.kv_sharing_modes.fget

    def all_or_some(self: Any) -> list[str | None]:
        shared = self.num_kv_shared_layers == self.num_hidden_layers
        return ["reuse"] * self.num_hidden_layers if shared else modes(self)

    config.kv_sharing_modes = property(all_or_some)
