"""One answer while it is being generated: its text, its odds, its clock and the reason it ends.

Knows tokens and the listener, but neither torch nor HTTP. The engine gives it every token as it is drawn.
"""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from tokenizers import Tokenizer

from demos.server.engine import Counts, Delta, Done, Listener, Odds, Order, Timings
from demos.server.local.prompt import Prompt
from demos.server.local.text import piece
from demos.server.local.thought import Voice


class Chance(Protocol):
    """How likely a drawn token was, and the likeliest ones: natural logarithms."""

    @property
    def logprob(self) -> float:
        """The drawn one's."""

    @property
    def others(self) -> tuple[tuple[int, float], ...]:
        """The likeliest tokens and theirs, the likeliest first."""


@dataclass
class Job:
    """An order on its way through the queue: the `Ticket` that `Engine.submit` gives.

    Attributes:
        adapter: the name of the adapter to answer with, None for the base model.
    """

    order: Order
    prompt: Prompt
    listener: Listener
    submitted: float
    adapter: str | None = None
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
        self._tokenizer = tokenizer
        self._voice = Voice(tokenizer, (*job.order.stop, *job.prompt.stop), trim=job.prompt.trim)
        self._ends = ends
        self._clock = clock
        self._started = self._last = clock()
        self._first: float | None = None
        self._odds: list[Odds] = []
        self._asked = () if job.order.top_logprobs is None else tuple(job.prompt.tokens)
        self.count = 0
        self.cached_tokens = 0
        self.complete = False

    @property
    def over(self) -> bool:
        """Whether no token may follow."""
        return self.complete or self.count >= self._job.order.max_tokens

    def take(self, token: int, chance: Chance | None = None) -> None:
        """Take the next token, and its chance where the order asks for odds."""
        self._last = self._clock()
        if self._first is None:
            self._first = self._last
        self.count += 1
        if chance:
            others = tuple(self._named(*other) for other in chance.others)
            self._odds.append(self._named(token, chance.logprob, others))
        said, thought = self._voice.push(token)
        self.complete = self._voice.stopped or token in self._ends
        if said or thought:
            self._tell(said, thought, len(self._odds) - self._voice.withheld)

    def finish(self) -> None:
        """Say that no token follows, and the odds of those whose text was not shown: an end, a stop text."""
        said = self._voice.finish()
        if said or self._odds:
            self._tell(said, "", len(self._odds))
        done = Done(
            "stop" if self.complete else "length",
            self._timings(),
            cached_tokens=self.cached_tokens,
            thought_tokens=self._voice.thought_tokens,
        )
        self._job.listener(done)

    def _tell(self, said: str, thought: str, told: int) -> None:
        told = max(0, told)
        odds, self._odds = tuple(self._odds[:told]), self._odds[told:]
        if not self._job.cancelled.is_set():
            prompt = len(self._job.prompt.tokens)
            counts = Counts(prompt, self.count, self.cached_tokens, self._voice.thought_tokens)
            asked, self._asked = self._asked, ()
            self._job.listener(Delta(said, thought, odds, counts, asked))

    def _named(self, token: int, logprob: float, others: tuple[Odds, ...] = ()) -> Odds:
        text, data = piece(self._tokenizer, token)
        return Odds(text, data, logprob, others, token)

    def _timings(self) -> Timings:
        first = self._started if self._first is None else self._first
        decoding = self._last - first
        return Timings(
            prompt_n=len(self._job.prompt.tokens),
            prompt_ms=round(1000 * (first - self._started), 3),
            predicted_n=self.count,
            predicted_ms=round(1000 * decoding, 3),
            predicted_per_second=round((self.count - 1) / decoding, 3) if self.count > 1 else None,
            ttft_ms=round(1000 * (first - self._job.submitted), 3),
        )
