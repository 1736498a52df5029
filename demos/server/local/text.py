"""Token ids in, text out: whole characters only, and never a stop text or the beginning of one.

Knows tokenizers, but no model and no HTTP.
"""

import functools
import re
from collections import deque

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream
from tokenizers.pre_tokenizers import ByteLevel

UNDECODABLE = "\ufffd"
BYTE = re.compile("<0x([0-9A-F]{2})>")


def piece(tokenizer: Tokenizer, token: int) -> tuple[str, bytes]:
    """One token as a text, with a mark for what is half a character, and as the bytes that it stands for.

    A token that stands for no text, as the end of an answer does, gives its name.
    """
    name = tokenizer.id_to_token(token) or ""
    if match := BYTE.fullmatch(name):
        data = bytes([int(match[1], 16)])
        return data.decode(errors="replace"), data
    text = tokenizer.decode([token], skip_special_tokens=False)
    if UNDECODABLE in text and set(name) <= byte_characters().keys():
        return text, bytes(byte_characters()[character] for character in name)
    if name.startswith("▁") and not text.startswith(" "):  # left out at the start of a text
        text = " " + text
    return text, text.encode()


@functools.cache
def byte_characters() -> dict[str, int]:
    """The characters by which byte-level tokenizers write bytes: printable ones as they are, others moved."""
    alphabet = sorted(ByteLevel.alphabet())
    own = [ord(character) for character in alphabet if ord(character) < 256]  # noqa: PLR2004
    moved = [byte for byte in range(256) if byte not in own]
    return dict(zip(alphabet, own + moved, strict=True))


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
        self._given = self._known = self._silent = 0
        self._ends: deque[int] = deque()
        self.stopped = False

    @property
    def withheld(self) -> int:
        """How many of the tokens that came last are not wholly in the text that was given."""
        return len(self._ends) + self._silent

    def push(self, token: int) -> str:
        """Take one token and give the text that is now certain, often ""."""
        text = self._pushed(token)
        self._given += len(text)
        while self._ends and self._ends[0] <= self._given:
            self._ends.popleft()
        return text

    def _pushed(self, token: int) -> str:
        self._silent += 1
        if self.stopped:
            return ""
        text = self._decoded(token)
        if self._trim:
            text = text.lstrip()
            self._trim = not text
        if text:  # half characters before it end where it ends
            self._known += len(text)
            self._ends.extend([self._known] * self._silent)
            self._silent = 0
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
