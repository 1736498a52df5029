"""The shapes of replies, as the OpenAPI document shows them. Tests hold the replies against these.

What requests look like is in `demos.server.api.requests`.
"""

from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["loading", "ready", "failed"]


class Shape(BaseModel):
    """An object with these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Problem(Shape):
    """What went wrong."""

    message: str = Field(description="One sentence.")
    type: str
    param: str | None = Field(description="The field of the request that it is about.")
    code: str = Field(description="Stable, for programs and translators.")


class Error(Shape):
    """Every reply that is no success, and the last event of a stream that broke off."""

    error: Problem


WORDS = {
    400: "A field of the request is not as it should be, or asks what the model cannot do.",
    401: "An access token is needed and is missing or wrong.",
    402: "The account that pays for a model elsewhere has no credit left.",
    403: "The request calls the server by a foreign name, or comes from another site's page.",
    404: "There is no such thing.",
    408: "The request took too long to arrive.",
    413: "The request is too big.",
    429: "Too many orders; Retry-After says when to come back.",
    500: "The model stopped with an error.",
    502: "The machine elsewhere that cooks did not answer, or not to the end.",
    503: "The model is loading, failed to load, or is being put away.",
    504: "The machine elsewhere that cooks took too long.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What FastAPI needs to document these."""
    wait = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    waiting = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    return {
        status: {"model": Error, "description": WORDS[status]}
        | ({"headers": wait} if status in waiting else {})
        for status in statuses
    }


class Capabilities(Shape):
    """What a model can do."""

    image: bool
    thinking: bool
    logprobs: bool
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


class Health(Shape):
    """Where the default model is on its way to the first answer."""

    status: State
    progress: float = Field(ge=0, le=1)
    step: str
    reason: str | None
    code: str | None


class KitchenModel(Shape):
    """The default model, in words."""

    id: str
    label: str
    parameters: int | None
    license: str | None
    license_url: str | None


class Gemini(Shape):
    """Whether the restaurant can be asked."""

    configured: bool


class Sent(Shape):
    """What has left this machine for one other since the server started."""

    host: str
    bytes: int = Field(description="Of requests, without their headers.")


class Kitchen(Shape):
    """Everything that the page shows about this server."""

    state: State
    progress: float = Field(ge=0, le=1)
    step: str
    reason: str | None
    code: str | None
    model: KitchenModel
    device: str | None
    dtype: str | None
    dtype_reason: str | None
    threads: int | None
    memory_bytes: int
    tokens_generated: int
    gemini: Gemini
    sent: list[Sent]


class HostedPrice(Shape):
    """USD per million tokens, today."""

    input: float
    output: float
    cached_input: float | None
    until: str | None = Field(description="The last day on which it is in force, where that is known.")


class HostedModel(Shape):
    """One model that cooks elsewhere."""

    id: str
    label: str
    free_tier: bool | None
    thinking: bool
    sampling: bool = Field(description="Whether temperature and the like mean something to it.")
    price: HostedPrice | None


class Purse(Shape):
    """USD: what the server may spend, and where they are."""

    limit_usd: float
    spent_usd: float
    unreported_usd: float
    held_usd: float


class Restaurant(Shape):
    """The menu of the Gemini API."""

    open: bool = Field(description="Whether this server has a key.")
    host: str
    day: str
    models: list[HostedModel]
    budget: Purse | None


class Letter(Shape):
    """A request as it would leave."""

    host: str
    path: str
    bytes: int
    body: dict[str, Any]


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


class ToppingLimits(Shape):
    """What a wish for a topping may be: least and most, or most."""

    examples: tuple[int, int]
    steps: tuple[int, int]
    question: int = Field(description="Characters.")
    answer: int = Field(description="Characters.")
    name: int = Field(description="Characters.")
    kept: int = Field(description="Toppings.")


class TrainingMemory(Shape):
    """What a training takes while it runs, and what is free."""

    needed_bytes: int | None
    free_bytes: int


class Refusal(Shape):
    """Why no topping can be trained here, or not yet."""

    message: str
    code: str


class Training(Shape):
    """How far a training is."""

    name: str
    state: Literal["loading", "training", "done", "cancelled", "failed"]
    step: int
    of: int
    losses: list[float] = Field(description="Of each step done, in nats.")
    seconds_left: float | None
    reason: str | None
    code: str | None


class Topping(Shape):
    """A topping that orders can ask for."""

    name: str
    house: bool = Field(description="Whether it came with the kitchen, and stays.")
    created: str | None
    examples: int
    losses: list[float]
    memory_bytes: int | None = Field(
        description="What it takes beside the model; null where it does not fit."
    )


class Toppings(Shape):
    """What is kept and what is being trained."""

    model: str | None
    refusal: Refusal | None
    limits: ToppingLimits
    memory: TrainingMemory
    training: Training | None = Field(description="The last one, until the server ends.")
    toppings: list[Topping]


FOLLOWED: dict[str, Any] = {
    "text/event-stream": {
        "schema": {"description": "An event a step, with its loss, then one for the end; the last is [DONE]."}
    }
}
"""The content of a training that is followed."""
TRAINING_ERRORS: dict[int | str, dict[str, Any]] = {
    409: {"model": Error, "description": "The name is taken, another training runs, or too many are kept."},
    507: {"model": Error, "description": "There is not enough memory or disk."},
}
STREAMED: dict[str, Any] = {
    "text/event-stream": {"schema": {"description": "Events, each with one JSON object; the last is [DONE]."}}
}
"""The other content of an answer's 200."""
ORDERED = errors(*WORDS)
"""What can become of an order besides an answer."""
