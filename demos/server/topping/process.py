"""The process that trains a topping, so that a training can be ended at any moment and slows down no answer.

    python -m demos.server.topping.process

Reads one JSON object, a line of standard input: base, target, origin, recipe, pairs. Writes JSON objects, one
a line: {"number", "of", "loss"} for every step, then {"end": "done"} or why there is no adapter. Ends when
standard input does, because then the server that wanted the topping is gone. Says nothing of what it was
given: no message of an error, which may quote it.
"""

import errno
import json
import os
import pathlib
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, TextIO

Tell = Callable[[dict[str, Any]], None]

OUT_OF_MEMORY = "out_of_memory"
DISK_FULL = "disk_full"
FAILED = "training_failed"


def learn(order: dict[str, Any], tell: Tell) -> None:
    """Train an adapter as the order says, and write it into its target folder.

    Raises:
        OSError: the base cannot be read or the target cannot be written.
        MemoryError, RuntimeError: what torch says when there is no memory, and otherwise.
    """
    import torch  # noqa: PLC0415 - torch takes seconds, and standard input is watched before
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    from demos.server.topping import training  # noqa: PLC0415

    logging.disable_progress_bar()
    torch.set_num_threads(order["threads"])
    tokenizer = AutoTokenizer.from_pretrained(order["base"], local_files_only=True)
    # Written-out attention: on sequences of 40 tokens it is a tenth faster than the fused kernel.
    model = AutoModelForCausalLM.from_pretrained(
        order["base"], dtype="auto", local_files_only=True, attn_implementation="eager"
    )
    recipe = training.Recipe(**order["recipe"])
    adapted = training.add_adapter(model, recipe)
    training.train(
        adapted,
        tokenizer,
        [((question, answer),) for question, answer in order["pairs"]],
        recipe,
        report=lambda step: tell({"number": step.number, "of": step.of, "loss": step.loss}),
    )
    training.save(adapted, pathlib.Path(order["target"]), order["origin"])


def end_of(error: BaseException) -> dict[str, Any]:
    """Why there is no adapter: a code, and for the log the kind of error and the lines it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    code = FAILED
    if isinstance(error, MemoryError) or "not enough memory" in str(error) or "bad_alloc" in str(error):
        code = OUT_OF_MEMORY
    elif isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        code = DISK_FULL
    stack = [f"{pathlib.Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return {"end": code, "error": type(error).__name__, "stack": stack}


def run(order: dict[str, Any], output: TextIO) -> None:
    """Train, and write down how it went."""

    def tell(line: dict[str, Any]) -> None:
        output.write(json.dumps(line) + "\n")
        output.flush()

    try:
        learn(order, tell)
    except Exception as error:  # noqa: BLE001 - whatever it was, the server is told
        tell(end_of(error))
    else:
        tell({"end": "done"})


def main() -> None:
    """Read the order, and train in the time that nobody else wants."""
    import psutil  # noqa: PLC0415

    if sys.platform == "win32":
        psutil.Process().nice(psutil.IDLE_PRIORITY_CLASS)
    else:
        psutil.Process().nice(19)
    order = json.loads(sys.stdin.readline())

    def watch() -> None:
        sys.stdin.read()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    # What libraries print goes elsewhere: standard output is for the server.
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    run(order, output)
    os._exit(0)  # at once: a thread that still reads would make Python's own way out abort


if __name__ == "__main__":
    main()
