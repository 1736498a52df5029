"""Measure what a person waits for, each beside a peer in the same run.

Prints a table and writes `build/bench.json`: rows of {area, name, value, unit, peer, peer_value, ratio, goal,
ok}. Trust the ratios; the seconds belong to one machine. The peer is `transformers serve`, on the
same weights, the same prompts, and in turns with our server, so that a busy minute hits both.

    python -m scripts.bench            # also a cold start from a fresh clone: minutes, and a network
    python -m scripts.bench --no-cold
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import httpx
import typer
from rich.console import Console
from rich.table import Table

from demos.server import prompt, weights
from demos.server.engine import Message
from scripts import builds, lighthouse, python_bench, site, strips_bench
from scripts.row import Row

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEER = "transformers serve"
ANSWER_TOKENS = 64
PAGE_GOAL_S = 5
QUESTIONS = (
    "What is ramen made of?",
    "How do I make a good broth at home?",
    "Why do people love noodles?",
    "What makes a restaurant better than cooking at home?",
    "Which toppings go well with ramen?",
)
console = Console()


@dataclasses.dataclass(frozen=True)
class Answer:
    """One streamed answer: seconds to its first text, and tokens/s from there to its last."""

    first_s: float
    rate: float


def model_folder() -> pathlib.Path:
    """Where the converted embedded model lies."""
    return weights.cache_folder() / "gemma-3-270m"


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def process(
    command: list[str], cwd: pathlib.Path = ROOT, env: dict[str, str] | None = None
) -> Iterator[None]:
    """Run a server for the length of a block; it and its children are gone afterwards."""
    server = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def seconds_until(url: str, limit: float) -> float:
    """Seconds until a GET of `url` answers 200.

    Raises:
        TimeoutError: it did not within `limit` seconds.
    """
    begun = time.perf_counter()
    while time.perf_counter() - begun < limit:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                return time.perf_counter() - begun
        time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer within {limit:.0f} s")


def answer(port: int, path: str, body: dict[str, object]) -> Answer:
    """Stream one answer and time it as a client sees it.

    Raises:
        ValueError: the server sent fewer than two pieces of text, so that there is no rate to measure.
    """
    body = {
        **body,
        "max_tokens": ANSWER_TOKENS,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    begun = time.perf_counter()
    arrived: list[float] = []
    tokens = 0
    with httpx.stream("POST", f"http://127.0.0.1:{port}{path}", json=body, timeout=120) as reply:
        reply.raise_for_status()
        for line in reply.iter_lines():
            if not line.startswith("data: ") or line == "data: [DONE]":
                continue
            chunk = json.loads(line.removeprefix("data: "))
            tokens = (chunk.get("usage") or {}).get("completion_tokens") or tokens
            pieces = (
                choice.get("text") or choice.get("delta", {}).get("content") for choice in chunk["choices"]
            )
            if any(pieces):
                arrived.append(time.perf_counter())
    if len(arrived) < 2:  # noqa: PLR2004 - two moments make a duration
        raise ValueError(
            f"{path} on port {port} answered with {len(arrived)} pieces of text, at least 2 expected"
        )
    return Answer(arrived[0] - begun, ((tokens or len(arrived)) - 1) / (arrived[-1] - arrived[0]))


def ask_ours(port: int, question: str) -> Answer:
    """One question to our server."""
    return answer(port, "/v1/chat/completions", {"messages": [{"role": "user", "content": question}]})


def ask_peer(port: int, question: str) -> Answer:
    """The same tokens to the peer, which has no chat template for a base model: the text we would make."""
    text = prompt.as_examples([Message("user", question)])
    return answer(port, "/v1/completions", {"model": str(model_folder()), "prompt": text})


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
    port = free_port()
    with process(["make", "serve", f"PORT={port}", "OPEN=0"]):
        page = seconds_until(f"http://127.0.0.1:{port}/", 60)
        ready = page + seconds_until(f"http://127.0.0.1:{port}/health", 120)
        ours = ready + ask_ours(port, QUESTIONS[0]).first_s
    port = free_port()
    with peer(port):
        peer_ready = seconds_until(f"http://127.0.0.1:{port}/health", 120)
        theirs = peer_ready + ask_peer(port, QUESTIONS[0]).first_s
    return [
        Row("start", "warm: first page", page, "s", goal=f"under {PAGE_GOAL_S} s", ok=page < PAGE_GOAL_S),
        Row("start", "warm: first token", ours, "s", PEER, theirs, ours / theirs),
    ]


def peer(port: int) -> contextlib.AbstractContextManager[None]:
    """The peer on the same converted weights, in bf16 on the CPU, offline."""
    command = [str(pathlib.Path(sys.executable).parent / "transformers"), "serve", str(model_folder())]
    options = ["--device", "cpu", "--dtype", "bfloat16", "--host", "127.0.0.1", "--port", str(port)]
    return process([*command, *options], env={**os.environ, "HF_HUB_OFFLINE": "1"})


def speed() -> list[Row]:
    """First token and tokens/s of one stream, the two servers in turns."""
    our_port, peer_port = free_port(), free_port()
    serve = [sys.executable, "-m", "scripts.serve", "--port", str(our_port), "--no-open"]
    with process(serve), peer(peer_port):
        seconds_until(f"http://127.0.0.1:{our_port}/health", 300)
        seconds_until(f"http://127.0.0.1:{peer_port}/health", 300)
        ask_ours(our_port, QUESTIONS[0])  # both warm up
        ask_peer(peer_port, QUESTIONS[0])
        ours, theirs = [], []
        for question in QUESTIONS:
            ours.append(ask_ours(our_port, question))
            theirs.append(ask_peer(peer_port, question))
    our_first, peer_first = (
        statistics.median(a.first_s * 1000 for a in answers) for answers in (ours, theirs)
    )
    our_rate, peer_rate = (statistics.median(a.rate for a in answers) for answers in (ours, theirs))
    return [
        Row("speed", "first token", our_first, "ms", PEER, peer_first, our_first / peer_first),
        Row("speed", "decode, one stream", our_rate, "tokens/s", PEER, peer_rate, our_rate / peer_rate),
    ]


def show(rows: list[Row]) -> None:
    """Print the rows as a table."""
    table = Table("area", "what", "value", "peer", "ratio", "goal", "ok")
    for row in rows:
        peer_value = f"{row.peer_value:.1f} {row.unit} ({row.peer})" if row.peer_value is not None else ""
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        ok = {True: "yes", False: "no", None: ""}[row.ok]
        table.add_row(
            row.area, row.name, f"{row.value:.1f} {row.unit}", peer_value, ratio, row.goal or "", ok
        )
    console.print(table)


def main(
    *, cold: bool = typer.Option(True, help="Also start from a fresh clone with an empty home.")
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
    console.print(f"Speed: {len(QUESTIONS)} questions, in turns with {PEER}")
    rows += speed()
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
