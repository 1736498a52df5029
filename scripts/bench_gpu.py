"""How fast and how large a Gemma 4 E2B is in the kitchen's engine, beside transformers' plain `generate`.

Random weights of the real shape, so that nothing is downloaded; what they say is noise, and speed and memory
are not. Meant for a CUDA machine, and runs unchanged anywhere else with a small shape. `make bench` calls it
where there is CUDA.

    python -m scripts.bench_gpu            # E2B where there is CUDA, else the small shape
    python -m scripts.bench_gpu --tiny     # the small shape
    python -m scripts.bench_gpu --json build/gpu.json
"""

import contextlib
import dataclasses
import gc
import json
import logging
import os
import pathlib
import queue
import statistics
import tempfile
import time
from collections.abc import Iterator
from typing import Annotated

import psutil
import torch
import typer
from rich.console import Console
from transformers.utils import logging as transformers_logging

from demos.server.engine import Delta, Done, Event, Order
from demos.server.local import devices, menu, transformer
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings
from scripts import random_gemma4
from scripts.row import Row, show

PEER = "transformers generate"
PROMPT, LONG = 50, 1024
"""Tokens of a short prompt, which most answers have, and of a long one."""
STREAMS = (1, 4, 16)
TOKENS, FEW_TOKENS = 128, 24
"""Length of each answer of the large model, and of the small one."""
ROUNDS = 3
console = Console()


def main(
    *,
    tiny: Annotated[bool, typer.Option(help="The small shape even where there is CUDA.")] = False,
    output: Annotated[pathlib.Path | None, typer.Option("--json", help="Write the rows there, too.")] = None,
) -> None:
    """Measure tokens/s, first token, memory and the share of the bandwidth limit."""
    logging.getLogger("demos").setLevel(logging.ERROR)  # that it has no eyes is meant
    found = rows(tiny=tiny)
    show(found)
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps([dataclasses.asdict(row) for row in found], indent=2) + "\n")


def rows(*, tiny: bool = False) -> list[Row]:
    """What was measured on the fastest device that is here."""
    transformers_logging.disable_progress_bar()
    device = devices.best().kind
    small = tiny or device != "cuda"
    shape, tokens = (random_gemma4.SMALL, FEW_TOKENS) if small else (random_gemma4.E2B, TOKENS)
    name = torch.cuda.get_device_name() if device == "cuda" else device
    console.print(f"{'A small' if small else 'A random'} Gemma 4 E2B on {name}, torch {torch.__version__}")
    bandwidth = copied_bytes_per_s(device)
    with tempfile.TemporaryDirectory() as scratch, cache(pathlib.Path(scratch, "cache")):
        folder = pathlib.Path(scratch, "model")
        folder.mkdir()
        begun = time.perf_counter()
        random_gemma4.save(folder, shape, device)
        console.print(f"Made and written in {time.perf_counter() - begun:.0f} s")
        emptied(device)
        theirs = plain(folder, device, tokens)
        emptied(device)
        ours = served(folder, device, tokens)
    area = "gpu, E2B" if not small else f"small E2B, {device}"
    return beside(ours, theirs, area, bandwidth)


def beside(ours: "Figures", theirs: "Figures", area: str, bandwidth: float) -> list[Row]:
    """The rows of a table; `bandwidth` is in bytes/s."""

    def row(name: str, value: float, unit: str, peer_value: float, peer: str = PEER) -> Row:
        return Row.beside(area, name, value, unit, (peer, peer_value))

    one = theirs.rates[1]
    limit = bandwidth / theirs.bytes_per_token
    copied = f"{bandwidth / 1e9:.0f} GB/s copied / {theirs.bytes_per_token / 1e9:.2f} GB a token"
    most = f"memory, {STREAMS[-1]} at once"
    return [
        *(row(f"{count} at once", ours.rates[count], "tokens/s", theirs.rates[count]) for count in STREAMS),
        row("1 at once, drawn as Google recommends", ours.drawn, "tokens/s", one),
        *(
            row(f"first token, prompt of {length}", ours.firsts[length], "ms", theirs.firsts[length])
            for length in ours.firsts
        ),
        row("share of the bandwidth limit, 1 at once", ours.rates[1], "tokens/s", limit, copied),
        row(f"share of the bandwidth limit, {PEER}", one, "tokens/s", limit, copied),
        row("memory when loaded", ours.loaded / 1e9, "GB", theirs.loaded / 1e9),
        row(most, ours.most / 1e9, "GB", theirs.most / 1e9),
        row("ready", ours.ready_s, "s", theirs.ready_s),
    ]


@dataclasses.dataclass
class Figures:
    """What was measured of one way to answer.

    Attributes:
        ready_s: seconds until it can answer.
        loaded: bytes of memory then.
        most: bytes of memory at the most.
        bytes_per_token: of weights that a step reads.
        rates: tokens/s in all, by the number of answers at once; the first token's wait is in it for several.
        firsts: ms to the first token, by the tokens of the prompt.
        drawn: tokens/s of one answer with temperature, top_k and top_p.
    """

    ready_s: float = 0.0
    loaded: int = 0
    most: int = 0
    bytes_per_token: int = 0
    rates: dict[int, float] = dataclasses.field(default_factory=dict)
    firsts: dict[int, float] = dataclasses.field(default_factory=dict)
    drawn: float = 0.0


def served(folder: pathlib.Path, device: str, tokens: int) -> Figures:
    """The engine that answers for a downloaded Gemma 4, from the folder on."""
    figures = Figures()
    begun = time.perf_counter()
    # The queue is as long as the table, so that all streams may come at the same moment.
    engine = LocalEngine(
        menu.choose(str(folder), folder), Settings(rows=STREAMS[-1], queue_length=STREAMS[-1])
    )
    engine.start()
    try:
        status = engine.wait_loaded()
        if status.state != "ready":
            raise RuntimeError(status.reason)
        figures.ready_s, figures.loaded = time.perf_counter() - begun, used(device)
        console.print(f"Engine: {engine.hardware}")
        orders(engine, STREAMS[-1], tokens // 4)  # warms up
        for length in (PROMPT, LONG):
            firsts = [orders(engine, 1, 1, length, turn)[1][0].timings.ttft_ms for turn in range(ROUNDS)]
            figures.firsts[length] = statistics.median(firsts)
        for count in STREAMS:
            figures.rates[count] = statistics.median(rate(engine, count, tokens) for _ in range(ROUNDS))
        figures.drawn = statistics.median(rate(engine, 1, tokens, temperature=None) for _ in range(ROUNDS))
        figures.most = used(device, most=True)
    finally:
        engine.close()
        engine.wait_closed()
    return figures


def rate(engine: LocalEngine, count: int, tokens: int, *, temperature: float | None = 0.0) -> float:
    """Tokens/s of so many answers together."""
    seconds, done = orders(engine, count, tokens, temperature=temperature)
    if count == 1:
        return done[0].timings.predicted_per_second or 0.0
    return sum(each.timings.predicted_n for each in done) / seconds


def orders(
    engine: LocalEngine,
    count: int,
    tokens: int,
    length: int = PROMPT,
    turn: int = 0,
    *,
    temperature: float | None = 0.0,
) -> tuple[float, list[Done]]:
    """So many orders at the same moment: seconds until the last one ends, and how each ended.

    Raises:
        RuntimeError: one did not end well.
    """
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    begun = time.perf_counter()
    for number in range(count):
        text = text_of(length, number + count * turn)
        engine.submit(Order((), tokens, temperature=temperature, text=text), events.put)
    done: list[Done] = []
    while len(done) < count:
        match event := events.get():
            case Done():
                done.append(event)
            case Delta():
                pass
            case _:
                raise RuntimeError(event.reason)
    return time.perf_counter() - begun, done


def text_of(length: int, number: int) -> str:
    """A text of so many tokens, another one for each number from its very beginning."""
    return (f"{number}-" + "noodles-" * length)[:length]


def plain(folder: pathlib.Path, device: str, tokens: int) -> Figures:
    """What transformers does alone: `generate` on the same folder, several answers as its own batch."""
    figures = Figures()
    begun = time.perf_counter()
    read = transformer.read(folder, device)
    figures.ready_s, figures.loaded = time.perf_counter() - begun, used(device)
    figures.bytes_per_token = random_gemma4.read_for_each_token(read.model)
    generate(read, STREAMS[-1], tokens // 4)
    for length in (PROMPT, LONG):
        figures.firsts[length] = 1000 * statistics.median(generate(read, 1, 1, length) for _ in range(ROUNDS))
    for count in STREAMS:
        seconds = statistics.median(generate(read, count, tokens) for _ in range(ROUNDS))
        if count == 1:
            figures.rates[1] = 1000 * (tokens - 1) / (1000 * seconds - figures.firsts[PROMPT])
        else:
            figures.rates[count] = count * tokens / seconds
    figures.most = used(device, most=True)
    return figures


def generate(read: transformer.Transformer, count: int, tokens: int, length: int = PROMPT) -> float:
    """Seconds that `generate` takes for so many answers of exactly so many tokens."""
    ids = torch.tensor([read.tokenizer.encode(text_of(length, number)) for number in range(count)])
    ids = ids.to(read.model.device)
    begun = time.perf_counter()
    out = read.model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=tokens,
        min_new_tokens=tokens,
        do_sample=False,
    )
    out.cpu()  # waits for the device
    return time.perf_counter() - begun


def copied_bytes_per_s(device: str) -> float:
    """Bytes/s, read and written, of a large copy within the device's memory: the best of some."""
    source = torch.zeros((1 << 30) if device == "cuda" else (1 << 28), dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    best = 0.0
    for _ in range(10):
        wait_for(device)
        begun = time.perf_counter()
        target.copy_(source)
        wait_for(device)
        best = max(best, 2 * source.numel() / (time.perf_counter() - begun))
    return best


def wait_for(device: str) -> None:
    """Wait until the device has done what it was given."""
    if device == "cuda":
        torch.cuda.synchronize()


def used(device: str, *, most: bool = False) -> int:
    """Bytes of memory that tensors take on a GPU, now or at the most; of the whole process elsewhere."""
    if device == "cuda":
        return int(torch.cuda.max_memory_allocated() if most else torch.cuda.memory_allocated())
    return int(psutil.Process().memory_info().rss)


def emptied(device: str) -> None:
    """Give back what nobody holds any more, and begin to count anew."""
    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


@contextlib.contextmanager
def cache(folder: pathlib.Path) -> Iterator[None]:
    """Let what the engine notes about a model that is gone afterwards go with it."""
    before = os.environ.get("TWO_BOWLS_CACHE")
    os.environ["TWO_BOWLS_CACHE"] = str(folder)
    try:
        yield
    finally:
        del os.environ["TWO_BOWLS_CACHE"]
        if before is not None:
            os.environ["TWO_BOWLS_CACHE"] = before


if __name__ == "__main__":
    typer.run(main)
