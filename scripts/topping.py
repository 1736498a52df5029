"""Cook the house topping: train the adapter, taste it on held-out questions, write its card.

    python -m scripts.topping check              # read the lessons, count them
    python -m scripts.topping train              # long on a CPU; stop and go on as you like
    python -m scripts.topping evaluate           # the topping, and the bare base beside it
    python -m scripts.topping card               # demos/server/topping/adapter/README.md and loss.svg
    python -m scripts.topping gguf FILE          # the same adapter, for the browser

Training keeps a checkpoint in the model cache, so a run that is stopped, killed or put to sleep loses little.
The adapter in the repository is replaced only when a training is complete.
"""

import csv
import io
import os
import pathlib
import time
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from demos.server.errors import KitchenError
from demos.server.local import weights
from demos.server.topping import lessons
from demos.server.topping.lessons import Pair
from scripts import topping_card

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Threads that spin while they wait are a little faster alone, and many times slower beside a busy program.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ADAPTER = lessons.FOLDER / "adapter"
app = typer.Typer(help="Cook the house topping.", no_args_is_help=True, add_completion=False)
console = Console()
Threads = Annotated[int, typer.Option(help="CPU threads.", min=1)]
Device = Annotated[str, typer.Option(help="cpu, or cuda where there is one.")]


@app.command()
def check() -> None:
    """Read the lessons of every language and count them."""
    table = Table("language", "kind", "items", "pairs", "held out")
    pairs = _pairs()
    for language in lessons.LANGUAGES:
        for kind in lessons.FEWEST_ASKS:
            rows = [pair for pair in pairs if (pair.language, pair.kind) == (language, kind)]
            held = sum(pair.held_out for pair in rows)
            table.add_row(language, kind, str(len({pair.item for pair in rows})), str(len(rows)), str(held))
    console.print(table)


@app.command()
def train(
    threads: Threads = 2,
    device: Device = "cpu",
    minutes: Annotated[float, typer.Option(help="Stop after so many, to go on later. 0: to the end.")] = 0,
    fresh: Annotated[bool, typer.Option(help="Do not go on from the checkpoint.")] = False,
) -> None:
    """Train the adapter, or go on with a training that was stopped."""
    from demos.server.topping import training  # noqa: PLC0415 - torch takes seconds

    conversations = [pair.turns for pair in _pairs() if not pair.held_out]
    checkpoint = weights.cache_folder() / "house-topping.pt"
    if fresh:
        checkpoint.unlink(missing_ok=True)
    model, tokenizer = _base(threads)
    recipe = training.Recipe()
    adapted = training.add_adapter(model, recipe).to(device)
    steps: list[training.Step] = []
    ends = time.monotonic() + minutes * 60 if minutes else float("inf")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("loss -.---", total=None)

        def report(step: training.Step) -> None:
            steps.append(step)
            told = f"epoch {step.epoch} loss {topping_card.smooth(steps)[-1]:.3f}"
            progress.update(task, description=told, completed=step.number, total=step.of)

        try:
            training.train(
                adapted,
                tokenizer,
                conversations,
                recipe,
                report=report,
                cancelled=lambda: time.monotonic() > ends,
                checkpoint=checkpoint,
            )
        except training.CancelledError:
            console.print(f"Stopped after step {len(steps)}; the same command goes on from there.")
            raise typer.Exit(3) from None
    training.save(adapted, ADAPTER)
    _write_losses(steps)
    checkpoint.unlink(missing_ok=True)
    console.print(f"The adapter is in {ADAPTER}. Now: python -m scripts.topping evaluate")


@app.command()
def evaluate(
    threads: Threads = 2,
    only: Annotated[str, typer.Option(help="topping, bare, or empty for both.")] = "",
    language: Annotated[str, typer.Option(help="en, ko or ja; empty for all.")] = "",
) -> None:
    """Answer the held-out questions with the topping, and with the base as it is served without one."""
    from demos.server.engine import Message  # noqa: PLC0415
    from demos.server.local import prompt  # noqa: PLC0415
    from demos.server.topping import tasting, training, turns  # noqa: PLC0415

    model, tokenizer = _base(threads)
    adapted = training.read_adapter(model, ADAPTER)

    def as_served_bare(pair: Pair) -> list[int]:
        messages = []
        for ask, answer in pair.before:
            messages += [Message("user", ask), Message("assistant", answer)]
        messages.append(Message("user", pair.ask))
        return prompt.build(messages, tokenizer).tokens

    pairs = [pair for pair in _pairs() if pair.held_out and language in ("", pair.language)]
    found = topping_card.read_tasting(ADAPTER)
    for name in ("topping", "bare"):
        if only not in ("", name):
            continue
        with Progress(console=console) as progress:
            task = progress.add_task(name, total=len(pairs))

            def report(done: int) -> None:
                progress.update(task, completed=done)  # noqa: B023 - called before the loop goes on

            if name == "topping":
                verdicts = tasting.taste(
                    pairs,
                    adapted,
                    tokenizer,
                    lambda pair: turns.encode(pair.before, pair.ask, tokenizer),
                    report=report,
                )
            else:
                with adapted.disable_adapter():
                    verdicts = tasting.taste(pairs, adapted, tokenizer, as_served_bare, report=report)
        for code in {verdict.pair.language for verdict in verdicts}:
            found.setdefault(name, {})[code] = [
                {
                    "item": verdict.pair.item,
                    "kind": verdict.pair.kind,
                    "ask": verdict.pair.ask,
                    "answer": verdict.answer,
                    "right": verdict.right,
                }
                for verdict in verdicts
                if verdict.pair.language == code
            ]
    found["adapter"] = weights.sha256(ADAPTER / "adapter_model.safetensors")
    topping_card.write_tasting(ADAPTER, found)
    console.print(topping_card.scores(found))


@app.command()
def card() -> None:
    """Write the model card and the loss curve from what `train` and `evaluate` left."""
    from demos.server.topping import training  # noqa: PLC0415

    topping_card.write(ADAPTER, _pairs(), training.Recipe())
    console.print(f"Written: {ADAPTER / 'README.md'} and {ADAPTER / 'loss.svg'}")


@app.command()
def gguf(target: Annotated[pathlib.Path, typer.Argument(help="The file to write.")]) -> None:
    """Write the adapter as a GGUF file, which llama.cpp and the browser load beside the base model."""
    from demos.server.topping import packet  # noqa: PLC0415

    target.parent.mkdir(parents=True, exist_ok=True)
    console.print(f"{target}: {packet.write(ADAPTER, target):,} bytes")


def _pairs() -> list[Pair]:
    return lessons.read_all()


def _base(threads: int) -> tuple[Any, Any]:
    """The embedded base model in bf16, and its tokenizer."""
    import torch  # noqa: PLC0415
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()
    torch.set_num_threads(threads)
    folder = weights.ensure(weights.cache_folder(), lambda _done, _what: None)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    # Written-out attention: on sequences of 40 tokens it is a tenth faster than the fused kernel.
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.bfloat16, local_files_only=True, attn_implementation="eager"
    )
    return model, tokenizer


def _write_losses(steps: Sequence[Any]) -> None:
    """adapter/loss.csv: a row a step."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", "epoch", "loss", "rate", "tokens"])
    writer.writerows([s.number, s.epoch, f"{s.loss:.4f}", f"{s.rate:.6f}", s.tokens] for s in steps)
    (ADAPTER / "loss.csv").write_text(text.getvalue(), encoding="utf-8")


def main() -> None:
    """Run a command; what a person can mend is said in one sentence."""
    try:
        app()
    except KitchenError as error:
        console.print(str(error))
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
