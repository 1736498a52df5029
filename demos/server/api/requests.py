"""What clients may send: OpenAI's fields with their limits, as pydantic reads them and OpenAPI shows them.

Fields that are not known here are ignored, as OpenAI clients send many. Knows neither engines nor replies.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    FailFast,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from demos.server.engine import Order, Role
from demos.server.fields import Model, Text, encodable
from demos.server.settings import Settings

MOST_STOPS = 8
MOST_MESSAGES, MOST_PARTS = 1024, 64
"""Turns, and parts of one: each takes a kilobyte, a wrong one too, and 12 MB have room for millions."""
LARGEST_SEED = 2**63 - 1
MOST_LOGPROBS = 20
DEFAULT_COMPLETION_TOKENS = 16
"""OpenAI's own for raw text."""


def listed(stop: Any) -> Any:
    """One stop text as a list of one."""
    return [stop] if isinstance(stop, str) else stop


def parts(content: Any) -> Any:
    """A message's text as a list of one part.

    Raises:
        ValueError: it is neither a text nor a list.
    """
    if isinstance(content, str):
        return [{"type": "text", "text": encodable(content)}]
    if not isinstance(content, list):
        raise ValueError("a message is a text or a list of parts")  # noqa: TRY004 - pydantic wants this one
    return content


def prompted(prompt: Any) -> Any:
    """A text, or token ids as a tuple.

    Raises:
        ValueError: it is neither, or empty.
    """
    if isinstance(prompt, str) and prompt:
        return encodable(prompt)
    if isinstance(prompt, list) and prompt and all(type(token) is int and token >= 0 for token in prompt):
        return tuple(prompt)
    raise ValueError("a prompt is some text or some token ids")


SomeText = Annotated[str, StringConstraints(min_length=1), AfterValidator(encodable)]
SomeTokens = Annotated[list[int], Field(min_length=1)]


class ImageUrl(Model):
    """Where a picture is: in a data: URL, and nowhere else."""

    url: Text


class Part(Model):
    """A piece of a message: a text or a picture."""

    type: Literal["text", "image_url"]
    text: Text = ""
    image_url: Annotated[ImageUrl | None, Field(validate_default=True)] = None

    @field_validator("image_url")
    @classmethod
    def is_a_picture(cls, found: ImageUrl | None, part: ValidationInfo) -> ImageUrl | None:
        """The address of a picture.

        Raises:
            ValueError: it is missing.
        """
        if found is None and part.data.get("type") == "image_url":
            raise ValueError("a part of type 'image_url' has one")
        return found


class ChatMessage(Model):
    """One turn. `developer` is OpenAI's newer word for `system`. What an assistant thought is left out."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[
        list[Part],
        Field(max_length=MOST_PARTS),
        FailFast(),
        BeforeValidator(parts, json_schema_input_type=str | list[Part]),
    ]

    @property
    def text(self) -> str:
        """All text parts as one."""
        return "".join(part.text for part in self.content)

    @property
    def speaker(self) -> Role:
        """The role as engines know it."""
        return "system" if self.role == "developer" else self.role


class StreamOptions(Model):
    """What a stream tells besides the answer."""

    include_usage: bool = False
    continuous_usage_stats: Annotated[
        bool, Field(description="With each chunk the usage so far, as vLLM does it.")
    ] = False


class TemplateOptions(Model):
    """Options of the model's chat template, as vLLM and transformers take them."""

    enable_thinking: bool | None = None


class Sampling(Model):
    """What chats and raw texts have in common. `max_tokens` above the server's limit is lowered to it."""

    model: Annotated[
        Text | None, Field(description="None for the first on the menu; `id:adapter` works.")
    ] = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    top_k: Annotated[int, Field(ge=0)] | None = None
    seed: Annotated[int, Field(ge=-LARGEST_SEED, le=LARGEST_SEED)] | None = None
    stop: Annotated[
        list[SomeText] | None,
        Field(max_length=MOST_STOPS),
        BeforeValidator(listed, json_schema_input_type=str | list[str] | None),
    ] = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None
    adapter: Annotated[
        Text | None, Field(description="The topping to cook with; '' for the base model alone.")
    ] = None

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with a chunk of counts."""
        return self.stream_options is not None and self.stream_options.include_usage

    @property
    def wants_usage_always(self) -> bool:
        """Whether every chunk of a stream carries the counts so far."""
        return self.stream_options is not None and self.stream_options.continuous_usage_stats

    def choices(self) -> dict[str, Any]:
        """The fields that an `Order` takes as they are."""
        return {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": self.top_k,
            "seed": self.seed,
            "stop": tuple(self.stop or ()),
        }


class ChatRequest(Sampling):
    """A conversation to answer."""

    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MOST_MESSAGES), FailFast()]
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=MOST_LOGPROBS)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    chat_template_kwargs: TemplateOptions | None = None

    @field_validator("top_logprobs")
    @classmethod
    def beside_logprobs(cls, found: int | None, chat: ValidationInfo) -> int | None:
        """How many other tokens to name.

        Raises:
            ValueError: `logprobs` is not asked for, which OpenAI refuses, too.
        """
        if found is not None and not chat.data.get("logprobs"):
            raise ValueError("it goes with 'logprobs': true")
        return found

    @property
    def thinking(self) -> bool | None:
        """Whether the model may think first; None leaves it to the model."""
        if self.chat_template_kwargs and self.chat_template_kwargs.enable_thinking is not None:
            return self.chat_template_kwargs.enable_thinking
        return None if self.reasoning_effort is None else self.reasoning_effort != "none"

    def pictures(self) -> Iterator[tuple[int, str, str]]:
        """Turn, field and address of each picture."""
        for turn, message in enumerate(self.messages):
            for place, part in enumerate(message.content):
                if part.type == "image_url" and part.image_url:
                    yield turn, f"messages[{turn}].content[{place}].image_url.url", part.image_url.url

    def answer_tokens(self, settings: Settings) -> int:
        """The longest answer, within the server's limits."""
        asked = self.max_completion_tokens or self.max_tokens or settings.default_answer_tokens
        return min(asked, settings.max_answer_tokens)


class CompletionRequest(Sampling):
    """A text to go on with, as it is: no chat template, no roles. OpenAI's older protocol."""

    prompt: Annotated[
        str | tuple[int, ...],
        BeforeValidator(prompted, json_schema_input_type=SomeText | SomeTokens),
    ]
    return_token_ids: Annotated[
        bool | None,
        Field(
            description="With `logprobs`: tell the ids of the prompt's tokens (`prompt_token_ids`) and of "
            "all named ones (`logprobs.content`), so that a client can go on from any of them."
        ),
    ] = None
    logprobs: Annotated[int, Field(ge=0, le=MOST_LOGPROBS)] | None = None
    best_of: Annotated[int, Field(ge=1, le=1)] | None = None
    echo: Literal[False] | None = None
    suffix: Annotated[str, Field(max_length=0)] | None = None

    def order(self, settings: Settings, adapter: str | None) -> Order:
        """The request as engines take it."""
        asked = self.max_tokens or DEFAULT_COMPLETION_TOKENS
        return Order(
            messages=(),
            text=self.prompt,
            max_tokens=min(asked, settings.max_answer_tokens),
            top_logprobs=self.logprobs,
            adapter=adapter,
            **self.choices(),
        )
