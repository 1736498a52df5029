"""What stands between HTTP and a model: the protocol that every engine follows, and its plain data.

Engines know nothing of HTTP or asyncio: they call a listener, from their own thread, with what happened.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "content_filter"]
Report = Callable[[float, str], None]
"""Called with how much of a long job is done (0 to 1) and what is being done now."""


@dataclass(frozen=True)
class ModelCard:
    """What a reader should know about a model before tasting it, and what it can do.

    Attributes:
        name: as its makers call it, "Gemma 3 270M".
        variant: what kind of weights these are, "base, Q4_K_M source".
        parameters: how many weights, counted once where they are tied; None before they are counted.
        license: the name of the terms it is under, None where the folder does not say.
        host: the other machine that cooks, "generativelanguage.googleapis.com"; None for this one.
        images, thinking, logprobs: None where it is not known: nobody offers it then, and an order that wants
            it is passed on.
        texts: whether it goes on with a text as it is (`Order.text`), and not with conversations alone.
        adapters: names of the toppings (LoRA adapters) that an order may ask for.
    """

    id: str
    name: str
    variant: str = ""
    parameters: int | None = None
    license: str | None = None
    license_url: str | None = None
    host: str | None = None
    images: bool | None = False
    thinking: bool | None = False
    logprobs: bool | None = False
    texts: bool = True
    adapters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    """Where the engine is on its way to the first answer; `reason` is set when it failed, `code` with it.

    `code` is that of the `KitchenError` that stopped it, by which a page finds its own words for the reason.
    """

    state: Literal["loading", "ready", "failed"]
    progress: float
    step: str
    reason: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class Hardware:
    """What the model runs on.

    Attributes:
        dtype_reason: why it is not int8 where int8 was tried.
        engine: how orders are answered: "packed" and "padded" together, "generate" one after the other.
        engine_reason: why not in a faster way.
    """

    device: str
    dtype: str
    threads: int
    dtype_reason: str | None = None
    engine: str = ""
    engine_reason: str | None = None


@dataclass(frozen=True)
class Message:
    """One turn of a conversation.

    Attributes:
        images: encoded pictures (PNG, JPEG, WebP) that stand before the text, checked by the gateway.
    """

    role: Role
    content: str
    images: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Order:
    """One conversation to answer. None leaves a choice to the model's own defaults.

    Attributes:
        temperature: 0 takes the likeliest token every time.
        top_k: 0 considers every token.
        seed: the same seed, order and engine give the same text, in company too; None draws a new one.
        stop: texts that end the answer and are not part of it.
        thinking: whether the model may think before it answers.
        top_logprobs: how many of the likeliest tokens to name beside each drawn one, 0 for the drawn one
            alone; None for no odds at all.
        adapter: the topping to cook with, one of `ModelCard.adapters`; "" for the base model alone.
        text: a text, or token ids, to go on with as they are, instead of a conversation; `messages` is then
            empty.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    thinking: bool | None = None
    top_logprobs: int | None = None
    adapter: str | None = None
    text: str | tuple[int, ...] | None = None


@dataclass(frozen=True)
class Odds:
    """One token and the natural logarithm of its probability, before temperature and the like.

    Attributes:
        data: the token's own bytes, which need not be whole characters.
        others: the likeliest tokens at this place, the likeliest first; empty within `others`.
        id: its number in the model's own vocabulary, where the engine knows it.
    """

    text: str
    data: bytes
    logprob: float
    others: tuple["Odds", ...] = ()
    id: int | None = None


@dataclass(frozen=True)
class Counts:
    """An answer's tokens as far as whoever cooks has counted them.

    Attributes:
        predicted: written so far; `thought` of them were thought and not said.
        cached: those of `prompt` that were not read again.
        cost_usd: what they cost where somebody bills it.
        sent_bytes: of requests that have left this machine for the answer, without their headers.
    """

    prompt: int
    predicted: int
    cached: int = 0
    thought: int = 0
    cost_usd: float | None = None
    sent_bytes: int = 0


@dataclass(frozen=True)
class Delta:
    """The next piece of the answer: never half a character, never part of a stop text.

    Attributes:
        text: empty only where there is something else to tell.
        thought: the next piece of what the model thinks before it answers.
        odds: of the tokens drawn since the last piece, where the order asked for them.
        counts: with this piece; None where nobody counts.
        prompt: ids of the prompt's tokens, in the first piece, where the order asked for odds.
    """

    text: str
    thought: str = ""
    odds: tuple[Odds, ...] = ()
    counts: Counts | None = field(default=None, compare=False)
    prompt: tuple[int, ...] = ()


@dataclass(frozen=True)
class Timings:
    """llama.cpp's names. The first token counts as the prompt's work, the others as decoding.

    `ttft_ms` is what the reader waits for the first token, the queue included; `prompt_ms` is without it.
    `predicted_per_second` is None when a single token leaves no rate to measure.
    """

    prompt_n: int
    prompt_ms: float
    predicted_n: int
    predicted_ms: float
    predicted_per_second: float | None
    ttft_ms: float


@dataclass(frozen=True)
class Done:
    """The answer is complete."""

    finish_reason: FinishReason
    timings: Timings
    cached_tokens: int = 0
    """Tokens of the prompt that were not read again, as an earlier turn had read them."""
    thought_tokens: int = 0
    """Tokens of `timings.predicted_n` that were thought and not said."""
    cost_usd: float | None = None
    """What the answer cost where somebody bills it."""
    sent_bytes: int = 0
    """Of the requests that left this machine for it, without their headers."""

    @property
    def counts(self) -> Counts:
        """Its tokens, all of them."""
        prompt, predicted = self.timings.prompt_n, self.timings.predicted_n
        return Counts(
            prompt, predicted, self.cached_tokens, self.thought_tokens, self.cost_usd, self.sent_bytes
        )


@dataclass(frozen=True)
class Failed:
    """The answer broke off; `reason` is one sentence, `status` and `code` what HTTP calls it.

    Attributes:
        wait_s: seconds after which the same order may be taken, where somebody named them.
    """

    reason: str
    status: int = 500
    code: str | None = None
    wait_s: int | None = None


Event = Delta | Done | Failed
Listener = Callable[[Event], None]


class Ticket(Protocol):
    """An order that was taken."""

    def cancel(self) -> None:
        """Stop within a token. Safe from any thread and at any time; the listener hears nothing more."""


class Engine(Protocol):
    """A model that answers orders: together where it can, else one after the other."""

    @property
    def card(self) -> ModelCard:
        """The model on the stove."""

    @property
    def status(self) -> Status:
        """Loading, ready or failed."""

    @property
    def hardware(self) -> Hardware | None:
        """None until the model is loaded."""

    @property
    def tokens_generated(self) -> int:
        """Tokens decoded since the start, for everyone together: it stands still when nothing is cooking."""

    def submit(self, order: Order, listener: Listener) -> Ticket:
        """Queue an order; the listener hears `Delta`s, then one `Done` or `Failed`, from the engine's thread.

        Raises:
            NotReadyError: the model is not loaded.
            PromptTooLongError: the conversation is too long for this kitchen.
            BusyError: the queue is full.
        """

    def close(self) -> None:
        """Stop what is running and take no more orders. Returns at once."""


def label(card: ModelCard, hardware: Hardware | None) -> str:
    """The honest name of a bowl: "Gemma 3 270M (base, Q4_K_M source, int8 on CPU)"."""
    where = f"{hardware.dtype} on {hardware.device.upper()}" if hardware else ""
    details = ", ".join(part for part in (card.variant, where) if part)
    return f"{card.name} ({details})" if details else card.name
