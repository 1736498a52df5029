"""Whether a Gemma fits a device, and how fast it may write there: ranges, with everything they come from.

Memory, in the maker's unit (the published figures and memory sizes are multiples of 2**30 bytes):

    memory  = weights + context + runtime
    weights = published figure / 1.2 (the bare weights) up to published figure x stored bits / nominal bits;
              the figure is "static weights plus 20 % loading overhead", with every expert of a mixture in it
    context = for each layer that keeps its own keys and values:
              2 x key-value heads x head size x 2 bytes x tokens, where a sliding-window layer keeps at most
              its window, and a layer that shares the cache of an earlier one keeps nothing
    runtime = 0.1 to 2.5, the spread of Google's own table for E2B

Decoding, in tokens per second:

    speed   = share x bandwidth / bytes read per token
    bytes   = active parameters x stored bits / 8, and at the slow end the filled context
    share   = what has been observed of that ceiling: a range per kind of model, because no single figure
              would be right

Left out: prefill, pictures and sound, draft models, splitting over several devices, other programs.
"""

import dataclasses
from collections.abc import Mapping
from typing import Literal

from demos.kitchen.errors import KitchenError, amount
from demos.kitchen.words import _

GB = 2**30
BANDWIDTH_GB = 10**9
LOADING = 1.2
CACHE_BYTES = 2
RUNTIME = (0.1, 2.5)
# A machine that shares its memory with the model needs some of it for itself. An assumption.
KEPT_BY_SYSTEM = 0.25
# Bits per weight by name, and as stored: a Q4_0 block holds 32 weights in 18 bytes.
NOMINAL_BITS = {"bf16": 16.0, "sfp8": 8.0, "q4_0": 4.0}
STORED_BITS = {"bf16": 16.0, "sfp8": 8.0, "q4_0": 4.5}

Kind = Literal["dense", "mixture", "effective"]
# The share of the bandwidth ceiling that published measurements reached, rounded outwards.
SHARE: Mapping[Kind, tuple[float, float]] = {
    "dense": (0.5, 0.85),
    "mixture": (0.2, 0.5),
    "effective": (0.1, 0.6),
}

FITS, TIGHT, NO = "fits", "tight", "no"
VERDICTS = {FITS: _("fits"), TIGHT: _("tight"), NO: _("too big")}
MEMORY_FORMULA = _("memory = weights + context + runtime")
SPEED_FORMULA = _("speed = share × bandwidth ÷ bytes read per token")
LEFT_OUT = (
    _("reading a long question"),
    _("pictures and sound"),
    _("draft models"),
    _("several devices together"),
    _("other programs"),
)


@dataclasses.dataclass(frozen=True)
class Range:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclasses.dataclass(frozen=True)
class Model:
    """One size of Gemma.

    `memory` is the published need in GB by precision, loading overhead included; `text_memory` the same
    without the parts for other media, where published. `active` counts the parameters that one token
    reads. Every `global_every`-th layer attends to the whole context, the others to `window` tokens; the
    last `shared_layers` keep no keys and values of their own.

    Raises:
        KitchenError: a figure is not a number above 0, or there are more shared layers than layers.
    """

    name: str
    kind: Kind
    active: float
    memory: Mapping[str, float]
    layers: int
    global_every: int
    window: int
    kv_heads: int
    global_kv_heads: int
    head_size: int
    global_head_size: int
    context: int
    shared_layers: int = 0
    text_memory: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("layers", "global_every", "window", "kv_heads", "global_kv_heads", "context"):
            amount(getattr(self, name), f"{name} of {self.name}", positive=True, whole=True)
        for name in ("active", "head_size", "global_head_size"):
            amount(getattr(self, name), f"{name} of {self.name}", positive=True)
        for precision, gigabytes in self.memory.items():
            amount(gigabytes, f"the {precision} memory of {self.name}", positive=True)
        amount(self.shared_layers, f"shared_layers of {self.name}", whole=True)
        if self.shared_layers >= self.layers:
            raise KitchenError(
                f"{self.name} shares {self.shared_layers} of {self.layers} layers: "
                "leave at least one with a cache of its own"
            )


@dataclasses.dataclass(frozen=True)
class Device:
    """A machine: memory in GB, bandwidth in GB/s (None: not known), and whether the system lives there too.

    Raises:
        KitchenError: a figure is not a number above 0, or the bandwidth range is upside down.
    """

    name: str
    memory: float
    bandwidth: Range | None
    shared: bool = False

    def __post_init__(self) -> None:
        amount(self.memory, f"the memory of {self.name}", positive=True)
        if self.bandwidth:
            amount(self.bandwidth.low, f"the bandwidth of {self.name}", positive=True)
            if self.bandwidth.high < self.bandwidth.low:
                raise KitchenError(
                    f"the bandwidth of {self.name} goes from {self.bandwidth.low} to {self.bandwidth.high}: "
                    "give the lower figure first"
                )

    @property
    def usable(self) -> float:
        """GB that a model may take."""
        return self.memory * (1 - KEPT_BY_SYSTEM) if self.shared else self.memory


@dataclasses.dataclass(frozen=True)
class Memory:
    """What is needed, in GB, and its parts."""

    weights: Range
    context: float
    runtime: Range

    @property
    def total(self) -> Range:
        """All of it."""
        return Range(
            self.weights.low + self.context + self.runtime.low,
            self.weights.high + self.context + self.runtime.high,
        )


@dataclasses.dataclass(frozen=True)
class Speed:
    """Tokens per second while writing, and what the range is made of (bytes per token, GB/s)."""

    rate: Range
    weight_bytes: float
    context_bytes: float
    bandwidth: Range
    share: Range


@dataclasses.dataclass(frozen=True)
class Fit:
    """A model on a device: the verdict ("fits", "tight", "no"), and the figures behind it.

    `speed` is None where the model does not fit or the bandwidth is not known.
    """

    device: Device
    model: Model
    precision: str
    tokens: int
    memory: Memory
    verdict: str
    speed: Speed | None


def fit(device: Device, model: Model, precision: str, tokens: int) -> Fit:
    """Whether a model fits a device with a context of so many tokens, and how fast it may write.

    It fits where the high end of the range fits, and is tight where only the low end does.

    Raises:
        KitchenError: the precision is not published for this size, or the context is longer than it takes.
    """
    needed = memory(model, precision, tokens)
    if needed.total.high <= device.usable:
        verdict = FITS
    elif needed.total.low <= device.usable:
        verdict = TIGHT
    else:
        verdict = NO
    known = device.bandwidth is not None and verdict != NO
    rate = speed(device, model, precision, tokens) if known else None
    return Fit(device, model, precision, tokens, needed, verdict, rate)


def memory(model: Model, precision: str, tokens: int) -> Memory:
    """The memory that a model needs (the formula stands at the top of the file).

    Raises:
        KitchenError: the precision is not published for this size, or the context is longer than it takes.
    """
    loaded = _published(model, precision)
    stored = STORED_BITS.get(precision, 1.0) / NOMINAL_BITS.get(precision, 1.0)
    return Memory(
        weights=Range(model.text_memory.get(precision, loaded) / LOADING, loaded * stored),
        context=context_bytes(model, tokens) / GB,
        runtime=Range(*RUNTIME),
    )


def context_bytes(model: Model, tokens: int) -> int:
    """Bytes of keys and values for a context of so many tokens, at 16 bits each.

    Raises:
        KitchenError: the context is not a whole number above 0, or longer than the model takes.
    """
    amount(tokens, "the context in tokens", positive=True, whole=True)
    if tokens > model.context:
        raise KitchenError(
            f"the context is {tokens} tokens and {model.name} takes {model.context}: ask for no more"
        )
    total = 0
    for layer in range(model.layers - model.shared_layers):
        if (layer + 1) % model.global_every == 0:
            total += model.global_kv_heads * model.global_head_size * tokens
        else:
            total += model.kv_heads * model.head_size * min(tokens, model.window)
    return 2 * CACHE_BYTES * total


def speed(device: Device, model: Model, precision: str, tokens: int) -> Speed:
    """How fast it may write (the formula stands at the top of the file).

    Where a precision has no fixed bits per weight (mobile), the bytes are the published text-only figure
    without its loading overhead.

    Raises:
        KitchenError: the bandwidth of the device is not known, the precision is not published for this size,
            or the context is longer than it takes.
    """
    loaded = _published(model, precision)
    if device.bandwidth is None:
        raise KitchenError(f"the bandwidth of {device.name} is not known: no speed can be reckoned from it")
    if precision in STORED_BITS:
        weight_bytes = model.active * STORED_BITS[precision] / 8
    else:
        weight_bytes = model.text_memory.get(precision, loaded) / LOADING * GB
    filled = context_bytes(model, tokens)
    share = Range(*SHARE[model.kind])
    return Speed(
        rate=Range(
            share.low * device.bandwidth.low * BANDWIDTH_GB / (weight_bytes + filled),
            share.high * device.bandwidth.high * BANDWIDTH_GB / weight_bytes,
        ),
        weight_bytes=weight_bytes,
        context_bytes=filled,
        bandwidth=device.bandwidth,
        share=share,
    )


def _published(model: Model, precision: str) -> float:
    if precision not in model.memory:
        raise KitchenError(
            f"{model.name} has no published memory figure for {precision!r}: "
            f"choose one of {', '.join(sorted(model.memory))}"
        )
    return model.memory[precision]
