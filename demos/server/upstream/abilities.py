"""What a model of another server can do, as far as that server says.

Every server lists its models in OpenAI's form, which says nothing of it; some say more, each in its own way.
What none of them says is not known, which is not the same as no. Pure: knows JSON, and no sockets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TELL_ODDS = frozenset({"llamacpp", "vllm"})
"""Servers, by what they write into `owned_by`, that tell the odds of tokens with every model."""
LLAMA_CPP, OLLAMA = "llamacpp", "library"


@dataclass(frozen=True)
class Abilities:
    """What a model can do; None where it is not known."""

    images: bool | None = None
    thinking: bool | None = None
    logprobs: bool | None = None


def listed(entry: Mapping[str, Any]) -> Abilities:
    """What an entry of `/v1/models` says: this very kitchen's names, llama.cpp's list of modalities.

    Raises:
        TypeError, AttributeError: it is not in the form that it seems to have.
    """
    ours = entry.get("capabilities")
    if isinstance(ours, Mapping):
        said = (ours.get(name) for name in ("image", "thinking", "logprobs"))
        return Abilities(*(each if isinstance(each, bool) else None for each in said))
    taken = (entry.get("architecture") or {}).get("input_modalities")
    return Abilities(
        images="image" in taken if taken else None,
        logprobs=True if entry.get("owned_by") in TELL_ODDS else None,
    )


def ollama(shown: Mapping[str, Any]) -> Abilities:
    """What Ollama's `/api/show` says of a model.

    Raises:
        KeyError, TypeError: it says nothing of it.
    """
    said = shown["capabilities"]
    return Abilities(images="vision" in said, thinking="thinking" in said)


def thinks(props: Mapping[str, Any]) -> bool:
    """Whether thinking can be switched on and off, by the chat template in llama.cpp's `/props`.

    Raises:
        KeyError, TypeError: it shows no template.
    """
    return "enable_thinking" in props["chat_template"]
