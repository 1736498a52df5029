"""How many threads the model computes with, as the rest of the machine leaves cores idle.

Threads meet hundreds of times in each token, so one that has to wait for its core stops them all: beside one
busy program on two cores, two threads are several times slower than one; on an idle machine they are half
as fast again. Which of the two it is changes while a person uses a browser, so it is looked at all the time.

Knows the machine and torch's number of threads, and nothing of models.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

MOST = 8
"""More do not help a small model: each step is hundreds of matrices that take microseconds."""
INTERVAL_S = 0.25
"""How often the machine is looked at: a few steps of the model."""
QUIET = 0.25
"""How many cores the others may use together before one is left to them."""


@dataclass(frozen=True)
class Usage:
    """Seconds of processor time since some moment: of everybody, and of this process. And the clock."""

    everybody: float
    ours: float
    clock: float


def cores() -> int:
    """Physical cores that this process may use."""
    return min(len(allowed()), psutil.cpu_count(logical=False) or len(allowed()))


def allowed() -> list[int]:
    """Numbers of the logical processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def usage() -> Usage:
    """What the processors that we may use have done so far."""
    times = psutil.cpu_times(percpu=True)
    ours = [times[number] for number in allowed() if number < len(times)]
    busy = sum(sum(each) - each.idle - getattr(each, "iowait", 0.0) for each in ours)
    # Linux counts what guests use twice.
    busy -= sum(getattr(each, "guest", 0.0) + getattr(each, "guest_nice", 0.0) for each in ours)
    return Usage(busy, time.process_time(), time.perf_counter())


class Threads:
    """Chooses between one thread and `most`."""

    def __init__(
        self, most: int, set_threads: Callable[[int], None], look: Callable[[], Usage] = usage
    ) -> None:
        """Begin with one, until it is known what the others do.

        Args:
            most: threads on an idle machine.
            set_threads: `torch.set_num_threads`; called in the thread that calls `adjust`.
            look: reads the machine's counters.
        """
        self._most, self._set, self._look = most, set_threads, look
        self._last = look()
        self.now = 1
        set_threads(1)

    def adjust(self, *, one: bool = False) -> None:
        """Look at the machine if it is time to, and use the cores that the others leave idle.

        Args:
            one: take one thread in any case: numbers are asked for that depend on no one else's load.
        """
        if one:
            self._take(1)
            return
        if self._most == 1 or time.perf_counter() - self._last.clock < INTERVAL_S:
            return
        seen, self._last = self._last, self._look()
        passed = self._last.clock - seen.clock
        others = (self._last.everybody - seen.everybody - (self._last.ours - seen.ours)) / passed
        taken = 0 if others < QUIET else int(others + 1 - QUIET)
        free = max(1, min(self._most, cores() - taken))
        # A power of two: on others a GELU changes their number to round alike (`gemma3`); that takes time.
        self._take(1 << (free.bit_length() - 1))

    def _take(self, wanted: int) -> None:
        if wanted != self.now:
            self.now = wanted
            self._set(wanted)
