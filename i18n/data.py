"""The shapes of docs/data/*.yml. A file that has another one is refused with its line and key.

What the values mean on a day, and how they are written in a language, is not said here (i18n/facts.py).
"""

import datetime as dt
import urllib.parse
from collections.abc import Mapping
from typing import Annotated, Literal

import pydantic

from i18n.marked_yaml import Text

Unit = Literal["", "usd", "gigabyte", "count", "percent"]
Kind = Literal["price", "status", "speed", "spec"]
Confidence = Literal["high", "med", "low"]
Key = Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z0-9_]+$")]
Anchor = Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z0-9-]+$")]
Keys = Annotated[tuple[Key, ...], pydantic.Field(min_length=1)]
Marked = pydantic.InstanceOf[Text]

# How many days after it was checked a value of a kind is still taken as true.
SHELF_DAYS: Mapping[Kind, int] = {"price": 30, "status": 60, "speed": 180, "spec": 365}


class Shape(pydantic.BaseModel):
    """A mapping without keys that nobody reads."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Source(Shape):
    """A public page: its own date if it gives one, and the day we read it."""

    title: str
    url: Annotated[str, pydantic.StringConstraints(pattern=r"^https://")]
    date: dt.date | None = None
    checked: dt.date

    @property
    def host(self) -> str:
        """The host of its address, for readers who want to know whose page it is."""
        return urllib.parse.urlsplit(self.url).hostname or ""


class Sources(Shape):
    """docs/data/sources.yml."""

    sources: dict[Key, Source]


class Value(Shape):
    """One value. `unit` says how to write it; "count" is a large number to be written in short."""

    value: Marked | str | int | float | dt.date
    unit: Unit = ""
    sources: Keys
    checked: dt.date
    kind: Kind = "spec"
    shelf_days: int | None = None

    @property
    def shelf(self) -> int:
        """For how many days after the check it is taken as true."""
        return SHELF_DAYS[self.kind] if self.shelf_days is None else self.shelf_days

    def stale(self, today: dt.date) -> bool:
        """Whether it is past its shelf life."""
        return today > self.checked + dt.timedelta(days=self.shelf)


class Fact(Value):
    """A value that stands in no table, with a name for the Sources page.

    `date` is the date that the sources give for it, None if they give none.
    """

    name: Marked
    date: dt.date | None = None
    confidence: Confidence


class Facts(Shape):
    """docs/data/facts.yml."""

    facts: dict[Key, Fact]


class Memory(Shape):
    """Gigabytes to load the weights, by precision, with the overhead of loading and without any context."""

    bf16: float
    sfp8: float
    q4_0: float
    mobile: float | None = None
    mobile_text: float | None = None


class GemmaSize(Shape):
    """One size of Gemma 4. `share` says what `active` counts: all parameters, effective or active ones.

    The fields from `kv_heads` on describe the attention layers, for the memory that a context takes.
    """

    label: str
    total: int
    active: int
    share: Literal["all", "effective", "active"] = "all"
    layers: int
    window: int
    context: int
    inputs: tuple[Literal["text", "image", "video", "audio"], ...]
    vision: int | None = None
    audio: int | None = None
    memory: Memory
    released: dt.date
    hf: str
    ollama: str
    hosted: str | None = None
    license: str
    sources: Keys
    kv_heads: int | None = None
    head_dim: int | None = None
    global_kv_heads: int | None = None
    global_head_dim: int | None = None
    global_every: int | None = None
    shared_layers: int | None = None

    @property
    def drafter(self) -> str:
        """The model that drafts tokens for it (multi-token prediction)."""
        return f"{self.hf}-assistant"

    @property
    def gguf(self) -> str:
        """Its four-bit file for llama.cpp, by Google, made with quantization-aware training."""
        return f"{self.hf}-qat-q4_0-gguf"


Status = Literal["stable", "preview", "deprecated", "shutdown"]


class GeminiModel(Shape):
    """One model of the Gemini API. `answered_by` is the model that its requests go to afterwards."""

    label: str
    id: str
    stage: Literal["stable", "preview"]
    released: dt.date
    deprecated: dt.date | None = None
    shutdown: dt.date | None = None
    restricted: dt.date | None = None
    answered_by: Key | None = None
    free_tier: bool | None = None
    thinking: tuple[str, ...] = ()
    thinking_default: str | None = None
    note: Marked | None = None
    sources: Keys

    def status(self, day: dt.date) -> Status:
        """Its status on a day. An announced shutdown makes a model deprecated until then."""
        if self.shutdown and self.shutdown <= day:
            return "shutdown"
        if self.shutdown or (self.deprecated and self.deprecated <= day):
            return "deprecated"
        return self.stage


class Models(Shape):
    """docs/data/models.yml."""

    checked: dt.date
    hosted_sources: tuple[Key, ...] = ()
    gemma: dict[Key, GemmaSize]
    gemini: dict[Key, GeminiModel]


def price_key(model: str) -> str:
    """The id that the prices of a model are quoted by: gemini-3.8-flash -> gemini_3_8_flash."""
    return model.replace("-", "_").replace(".", "_")


class PriceRow(Shape):
    """USD per million tokens of one model while it is in force.

    `cached` is for input from the cache, `batch` the factor of the batch price; None where no source says.
    `long` holds input and output of prompts with more tokens than `long_above`.
    """

    model: str
    input: float
    output: float
    cached: float | None = None
    batch: float | None = None
    long_above: int | None = None
    long: tuple[float, float] | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    sources: Keys
    date: dt.date

    @property
    def key(self) -> str:
        """What its figures are quoted by."""
        return price_key(self.model)


class Prices(Shape):
    """docs/data/prices.yml."""

    checked: dt.date
    prices: tuple[PriceRow, ...]

    def now(self, model: str, day: dt.date) -> PriceRow | None:
        """The price of a model that is in force on a day."""
        rows = (row for row in self.prices if row.model == model)
        return next(
            (row for row in rows if (not row.start or row.start <= day) and (not row.end or day <= row.end)),
            None,
        )

    def next(self, model: str, day: dt.date) -> PriceRow | None:
        """The first announced price of a model after a day."""
        rows = [row for row in self.prices if row.model == model and row.start and row.start > day]
        return min(rows, key=lambda row: row.start or day, default=None)


class Benchmark(Shape):
    """One test with every score that a vendor reports on it, by model key."""

    name: str
    about: Marked
    better: Literal["higher", "lower"] = "higher"
    scale: Literal["percent", "points"] = "percent"
    scores: dict[Key, float]
    gemma_sources: tuple[Key, ...] = ()
    gemini_sources: tuple[Key, ...] = ()
    note: Marked | None = None

    @pydantic.model_validator(mode="after")
    def _sourced(self) -> "Benchmark":
        gemini = {key.startswith("gemini") for key in self.scores}
        if (True in gemini and not self.gemini_sources) or (False in gemini and not self.gemma_sources):
            raise ValueError("its scores need gemini_sources, gemma_sources or both")
        return self


class Benchmarks(Shape):
    """docs/data/benchmarks.yml. `older` names models that only stand here for comparison."""

    checked: dt.date
    older: dict[Key, str]
    benchmarks: dict[Key, Benchmark]


class Speed(Shape):
    """One measurement: tokens per second, seconds to the first token, megabytes of memory.

    `decode_to` and `mtp_to` end a range; `mtp` is with multi-token prediction.
    """

    model: Key
    machine: str
    backend: str
    precision: str | None = None
    prefill: float | None = None
    decode: float
    decode_to: float | None = None
    mtp: float | None = None
    mtp_to: float | None = None
    first_token: float | None = None
    memory: float | None = None
    official: bool = False
    date: dt.date | None = None
    confidence: Confidence
    sources: Keys


class Speeds(Shape):
    """docs/data/speeds.yml."""

    checked: dt.date
    speeds: dict[Key, Speed]


class Device(Shape):
    """A machine: gigabytes of memory for a model, gigabytes per second, watts. None where no source says."""

    name: str
    kind: Literal["gpu", "datacenter", "mac", "board"]
    memory: float
    bandwidth: float | None = None
    bandwidth_to: float | None = None
    power: float | None = None
    confidence: Confidence
    sources: Keys


class Devices(Shape):
    """docs/data/devices.yml."""

    checked: dt.date
    devices: dict[Key, Device]


class Tier(Shape):
    """A price per kWh up to and including a monthly use in kWh (None: above the others)."""

    up_to: int | None = None
    per_kwh: float


class Tariff(Shape):
    """What a household pays for a kWh, in tiers; one tier where there are none."""

    country: Marked
    language: str
    currency: Literal["USD", "KRW", "JPY"]
    tiers: Annotated[tuple[Tier, ...], pydantic.Field(min_length=1)]
    date: dt.date | None = None
    confidence: Confidence
    sources: Keys


class Electricity(Shape):
    """docs/data/electricity.yml."""

    checked: dt.date
    electricity: dict[Key, Tariff]
