"""Orders that are answered together: one batch, the prompts that are being read for it, and its rows.

A turn reads one chunk of one prompt and then gives every row a token, so that a long prompt holds up nobody
for long and whoever leaves is noticed within a chunk or a token. What goes wrong with one order ends that
order. Knows jobs, answers and samplers, but no queue, no threads and no HTTP; used from one thread.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from demos.server.engine import Failed
from demos.server.errors import UnknownAdapterError
from demos.server.local.answer import Answer, Chance, Job
from demos.server.local.batch import Batch

LOG = logging.getLogger(__name__)
BROKEN = Failed(
    "The model stopped with an error that is in the server's log; the next question starts afresh.",
    500,
    "answer_broken",
)


class Sampler(Protocol):
    """Draws the tokens of one answer: `demos.server.local.sampling.Sampler`."""

    def draw(self, logits: Any) -> int:
        """The next token, from raw logits, float32 [vocab]."""


@dataclass(eq=False)
class Place:
    """One order at the table.

    Attributes:
        reading: its prompt, chunk by chunk.
        unread: tokens of the prompt that are left, roughly.
        token: the one that was drawn last.
    """

    job: Job
    answer: Answer
    sampler: Sampler
    reading: Iterator[Any]
    unread: int
    token: int = 0


class Table:
    """One batch and those whom it serves."""

    def __init__(
        self,
        make: Callable[[], Batch],
        sit: Callable[[Job], tuple[Answer, Sampler]],
        chance: Callable[[Any, int, int], Chance],
        count: Callable[[], None],
    ) -> None:
        """Lay a table.

        Args:
            make: makes an empty batch; again after one that broke.
            sit: begins the answer to a job.
            chance: of a token of some logits, beside those of so many likeliest ones.
            count: hears of every token that is drawn.
        """
        self._make, self._sit, self._chance, self._count = make, sit, chance, count
        self._batch = make()
        self._reading: list[Place] = []
        self._rows: list[Place] = []
        self._turns = 0

    def __len__(self) -> int:
        """Orders at the table."""
        return len(self._reading) + len(self._rows)

    def add(self, job: Job) -> None:
        """Take one more order; if it cannot even begin, its listener hears so."""
        try:
            answer, sampler = self._sit(job)
            reading = self._batch.join(job.prompt, job.adapter)
        except Exception:  # noqa: BLE001 - logged there
            _broken(job)
        else:
            self._reading.append(Place(job, answer, sampler, reading, len(job.prompt.tokens)))

    def turn(self) -> None:
        """Read one chunk of a prompt, then give each row a token."""
        for place in [*self._reading, *self._rows]:
            if place.job.cancelled.is_set():
                self._leave(place)
        if self._reading:
            self._turns += 1
            # The shortest first, so that a short one is not kept waiting; the oldest in every other turn, so
            # that a long one is not either.
            key = (lambda place: place.unread) if self._turns % 2 else (lambda _place: 0)
            self._read(min(self._reading, key=key))
        if self._rows:
            self._step()

    def end(self, reason: Failed) -> None:
        """Break every answer off with a reason. The table is not used afterwards."""
        ended = [*self._reading, *self._rows]
        self._reading, self._rows = [], []
        for place in ended:
            tell(place.job, reason)

    def _read(self, place: Place) -> None:
        """Read on; the last chunk makes it a row and gives its first token."""
        try:
            read = next(place.reading)
            if isinstance(read, int):
                place.answer.cached_tokens = read
                place.unread -= read
                read = next(place.reading)
        except UnknownAdapterError as error:  # it was deleted while the order waited
            self._reading.remove(place)
            tell(place.job, Failed(str(error), 404, "adapter_not_found"))
            return
        except Exception:  # noqa: BLE001 - logged there
            self._reading.remove(place)
            _broken(place.job)
            return
        if read is None:
            place.unread -= 1
            return
        self._reading.remove(place)
        self._rows.append(place)
        self._draw(place, read)

    def _step(self) -> None:
        try:
            logits = self._batch.step([place.token for place in self._rows])
        except Exception:
            LOG.exception("a step of %d rows failed", len(self._rows))
            self._lay_again()
            return
        for place, row in zip(list(self._rows), logits, strict=True):
            if place in self._rows:  # unless the batch broke as another one left
                self._draw(place, row)

    def _lay_again(self) -> None:
        """Take a new batch for one that broke: its rows end, and whose prompt is being read begins again."""
        self._batch = self._make()
        broken, self._rows = self._rows, []
        reading, self._reading = self._reading, []
        for place in broken:
            tell(place.job, BROKEN)
        for place in reading:  # what they had read belongs to the batch that broke
            self.add(place.job)

    def _draw(self, place: Place, logits: Any) -> None:
        """Draw a row's next token, and end the row if it is the last one."""
        try:
            place.token = place.sampler.draw(logits)
            self._count()
            most = place.job.order.top_logprobs
            chance = None if most is None else self._chance(logits, place.token, most)
            place.answer.take(place.token, chance)
            if not place.answer.over:
                return
            self._leave(place)
            if not place.job.cancelled.is_set():
                place.answer.finish()
        except Exception:  # noqa: BLE001 - logged there
            _broken(place.job)
            self._leave(place)

    def _leave(self, place: Place) -> None:
        """Take an order from the table, if it is still there."""
        if place in self._reading:
            self._reading.remove(place)
            with contextlib.suppress(Exception):
                getattr(place.reading, "close", lambda: None)()
        elif place in self._rows:
            row = self._rows.index(place)
            del self._rows[row]
            try:
                self._batch.drop(row)
            except Exception:
                LOG.exception("taking one of %d rows away failed", len(self._rows) + 1)
                self._lay_again()


def _broken(job: Job) -> None:
    """Log the exception that is being handled, and tell the one whom it hit."""
    LOG.error("generating an answer failed", exc_info=True)  # noqa: LOG014 - called in handlers
    tell(job, BROKEN)


def tell(job: Job, reason: Failed) -> None:
    """Say that an answer breaks off; a listener that fails, too, has nobody to tell."""
    if not job.cancelled.is_set():
        with contextlib.suppress(Exception):
            job.listener(reason)
