"""Measure what a person waits for, each beside a peer in the same run.

Prints a table and writes `build/bench.json`: rows of {area, name, value, unit, peer, peer_value, ratio, goal,
ok}. Trust the ratios; the seconds belong to one machine.

    python -m scripts.bench            # also a cold start from a fresh clone: minutes, and a network
    python -m scripts.bench --no-cold
"""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Annotated

import typer
from rich.console import Console

from demos.server.local import vocabulary
from scripts import bench_model, builds, demos_bench, lighthouse, python_bench, site, strips_bench, tab_bench
from scripts.bench_model import PEER, TEXTS
from scripts.contestants import (
    MODEL,
    ROOT,
    Server,
    free_port,
    model_folder,
    ours,
    peer,
    process,
    seconds_until,
)
from scripts.row import Row, show

PAGE_GOAL_S, READY_GOAL_S, WORDS_GOAL_S = 5, 6, 1
console = Console()


def cold_start() -> list[Row]:
    """From a fresh clone with an empty home to the first page and to a ready model."""
    with tempfile.TemporaryDirectory() as folder:
        clone, home = pathlib.Path(folder, "clone"), pathlib.Path(folder, "home")
        home.mkdir()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        port = free_port()
        env = {"HOME": str(home), "PATH": os.environ["PATH"]}
        with process(["make", "serve", f"PORT={port}", "OPEN=0"], clone, env):
            page = seconds_until(f"http://127.0.0.1:{port}/", 1800)
            ready = page + seconds_until(f"http://127.0.0.1:{port}/health", 600)
        used = sum(
            f.stat().st_size for f in pathlib.Path(folder).rglob("*") if f.is_file() and not f.is_symlink()
        )
    return [
        Row("start", "cold: first page", page, "s"),
        Row("start", "cold: model ready", ready, "s"),
        Row("start", "cold: disk used", used / 1e9, "GB"),
    ]


def warm_start() -> list[Row]:
    """The second `make serve`, beside the peer's way to its first answer with the same weights."""
    site.build(strict=False)  # as the first start has done
    for first in (ours, peer):  # what is done once: unpacking, proving, bytecode
        with first():
            pass
    port = free_port()
    with process(["make", "serve", f"PORT={port}", "OPEN=0"]):
        page = seconds_until(f"http://127.0.0.1:{port}/", 60)
        ready = page + seconds_until(f"http://127.0.0.1:{port}/health", 120)
        answered = ready + Server(port, MODEL).ask(TEXTS[0], 2).first_s
    begun = time.perf_counter()
    with peer() as server:
        theirs = time.perf_counter() - begun + server.ask(TEXTS[0], 2).first_s
    begun = time.perf_counter()
    vocabulary.Vocabulary(model_folder())
    words = time.perf_counter() - begun
    return [
        Row("start", "warm: first page", page, "s", goal=f"under {PAGE_GOAL_S} s", ok=page < PAGE_GOAL_S),
        Row(
            "start", "warm: model ready", ready, "s", goal=f"under {READY_GOAL_S} s", ok=ready < READY_GOAL_S
        ),
        Row("start", "tokenizer", words, "s", goal=f"under {WORDS_GOAL_S} s", ok=words < WORDS_GOAL_S),
        Row.beside("start", "warm: first token", answered, "s", (PEER, theirs), at_most=0.5),
    ]


def gpu() -> list[Row]:
    """A Gemma 4 of random weights, where there is a GPU that torch can use."""
    import torch  # noqa: PLC0415 - seconds, and nothing else here needs it

    if not torch.cuda.is_available():
        console.print("No CUDA here, so no large Gemma 4: python -m scripts.bench_gpu tries a small one.")
        return []
    from scripts import bench_gpu  # noqa: PLC0415

    return bench_gpu.rows()


def tab() -> list[Row]:
    """The demos with a kitchen, then a model in a browser tab: our page beside wllama alone."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with process([sys.executable, "-m", "scripts.serve", "--port", str(port), "--no-open"]):
        seconds_until(f"{address}/health", 300)  # its own model loads first, else it would be in the way
        return demos_bench.rows(address) + tab_bench.rows(address)


def main(
    *, cold: Annotated[bool, typer.Option(help="Also start from a fresh clone with an empty home.")] = True
) -> None:
    """Measure start, first token and tokens/s beside a peer."""
    rows: list[Row] = []
    if cold:
        console.print("Cold start: a fresh clone with an empty home (minutes)")
        rows += cold_start()
    console.print("Builds: the whole site, one page of it, and ten times the pages (minutes)")
    rows += builds.rows()
    console.print("Comics: all strips, one changed, and ten times as many (minutes)")
    rows += strips_bench.rows()
    console.print("Python in the page: new visitors and again (minutes)")
    rows += python_bench.rows(site.build(strict=False))
    console.print("Warm start")
    rows += warm_start()
    console.print(f"Speed: the embedded model in turns with {PEER} and others (minutes)")
    rows += bench_model.rows()
    rows += gpu()
    console.print("Demos with a kitchen, and a model in a browser tab, in turns with wllama alone (minutes)")
    rows += tab()
    console.print("Pages: Lighthouse on a phone, the median of three runs (minutes)")
    rows += [
        Row("pages", each.name, each.value, each.unit, goal=each.goal, ok=each.ok)
        for each in lighthouse.measure(site.build(strict=False))
    ]
    show(rows)
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=2) + "\n")
    console.print(f"Written to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    typer.run(main)
