"""The ids of values that stand in tables: `gemma_e2b_q4_0`, `e2b_rate_pi`, `gemini_25_pro_shutdown`.

A figure stands in one place, and a page quotes it by id wherever it stands. Prices are not here: which one is
in force depends on the day.
"""

import datetime as dt
from collections.abc import Iterator, Mapping

from i18n.data import (
    Benchmarks,
    Devices,
    Electricity,
    GeminiModel,
    GemmaSize,
    Kind,
    Models,
    Speeds,
    Unit,
    Value,
)

Values = Iterator[tuple[str, Value]]

KIBI = 1024
CENTS = 100

# Older ids that pages use for a value that stands in a table.
ALIASES: Mapping[str, str] = {
    "gemma_12b_added": "gemma_12b_released",
    "gemini_4_released": "gemini_4_argon_released",
    "gemini_25_shutdown": "gemini_25_pro_shutdown",
    "gemini_31_pro_rate": "gemini_31_pro_rate_api_31_pro",
}


def values(
    models: Models, benchmarks: Benchmarks, speeds: Speeds, devices: Devices, electricity: Electricity
) -> dict[str, Value]:
    """Every value of the tables by id."""
    found: dict[str, Value] = {}
    for key, size in models.gemma.items():
        found.update(_size(key, size, models.checked))
    for key, model in models.gemini.items():
        found.update(_model(key, model, models.checked))
    found.update(_family(models))
    found.update(_scores(benchmarks))
    found.update(_rates(speeds))
    found.update(_machines(devices))
    found.update(_power(electricity))
    found.update({alias: found[key] for alias, key in ALIASES.items() if key in found})
    return found


def _value(
    value: str | float | dt.date | None,
    sources: tuple[str, ...],
    checked: dt.date,
    unit: Unit = "",
    kind: Kind = "spec",
) -> Value | None:
    if value is None:
        return None
    return Value(value=value, unit=unit, sources=sources, checked=checked, kind=kind)


def _present(found: Mapping[str, Value | None]) -> Values:
    for key, value in found.items():
        if value is not None:
            yield key, value


def _size(key: str, size: GemmaSize, checked: dt.date) -> Values:
    counts = {"total": size.total, "active": size.active, "vision": size.vision, "audio": size.audio}
    words: dict[str, str | float | dt.date | None] = {
        "layers": size.layers,
        "window": size.window,
        "context": f"{size.context // KIBI}K",
        "released": size.released,
        "hf": size.hf,
        "drafter": size.drafter,
        "gguf": size.gguf,
        "ollama": size.ollama,
        "hosted": size.hosted,
    }
    memory = size.memory.model_dump()
    yield from _present(
        {f"{key}_{name}": _value(count, size.sources, checked, "count") for name, count in counts.items()}
        | {f"{key}_{name}": _value(word, size.sources, checked) for name, word in words.items()}
        | {f"{key}_{name}": _value(gb, size.sources, checked, "gigabyte") for name, gb in memory.items()}
    )


def _model(key: str, model: GeminiModel, checked: dt.date) -> Values:
    fields: dict[str, str | float | dt.date | None] = {
        "id": model.id,
        "released": model.released,
        "deprecated": model.deprecated,
        "shutdown": model.shutdown,
    }
    yield from _present(
        {
            f"{key}_{name}": _value(value, model.sources, checked, kind="status")
            for name, value in fields.items()
        }
    )


def _family(models: Models) -> Values:
    """What follows from all rows: how many sizes, the smallest, the largest, the newest."""
    checked, sizes = models.checked, list(models.gemma.values())
    if sizes:
        small, large = sizes[0], sizes[-1]
        both = tuple(dict.fromkeys(source for size in sizes for source in size.sources))[:3]
        hosted = [size for size in reversed(sizes) if size.hosted]
        yield from _present(
            {
                "gemma_size_count": _value(len(sizes), both, checked),
                "gemma_sizes": _value(", ".join(size.label for size in sizes), both, checked),
                "gemma_smallest_effective": _value(small.active, small.sources, checked, "count"),
                "gemma_smallest_total": _value(small.total, small.sources, checked, "count"),
                "gemma_largest": _value(large.total, large.sources, checked, "count"),
                "gemma_memory_smallest": _value(small.memory.q4_0, small.sources, checked, "gigabyte"),
                "gemma_memory_largest": _value(large.memory.q4_0, large.sources, checked, "gigabyte"),
                "gemma_memory_largest_full": _value(large.memory.bf16, large.sources, checked, "gigabyte"),
                "gemma_context_small": _value(f"{small.context // KIBI}K", small.sources, checked),
                "gemma_context_large": _value(f"{large.context // KIBI}K", large.sources, checked),
                "gemma_hosted_sizes": _value(
                    ", ".join(size.label for size in hosted),
                    models.hosted_sources or small.sources,
                    checked,
                    kind="status",
                ),
            }
        )
    if models.gemini:
        newest = max(models.gemini.values(), key=lambda model: model.released)
        yield from _present(
            {
                "gemini_newest": _value(newest.label, newest.sources, checked, kind="status"),
                "gemini_newest_released": _value(newest.released, newest.sources, checked, kind="status"),
            }
        )


def _scores(benchmarks: Benchmarks) -> Values:
    for test, benchmark in benchmarks.benchmarks.items():
        for model, score in benchmark.scores.items():
            sources = benchmark.gemini_sources if model.startswith("gemini") else benchmark.gemma_sources
            value = _value(score, sources, benchmarks.checked, kind="speed")
            yield from _present({f"{model}_{test}": value})


def _rates(speeds: Speeds) -> Values:
    for key, speed in speeds.speeds.items():
        fields = {
            "rate": speed.decode,
            "rate_to": speed.decode_to,
            "rate_mtp": speed.mtp,
            "rate_mtp_to": speed.mtp_to,
            "prefill": speed.prefill,
            "first_token": speed.first_token,
            "memory_mb": speed.memory,
        }
        model = speed.model.removeprefix("gemma_")
        yield from _present(
            {
                f"{model}_{name}_{key}": _value(value, speed.sources, speeds.checked, kind="speed")
                for name, value in fields.items()
            }
        )


def _machines(devices: Devices) -> Values:
    for key, device in devices.devices.items():
        yield from _present(
            {
                f"{key}_memory": _value(device.memory, device.sources, devices.checked, "gigabyte"),
                f"{key}_bandwidth": _value(device.bandwidth, device.sources, devices.checked),
                f"{key}_power": _value(device.power, device.sources, devices.checked),
            }
        )


def _power(electricity: Electricity) -> Values:
    """A kWh in cents of a dollar, in yen and in won; `electricity_kr_2` is the second tier."""
    for key, tariff in electricity.electricity.items():
        for number, tier in enumerate(tariff.tiers, 1):
            price = round(tier.per_kwh * CENTS, 2) if tariff.currency == "USD" else tier.per_kwh
            name = f"electricity_{key}" if len(tariff.tiers) == 1 else f"electricity_{key}_{number}"
            value = _value(price, tariff.sources, electricity.checked, kind="speed")
            yield from _present({name: value})
