"""What engines have in common whose model runs elsewhere: a card, and orders under way that have an end.

Knows no API and no thread; `gemini` and `upstream` bring theirs, and their own kind of job.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from demos.server.engine import Hardware, ModelCard
from demos.server.errors import BusyError, NotReadyError

CLOSING = "The server is closing, so the answer ends here."
J = TypeVar("J")


class Distant(Generic[J]):
    """The part of an `Engine` that counts its orders."""

    def __init__(self, card: ModelCard, most: int, closed: str) -> None:
        """Put a model on the menu.

        Args:
            card: the model, and the host that cooks it.
            most: orders that may be under way.
            closed: the sentence for one that comes too late.
        """
        self._card = card
        self._most = most
        self._closed_words = closed
        self._jobs: set[J] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._tokens_generated = 0
        self.sent_bytes = 0
        """Of the requests that have left this machine since the start, without their headers."""

    @property
    def card(self) -> ModelCard:
        """The model, and the host that cooks it."""
        return self._card

    @property
    def hardware(self) -> Hardware | None:
        """None: what it runs on is not told."""
        return None

    @property
    def tokens_generated(self) -> int:
        """Tokens that were reported since the start, or the pieces that came where none were."""
        return self._tokens_generated

    @contextmanager
    def _admitted(self, job: J) -> Iterator[None]:
        """Begin a job within: whoever closes the engine meanwhile finds it begun.

        Raises:
            NotReadyError: the engine is closed.
            BusyError: too many are under way.
        """
        with self._lock:
            if self._closed:
                raise NotReadyError(self._closed_words, code="closed")
            if len(self._jobs) >= self._most:
                message = (
                    f"{self._most} orders for {self._card.name} are under way already: try again in a moment."
                )
                raise BusyError(message)
            self._jobs.add(job)
            yield

    def _forget(self, job: J) -> None:
        """A job has come to its end."""
        with self._lock:
            self._jobs.discard(job)

    def _ended(self) -> list[J] | None:
        """Take no more orders; the jobs under way, or None when that was said before."""
        with self._lock:
            if self._closed:
                return None
            self._closed = True
            return list(self._jobs)
