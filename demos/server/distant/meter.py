"""Counts and times one answer that comes from elsewhere, by what the other side reports.

Knows no API. The first piece, thought or said, is the first token of `Timings`; but a piece is often many
tokens. So the rate counts the tokens that came after the first piece, over the time after it.
"""

import math
import time
from collections.abc import Callable

from demos.server.distant.hosted import Usage
from demos.server.engine import Timings

FASTEST = 2000
"""Tokens a second that no hosted model writes, for what may have been written since the last report."""


class Meter:
    """One answer, from the order on."""

    def __init__(self, submitted: float, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin.

        Args:
            submitted: when the order came, by the clock.
            clock: seconds.
        """
        self._clock = clock
        self._submitted = self._sent = self._last = self._heard = submitted
        self._first: float | None = None
        self._first_tokens = 0
        self._billable = False
        self.usage: Usage | None = None

    @property
    def begun(self) -> bool:
        """Whether anything has come."""
        return self._first is not None or self.usage is not None

    @property
    def answered(self) -> int:
        """Tokens of the answer so far, as far as they were reported."""
        return self.usage.answer if self.usage else 0

    def send(self) -> None:
        """The request leaves now, and may cost something from here on."""
        self._sent = self._heard = self._clock()
        self._billable = True

    def refused(self) -> None:
        """The request was answered with an error: Google does not bill such a one."""
        self._billable = self.begun

    def take(self, usage: Usage | None, *, piece: bool) -> int:
        """Something came.

        Args:
            usage: the tokens so far, None where this event does not say.
            piece: whether it carries text or thoughts.

        Returns:
            How many tokens were written since the last report.
        """
        now = self._clock()
        more = 0
        if usage is not None:
            more = max(0, usage.output - (self.usage.output if self.usage else 0))
            self.usage, self._heard = usage, now
        if piece:
            self._last = now
            if self._first is None:
                self._first, self._first_tokens = now, self.usage.output if self.usage else 0
        return more

    def timings(self) -> Timings:
        """The answer's figures in llama.cpp's names."""
        usage = self.usage or Usage()
        first = self._clock() if self._first is None else self._first
        decoding = max(0.0, self._last - first)
        after_first = usage.output - self._first_tokens
        return Timings(
            prompt_n=usage.prompt,
            prompt_ms=(first - self._sent) * 1000,
            predicted_n=usage.output,
            predicted_ms=decoding * 1000,
            predicted_per_second=after_first / decoding if after_first > 0 and decoding > 0 else None,
            ttft_ms=(first - self._submitted) * 1000,
        )

    def unreported(self, worst: Usage) -> Usage:
        """The most that may have been used beyond `usage` when an answer ends here.

        Args:
            worst: the most that it could use at all.
        """
        if not self._billable:
            return Usage()
        reported = self.usage or Usage()
        written = math.ceil((self._clock() - self._heard) * FASTEST)
        return Usage(
            prompt=0 if self.usage else worst.prompt,
            answer=max(0, min(written, worst.output - reported.output)),
        )
