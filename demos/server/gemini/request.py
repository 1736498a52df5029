"""One order as the Gemini API takes it, and the most tokens that it can come to.

Knows the SDK's types and no network. What an order cannot say to this API is refused in one sentence, before
anything is sent.

Thinking counts against the API's `maxOutputTokens`: with a limit meant for the answer alone, a model that
thinks for 200 tokens would say nothing at all. So it gets room to think on top of `Order.max_tokens`, and the
engine ends the answer when it has become as long as was asked.
"""

from typing import Any, Final

from google.genai import types

from demos.server.distant.hosted import HostedModel, Usage
from demos.server.engine import Message, Order
from demos.server.errors import RefusedConversationError

# Output tokens on top of the answer, by the level of thinking.
ROOM: Final = {"minimal": 512, "low": 1024, "medium": 4096, "high": 8192, "xhigh": 16384}
MOST_STOPS = 5
LARGEST_SEED = 2**31
# A byte is never more than one token, since the tokenizers fall back to bytes; a turn has its marks.
TURN_TOKENS = 16
# The most that the API's page on media resolution names for one picture (its ultra high resolution).
IMAGE_TOKENS = 2240
IMAGES: Final = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


def build(order: Order, model: HostedModel) -> tuple[list[types.Content], types.GenerateContentConfig]:
    """The conversation and the settings.

    Raises:
        RefusedConversationError: the API does not take such an order.
    """
    if len(order.stop) > MOST_STOPS:
        raise RefusedConversationError(
            f"The Gemini API takes at most {MOST_STOPS} stop texts, found {len(order.stop)}: send fewer."
        )
    contents = [
        types.Content(role="model" if message.role == "assistant" else "user", parts=parts)
        for message in order.messages
        if message.role != "system" and (parts := _parts(message))
    ]
    if not contents or contents[-1].role != "user":
        raise RefusedConversationError(
            f"{model.name} answers what a person said last, but the conversation does not end so: "
            "end it with a message of the user that is not empty."
        )
    system = "\n\n".join(message.content for message in order.messages if message.role == "system")
    level = thinking_level(order, model)
    return contents, types.GenerateContentConfig(
        system_instruction=system or None,
        max_output_tokens=most_output(order, model),
        stop_sequences=list(order.stop) or None,
        seed=None if order.seed is None else order.seed % LARGEST_SEED,
        thinking_config=types.ThinkingConfig(
            include_thoughts=True, thinking_level=types.ThinkingLevel(level.upper()) if level else None
        ),
        # No second request behind the reader's back, for tools or for more text, and no copy in the logs
        # that projects of a newer date keep at Google unless a request says no.
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        automatic_continuation=False,
        store=False,
        http_options=types.HttpOptions(api_version=model.version),
        **(_sampling(order) if model.sampling else {}),
    )


def thinking_level(order: Order, model: HostedModel) -> str | None:
    """The level to ask for, None for the model's own."""
    if order.thinking is None or not model.thinking:
        return None
    if not order.thinking:
        return model.thinking[0]
    return "high" if "high" in model.thinking else model.thinking[-1]


def most_output(order: Order, model: HostedModel) -> int:
    """The most tokens that the model may write, thoughts included."""
    level = thinking_level(order, model) or model.thinking_default
    return order.max_tokens + ROOM.get(level or "high", ROOM["high"])


def worst(order: Order, model: HostedModel) -> Usage:
    """The most that the API can count for an order, reckoned without asking it."""
    prompt = sum(
        len(message.content.encode()) + TURN_TOKENS + IMAGE_TOKENS * len(message.images)
        for message in order.messages
    )
    return Usage(prompt=prompt, answer=most_output(order, model))


def _parts(message: Message) -> list[types.Part]:
    """Pictures first, then the text; an empty text is no part, as the API refuses one."""
    parts = [types.Part.from_bytes(data=image, mime_type=_kind(image)) for image in message.images]
    return [*parts, types.Part(text=message.content)] if message.content else parts


def _kind(image: bytes) -> str:
    """The media type that a picture's first bytes tell.

    Raises:
        RefusedConversationError: it is none of those that Gemini and Gemma both take.
    """
    kind = next((kind for magic, kind in IMAGES.items() if image.startswith(magic)), None)
    if kind is None:
        raise RefusedConversationError("A picture is neither PNG nor JPEG nor WebP: send it as one of these.")
    return kind


def _sampling(order: Order) -> dict[str, Any]:
    """The fields that newer models have deprecated. The API has no word for "every token" in top_k."""
    fields = {"temperature": order.temperature, "top_p": order.top_p, "top_k": order.top_k or None}
    return {name: value for name, value in fields.items() if value is not None}
