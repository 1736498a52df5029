"""Stop texts, for servers that write them out before they stop, as `transformers serve` does. Pure."""

from collections.abc import Sequence


class Stops:
    """Cuts a text that comes in pieces before the first stop text."""

    def __init__(self, stop: Sequence[str]) -> None:
        """Begin.

        Args:
            stop: texts that end the answer and are no part of it.
        """
        self._stop = stop
        self._held = ""
        self.met = False

    def push(self, text: str) -> str:
        """Take a piece and give what is certain: no stop text, and no beginning of one."""
        self._held += text
        if found := [place for stop in self._stop if (place := self._held.find(stop)) >= 0]:
            self.met = True
            self._held = self._held[: min(found)]
            return self.finish()
        beginnings = (
            size for stop in self._stop for size in range(1, len(stop)) if self._held.endswith(stop[:size])
        )
        certain = len(self._held) - max(beginnings, default=0)
        given, self._held = self._held[:certain], self._held[certain:]
        return given

    def finish(self) -> str:
        """What was held back, now that nothing follows."""
        given, self._held = self._held, ""
        return given
