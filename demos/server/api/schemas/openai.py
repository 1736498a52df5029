"""OpenAI's shapes: the menu, chats and texts, with our fields beside theirs."""

from typing import Any, Literal

from pydantic import Field

from demos.server.api.schemas.base import WORDS, Shape, State, errors


class Capabilities(Shape):
    """What a model can do; null where another server cooks and does not say."""

    image: bool | None
    thinking: bool | None
    logprobs: bool | None
    adapters: list[str] = Field(description="Names that a request's `adapter` may have.")


class Hardware(Shape):
    """What a model runs on."""

    device: str
    dtype: str
    threads: int
    dtype_reason: str | None
    engine: str = Field(description="packed or padded: orders together; generate: one after the other.")
    engine_reason: str | None = Field(description="Why not in a faster way.")


class Model(Shape):
    """One bowl: OpenAI's fields, then ours."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    label: str = Field(description="The honest name, with what kind of weights and where they run.")
    parameters: int | None
    license: str | None
    license_url: str | None
    state: State
    capabilities: Capabilities
    host: str | None = Field(description="The other machine that cooks; null for this one.")
    runs_on: Hardware | None = Field(description="null until the model is loaded, or cooks elsewhere.")


class ModelList(Shape):
    """The menu, its default first."""

    object: Literal["list"]
    data: list[Model]


class PromptTokens(Shape):
    """Of the prompt's tokens."""

    cached_tokens: int


class CompletionTokens(Shape):
    """Of the answer's tokens."""

    reasoning_tokens: int


class Usage(Shape):
    """OpenAI's token counts."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokens
    completion_tokens_details: CompletionTokens
    cost_usd: float | None = Field(default=None, description="Where somebody bills it.")
    sent_bytes: int | None = Field(default=None, description="That left this machine, headers aside.")


class Timings(Shape):
    """llama.cpp's field names."""

    prompt_n: int
    prompt_ms: float
    predicted_n: int
    predicted_ms: float
    predicted_per_second: float | None
    ttft_ms: float


class Token(Shape):
    """One token's odds."""

    id: int | None = Field(default=None, description="Where the engine knows it.")
    token: str
    logprob: float
    bytes: list[int]


class DrawnToken(Token):
    """The token that was drawn, and the likeliest ones at its place."""

    top_logprobs: list[Token]


class ChatLogprobs(Shape):
    """The odds of the answer's tokens."""

    content: list[DrawnToken]
    refusal: None = None


class ChatMessage(Shape):
    """The answer."""

    role: Literal["assistant"]
    content: str
    refusal: None
    reasoning_content: str | None = Field(default=None, description="What the model thought first.")


class ChatChoice(Shape):
    """The one answer."""

    index: Literal[0]
    message: ChatMessage
    finish_reason: str
    logprobs: ChatLogprobs | None


class ChatCompletion(Shape):
    """A whole answer. A stream has the same in pieces, as `chat.completion.chunk`."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: Usage
    timings: Timings


class TextLogprobs(Shape):
    """The odds of the text's tokens, in lists of the same length."""

    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]]
    text_offset: list[int]
    content: list[DrawnToken] | None = Field(default=None, description="With `return_token_ids`.")


class TextChoice(Shape):
    """The one text."""

    index: Literal[0]
    text: str
    finish_reason: str
    logprobs: TextLogprobs | None
    prompt_token_ids: list[int] | None = Field(default=None, description="With `return_token_ids`.")


class TextCompletion(Shape):
    """How a text goes on. A stream has the same in pieces."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[TextChoice]
    usage: Usage
    timings: Timings


STREAMED: dict[str, Any] = {
    "text/event-stream": {"schema": {"description": "Events, each with one JSON object; the last is [DONE]."}}
}
"""The other content of an answer's 200."""
ORDERED = errors(*WORDS)
"""What can become of an order besides an answer."""
