"""One training as the server sees it: a process of its own, what it tells, and what became of it.

The process can be ended at any moment, and is when the server goes. An adapter is kept only if the process
said that it is done and the engine took it. Knows no HTTP.
"""

import json
import logging
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from demos.server.errors import KitchenError, NoRoomError

LOG = logging.getLogger(__name__)
ROOT = pathlib.Path(__file__).parents[3]
"""Where Python finds this package, wherever the server was started."""
COMMAND = (sys.executable, "-m", "demos.server.topping.process")
State = Literal["loading", "training", "done", "cancelled", "failed"]
SECRET = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS|PROXY)$", re.IGNORECASE)
"""Variables that a training has no use for: it asks nobody."""
RECENT = 8
"""Steps by which the time that is left is reckoned."""


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes:
        step: steps done.
        of: steps in all.
        losses: of the steps done, in nats.
        seconds_left: None before two steps are done.
        reason: one sentence on why it failed, `code` with it.
    """

    name: str
    state: State
    step: int
    of: int
    losses: tuple[float, ...]
    seconds_left: float | None
    reason: str | None
    code: str | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {"done", "cancelled", "failed"}


def failure(end: str, name: str) -> KitchenError:
    """Why there is no adapter, by how the process ended."""
    match end:
        case "out_of_memory":
            return NoRoomError(
                f"There was not enough memory to train '{name}', so nothing was kept: close other programs "
                "or take shorter examples, and train it again.",
                code="not_enough_memory",
            )
        case "disk_full":
            return NoRoomError(
                f"The disk is full, so '{name}' could not be kept: make room and train it again.",
                code="disk_full",
            )
        case "killed":
            return KitchenError(
                f"The training of '{name}' was ended from outside, most likely for want of memory, so "
                "nothing was kept: close other programs and train it again.",
                code="training_killed",
            )
    return KitchenError(
        f"The training of '{name}' stopped with an error that is in the server's log; nothing was kept.",
        code="training_failed",
    )


class Course:
    """A training from its start to its end."""

    def __init__(
        self,
        name: str,
        steps: int,
        order: dict[str, Any],
        keep: Callable[[tuple[float, ...]], None],
        ended: Callable[[], None],
        *,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        """Prepare a training.

        Args:
            name: of the topping.
            steps: how many it takes.
            order: what the process reads: see `demos.server.topping.process`.
            keep: takes the adapter that was written, with the losses of the steps.
            ended: called last, however it ended: nobody hears of the end before.
            command: starts the process.
        """
        self.name = name
        self._order = order
        self._keep, self._ended = keep, ended
        self._command = command
        self._steps = steps
        self._losses: list[float] = []
        self._times: list[float] = []
        self._state: State = "loading"
        self._reason: str | None = None
        self._code: str | None = None
        self._cancelled = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, name="training", daemon=True)

    def start(self) -> None:
        """Begin, in the background.

        Raises:
            OSError: no process can be started.
        """
        # Threads that spin while they wait would take the kitchen's cores. Nothing is downloaded.
        known = {name: value for name, value in os.environ.items() if not SECRET.search(name)}
        surroundings = {**known, "OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1"}
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env=surroundings,
            cwd=ROOT,
        )
        self._thread.start()

    def cancel(self) -> None:
        """End it within a moment. Safe from any thread and at any time."""
        self._cancelled.set()
        if self._process:
            self._process.kill()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until all is put away; False when it still runs."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def progress(self) -> Progress:
        """How far it is."""
        state = self._state  # before the steps: who hears of an end has all of them
        losses = tuple(self._losses)
        return Progress(
            self.name,
            state,
            len(losses),
            self._steps,
            losses,
            self._seconds_left(len(losses)),
            self._reason,
            self._code,
        )

    def _seconds_left(self, done: int) -> float | None:
        times = self._times[max(0, done - 1 - RECENT) : done]
        if len(times) < 2 or self._state != "training":  # noqa: PLR2004
            return None
        each = (times[-1] - times[0]) / (len(times) - 1)
        return max(0.0, each * (self._steps - done) - (time.monotonic() - times[-1]))

    def _run(self) -> None:
        end: State = "failed"
        try:
            end = self._learn()
        except OSError:
            self._fail(failure("disk_full", self.name))
        except Exception as error:
            LOG.warning("a topping was not kept", exc_info=error)
            self._fail(failure("training_failed", self.name))
        finally:
            # Whoever hears of the end may begin the next training at once.
            try:
                self._ended()
            finally:
                self._state = end

    def _learn(self) -> State:
        """Train to the end, and keep what came of it; how it ended."""
        end = self._follow()
        if self._cancelled.is_set():
            return "cancelled"
        if end != "done":
            self._fail(failure(end, self.name))
            return "failed"
        self._keep(tuple(self._losses))
        return "done"

    def _fail(self, problem: KitchenError) -> None:
        self._reason, self._code = str(problem), problem.code

    def _follow(self) -> str:
        """Give the process its order and hear it to its end; how it ended, by `ENDS` or "done"."""
        assert self._process and self._process.stdin and self._process.stdout  # noqa: S101, PT018
        end = "killed"
        with self._process as process:
            try:
                self._process.stdin.write(json.dumps(self._order) + "\n")
                self._process.stdin.flush()
                for line in self._process.stdout:
                    told = json.loads(line)
                    if "loss" in told:
                        self._times.append(time.monotonic())
                        self._losses.append(round(told["loss"], 4))
                        self._state = "training"
                    else:
                        end = told.pop("end")
                        if end != "done":
                            LOG.warning("a training ended: %s", end, extra={"fields": told})
                        break
            except (BrokenPipeError, ValueError):  # it died while it read, or in the middle of a line
                process.kill()
        return end
