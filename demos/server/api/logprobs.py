"""The odds of tokens in OpenAI's two shapes: objects for chats, parallel lists for raw texts.

Where an engine knows the id of a token, the objects tell it as `id`, as llama.cpp's do.
"""

import math
from collections.abc import Iterable
from typing import Any

from demos.server.engine import Odds

LEAST = -9999.0
"""What OpenAI writes for a token that cannot come: JSON has no infinity."""


def finite(logprob: float) -> float:
    """A number that JSON can write."""
    return logprob if math.isfinite(logprob) else LEAST


def chat(tokens: Iterable[Odds]) -> dict[str, Any]:
    """The `logprobs` of a chat's choice."""
    return {"content": [{**named(token), "top_logprobs": [*map(named, token.others)]} for token in tokens]}


def named(token: Odds) -> dict[str, Any]:
    """One token; `bytes` says what it is where `token` cannot, as it is half a character."""
    known = {} if token.id is None else {"id": token.id}
    return {**known, "token": token.text, "logprob": finite(token.logprob), "bytes": list(token.data)}


def lists(tokens: Iterable[Odds], offset: int) -> dict[str, Any]:
    """The `logprobs` of a completion's choice.

    Args:
        tokens: in their order.
        offset: characters of the answer before the first of them.
    """
    drawn = list(tokens)
    offsets = []
    for token in drawn:
        offsets.append(offset)
        offset += len(token.text)
    return {
        "tokens": [token.text for token in drawn],
        "token_logprobs": [finite(token.logprob) for token in drawn],
        "top_logprobs": [{other.text: finite(other.logprob) for other in token.others} for token in drawn],
        "text_offset": offsets,
    }
