"""OpenAI's chat and completion API as a client speaks it: orders become requests, events become answers.

Pure: knows JSON, and neither sockets nor clocks. What servers do differently is taken as it comes: a thought
is `reasoning_content` or `reasoning`, and usage may be missing.
"""

import base64
from collections.abc import Mapping
from typing import Any

from demos.server.distant.hosted import Usage
from demos.server.engine import Delta, FinishReason, Message, Odds, Order

CHAT, COMPLETIONS = "chat/completions", "completions"
# What a picture's bytes begin with; the gateway takes no other kinds.
KINDS = {b"\x89PNG": "image/png", b"\xff\xd8": "image/jpeg", b"RIFF": "image/webp"}
LONGEST_QUOTE = 200
"""Characters of an error's message that are passed on."""
ENDS: Mapping[str, FinishReason] = {"length": "length", "content_filter": "content_filter"}
"""Any other reason is an ordinary end."""


def path(order: Order) -> str:
    """Where a request for this order goes, below the API's root."""
    return CHAT if order.text is None else COMPLETIONS


def request(order: Order, model: str) -> dict[str, Any]:
    """The body of a streamed request; what the order leaves open stays out of it."""
    body: dict[str, Any] = {
        "model": model,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": order.max_tokens,
        "temperature": order.temperature,
        "top_p": order.top_p,
        "top_k": order.top_k,
        "seed": order.seed,
        "stop": list(order.stop) or None,
    }
    if order.text is None:
        body["messages"] = [_turn(message) for message in order.messages]
        if order.top_logprobs is not None:
            body |= {"logprobs": True, "top_logprobs": order.top_logprobs}
        if order.thinking is not None:
            body["chat_template_kwargs"] = {"enable_thinking": order.thinking}
    else:
        body["prompt"] = order.text
    return {name: value for name, value in body.items() if value is not None}


def _turn(message: Message) -> dict[str, Any]:
    """A turn, with its pictures before the text."""
    if not message.images:
        return {"role": message.role, "content": message.content}
    pictures = [{"type": "image_url", "image_url": {"url": _data_url(data)}} for data in message.images]
    return {"role": message.role, "content": [*pictures, {"type": "text", "text": message.content}]}


def _data_url(data: bytes) -> str:
    kind = next((kind for start, kind in KINDS.items() if data.startswith(start)), "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def delta(chunk: Mapping[str, Any]) -> Delta | None:
    """What a chunk adds to the answer, None where that is nothing.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: it is no chunk.
    """
    for choice in chunk.get("choices") or ():
        piece = choice.get("delta") or {}
        text = piece.get("content") or choice.get("text") or ""
        thought = piece.get("reasoning_content") or piece.get("reasoning") or ""
        tokens = (choice.get("logprobs") or {}).get("content") or ()
        if text or thought or tokens:
            return Delta(text, thought, tuple(_odds(token) for token in tokens))
    return None


def _odds(token: Mapping[str, Any]) -> Odds:
    data = bytes(list(token["bytes"])) if token.get("bytes") is not None else token["token"].encode()
    others = tuple(_odds(other) for other in token.get("top_logprobs") or ())
    return Odds(token["token"], data, float(token["logprob"]), others)


def end(chunk: Mapping[str, Any]) -> FinishReason | None:
    """Why the answer ends with this chunk, None where it goes on."""
    for choice in chunk.get("choices") or ():
        if reason := choice.get("finish_reason"):
            return ENDS.get(reason, "stop")
    return None


def usage(chunk: Mapping[str, Any]) -> Usage | None:
    """The tokens so far, None where the chunk does not say."""
    told = chunk.get("usage")
    if not told:
        return None
    thought = (told.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0
    cached = (told.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return Usage(told["prompt_tokens"], max(0, told["completion_tokens"] - thought), thought, cached)


def said(content: Any) -> str | None:
    """The first line of an error's message, however a server wraps it; None where there is none."""
    error = content.get("error", content) if isinstance(content, Mapping) else content
    message = error.get("message", error.get("detail")) if isinstance(error, Mapping) else error
    lines = message.strip().splitlines() if isinstance(message, str) else []
    return lines[0][:LONGEST_QUOTE].rstrip(".") if lines else None
