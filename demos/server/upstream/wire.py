"""OpenAI's chat and completion API as a client speaks it: orders become requests, events become answers.

Pure: knows JSON, and neither sockets nor clocks. What servers do differently is taken as it comes: a thought
is `reasoning_content` or `reasoning`, usage may be missing, and the odds of a text's tokens are
OpenAI's older lists or its newer objects.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any

from demos.server.distant.hosted import Usage
from demos.server.engine import Delta, FinishReason, Message, Odds, Order

CHAT, COMPLETIONS = "chat/completions", "completions"
# What a picture's bytes begin with; the gateway takes no other kinds.
KINDS = {b"\x89PNG": "image/png", b"\xff\xd8": "image/jpeg", b"RIFF": "image/webp"}
OPTIONAL = ("top_k", "chat_template_kwargs", "reasoning_effort", "return_token_ids", "stream_options")
"""Fields without which an answer is still an answer; OpenAI itself does not know all of them."""
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
    # To llama.cpp, 0 is no odds at all.
    most = None if order.top_logprobs is None else max(1, order.top_logprobs)
    if order.text is None:
        body["messages"] = [_turn(message) for message in order.messages]
        if most is not None:
            body |= {"logprobs": True, "top_logprobs": most}
        if order.thinking is not None:
            # vLLM and llama.cpp go by the first, OpenAI and Ollama by the second.
            body["chat_template_kwargs"] = {"enable_thinking": order.thinking}
            body["reasoning_effort"] = "high" if order.thinking else "none"
    else:
        body["prompt"] = order.text
        if most is not None:
            body |= {"logprobs": most, "return_token_ids": True}
    return {name: value for name, value in body.items() if value is not None}


def plainer(body: Mapping[str, Any], complaint: str) -> dict[str, Any] | None:
    """The request without the optional fields that a refusal names; None where it names none of them.

    Args:
        body: the request that was refused.
        complaint: the refusal, in whatever form.
    """
    named = {name for name in OPTIONAL if name in body and re.search(rf"\b{name}\b", complaint)}
    return {name: value for name, value in body.items() if name not in named} if named else None


def _turn(message: Message) -> dict[str, Any]:
    """A turn, with its pictures before the text."""
    if not message.images:
        return {"role": message.role, "content": message.content}
    pictures = [{"type": "image_url", "image_url": {"url": _data_url(data)}} for data in message.images]
    return {"role": message.role, "content": [*pictures, {"type": "text", "text": message.content}]}


def _data_url(data: bytes) -> str:
    kind = next((kind for start, kind in KINDS.items() if data.startswith(start)), "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def delta(chunk: Mapping[str, Any], most: int = 0) -> Delta | None:
    """What a chunk adds to the answer, None where that is nothing.

    Args:
        chunk: an event of the stream.
        most: how many of the likeliest tokens were asked for at each place.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: it is no chunk.
    """
    for choice in chunk.get("choices") or ():
        piece = choice.get("delta") or {}
        text = piece.get("content") or choice.get("text") or ""
        thought = piece.get("reasoning_content") or piece.get("reasoning") or ""
        told = choice.get("logprobs") or {}
        tokens = told.get("content") or _objects(told)
        if text or thought or tokens:
            odds = tuple(_odds(token, most) for token in tokens)
            return Delta(text, thought, odds, prompt=tuple(choice.get("prompt_token_ids") or ()))
    return None


def _objects(lists: Mapping[str, Any]) -> list[dict[str, Any]]:
    """OpenAI's older lists for the tokens of a text as its newer objects."""
    tokens = lists.get("tokens") or []
    likely = [
        [{"token": token, "logprob": logprob} for token, logprob in (others or {}).items()]
        for others in lists.get("top_logprobs") or [None] * len(tokens)
    ]
    return [
        {"token": token, "logprob": logprob, "top_logprobs": others}
        for token, logprob, others in zip(tokens, lists.get("token_logprobs") or [], likely, strict=True)
    ]


def _odds(token: Mapping[str, Any], most: int) -> Odds:
    data = bytes(list(token["bytes"])) if token.get("bytes") is not None else token["token"].encode()
    others = sorted((_odds(other, 0) for other in token.get("top_logprobs") or ()), key=_unlikely)
    return Odds(token["token"], data, float(token["logprob"]), tuple(others[:most]), token.get("id"))


def _unlikely(token: Odds) -> float:
    return -token.logprob


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
