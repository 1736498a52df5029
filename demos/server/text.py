"""Token ids in, text out: whole characters only, and never a stop text or the beginning of one.

Knows tokenizers, but no model and no HTTP.
"""

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream

UNDECODABLE = "\ufffd"


class TextStream:
    """Turns the tokens of one answer into text as they come."""

    def __init__(self, tokenizer: Tokenizer, stop: tuple[str, ...], *, trim: bool) -> None:
        """Start an answer.

        Args:
            tokenizer: the model's own.
            stop: texts that end the answer.
            trim: leave out white space at the very start.
        """
        self._tokenizer = tokenizer
        self._decoder = DecodeStream(skip_special_tokens=True)
        self._stop = stop
        self._trim = trim
        self._held = ""
        self.stopped = False

    def push(self, token: int) -> str:
        """Take one token and give the text that is now certain, often ""."""
        if self.stopped:
            return ""
        text = self._decoded(token)
        if self._trim:
            text = text.lstrip()
            self._trim = not text
        self._held += text
        found = [self._held.find(s) for s in self._stop if s in self._held]
        if found:
            self.stopped = True
            text, self._held = self._held[: min(found)], ""
            return text
        certain = len(self._held) - self._undecided()
        text, self._held = self._held[:certain], self._held[certain:]
        return text

    def _decoded(self, token: int) -> str:
        """The text that a token completes, "" while a character is incomplete.

        Emoji and rare syllables come as up to four byte tokens. A model may also draw bytes that are no
        text: they are left out, and where they spoil the characters before them, tokenizers raises.
        """
        try:
            text = self._decoder.step(self._tokenizer, token)
        except Exception:  # noqa: BLE001 - it is a plain Exception
            self._decoder = DecodeStream(skip_special_tokens=True)
            text = self._decoder.step(self._tokenizer, token)
        return (text or "").replace(UNDECODABLE, "")

    def finish(self) -> str:
        """The text that was held back in case a stop text was beginning."""
        text, self._held = self._held, ""
        return text

    def _undecided(self) -> int:
        """How many characters at the end may be the beginning of a stop text."""
        beginnings = (
            size
            for stop in self._stop
            for size in range(1, min(len(stop), len(self._held) + 1))
            if self._held.endswith(stop[:size])
        )
        return max(beginnings, default=0)
