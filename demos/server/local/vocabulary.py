"""A model's tokenizer where no chat template is needed: tokenizers alone, in half of transformers' time.

What `demos.server.local.prompt` and toppings ask of a tokenizer, no more. Knows no model and no conversation.
"""

import json
import pathlib

from tokenizers import Tokenizer


class Vocabulary:
    """The tokenizer of a folder without a chat template."""

    chat_template = None

    def __init__(self, folder: pathlib.Path) -> None:
        """Read tokenizer.json, and from tokenizer_config.json which token begins a text.

        Raises:
            OSError, ValueError, KeyError: the files are missing or damaged.
        """
        settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        data = (folder / "tokenizer.json").read_bytes()
        try:
            self.backend_tokenizer = Tokenizer.from_buffer(data)
        except Exception as error:  # tokenizers has no exception of its own
            raise ValueError(f"tokenizer.json: {error}") from error
        self.bos_token_id = self.backend_tokenizer.token_to_id(settings["bos_token"])

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        """Token ids; `add_special_tokens` puts the beginning of a text before them."""
        return list(self.backend_tokenizer.encode(text, add_special_tokens=add_special_tokens).ids)


def suffices(folder: pathlib.Path) -> bool:
    """Whether a folder has no chat template, so that `Vocabulary` is enough."""
    try:
        settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (
        (folder / "tokenizer.json").is_file()
        and not (folder / "chat_template.jinja").exists()
        and "chat_template" not in settings
        and isinstance(settings.get("bos_token"), str)
    )
