"""One answer while it is being generated: its text, its clock and the reason it ends.

Knows tokens and the listener, but neither torch nor HTTP. The engine gives it every token as it is drawn.
"""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from tokenizers import Tokenizer

from demos.server.engine import Delta, Done, Listener, Order, Timings
from demos.server.prompt import Prompt
from demos.server.text import TextStream


@dataclass
class Job:
    """An order on its way through the queue: the `Ticket` that `Engine.submit` gives."""

    order: Order
    prompt: Prompt
    listener: Listener
    submitted: float
    cancelled: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Stop within a token."""
        self.cancelled.set()


class Answer:
    """Collects the tokens of one job and tells its listener."""

    def __init__(
        self,
        job: Job,
        tokenizer: Tokenizer,
        ends: Collection[int],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Begin an answer, and its clock.

        Args:
            job: what is being answered.
            tokenizer: the model's own.
            ends: token ids that end an answer.
            clock: seconds, as `job.submitted` was taken.
        """
        self._job = job
        self._text = TextStream(tokenizer, (*job.order.stop, *job.prompt.stop), trim=job.prompt.trim)
        self._ends = ends
        self._clock = clock
        self._started = self._last = clock()
        self._first: float | None = None
        self._count = 0
        self.complete = False

    def take(self, token: int) -> None:
        """Take the next token."""
        self._last = self._clock()
        if self._first is None:
            self._first = self._last
        self._count += 1
        self._tell(self._text.push(token))
        self.complete = self._text.stopped or token in self._ends

    def finish(self) -> None:
        """Say that no token follows."""
        self._tell(self._text.finish())
        self._job.listener(Done("stop" if self.complete else "length", self._timings()))

    def _tell(self, text: str) -> None:
        if text and not self._job.cancelled.is_set():
            self._job.listener(Delta(text))

    def _timings(self) -> Timings:
        first = self._started if self._first is None else self._first
        decoding = self._last - first
        return Timings(
            prompt_n=len(self._job.prompt.tokens),
            prompt_ms=round(1000 * (first - self._started), 3),
            predicted_n=self._count,
            predicted_ms=round(1000 * decoding, 3),
            predicted_per_second=round((self._count - 1) / decoding, 3) if self._count > 1 else None,
            ttft_ms=round(1000 * (first - self._job.submitted), 3),
        )
