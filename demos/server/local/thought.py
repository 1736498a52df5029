"""Which tokens a model thinks and which it says: Gemma 4 puts its thought between two marks.

    <|channel>thought
    The reader asks ...<channel|>The answer.

Larger models put an empty thought before an answer even when they were asked not to think: that is nothing
to show. Knows tokens and tokenizers, but no model, no order and no HTTP.
"""

from tokenizers import Tokenizer

from demos.server.local.text import TextStream

OPENING, CLOSING = "<|channel>", "<channel|>"
NAME_END = "\n"
"""What ends the channel's name, which stands between the mark and the thought."""


class Voice:
    """Turns the tokens of one answer into what is said and what is thought, as they come."""

    def __init__(self, tokenizer: Tokenizer, stop: tuple[str, ...], *, trim: bool) -> None:
        """Start an answer.

        Args:
            tokenizer: the model's own; one without the marks only ever says.
            stop: texts that end what is said; a thought may contain them.
            trim: leave out white space at the start of what is said.
        """
        self._tokenizer = tokenizer
        self._opening, self._closing = (tokenizer.token_to_id(mark) for mark in (OPENING, CLOSING))
        self._said = TextStream(tokenizer, stop, trim=trim)
        self._thought: TextStream | None = None
        self._head: str | None = None
        self.thought_tokens = 0

    @property
    def stopped(self) -> bool:
        """Whether a stop text was said."""
        return self._said.stopped

    @property
    def withheld(self) -> int:
        """How many of the tokens that came last are not wholly in what was given."""
        return (self._thought or self._said).withheld

    def push(self, token: int) -> tuple[str, str]:
        """Take one token and give what is now certainly said and certainly thought, often two times ""."""
        if self._thought is None and token != self._opening:
            return self._said.push(token), ""
        self.thought_tokens += 1
        if self._thought is None:
            self._thought, self._head = TextStream(self._tokenizer, (), trim=False), ""
        elif token == self._closing:
            self._thought = None
        else:
            return "", self._without_head(self._thought.push(token))
        return "", ""

    def finish(self) -> str:
        """What was held back in case a stop text was beginning."""
        return self._said.finish()

    def _without_head(self, text: str) -> str:
        """The next piece of a thought without the channel's name and the white space after it."""
        if self._head is None:
            return text
        self._head += text
        _name, _end, rest = self._head.partition(NAME_END)
        if rest := rest.lstrip():
            self._head = None
        return rest
