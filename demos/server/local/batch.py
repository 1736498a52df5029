"""What stands between scheduling and a model's arithmetic: sequences that move on together, a token a step.

A batch knows tensors and token ids. It knows nothing of orders, text, sampling, clocks or HTTP, and it is
used from one thread only.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from demos.server.local.prompt import Prompt


class Batch(Protocol):
    """The sequences that are being continued, each one a row, in the order in which they joined."""

    def __len__(self) -> int:
        """Rows that are being continued."""

    def join(self, prompt: Prompt, adapter: str | None) -> Iterator[Any]:
        """Read a prompt, a chunk at each `next`, so that others can go on and a leaver is noticed meanwhile.

        Several prompts may be read in turns; each becomes a row when its last chunk is read.

        Args:
            prompt: at least one token.
            adapter: the name of a LoRA adapter; None for the base model.

        Yields:
            First, where there are any, how many tokens were read for an earlier prompt and are not read
            again (an int); None after each chunk but the last; then the logits of the next token, a float32
            tensor [vocab], and from then on the prompt is the last row. A caller that stops before leaves
            no trace.
        """

    def step(self, tokens: Sequence[int]) -> Any:
        """Give each row its next token, and get the logits after it: a float32 tensor [rows, vocab]."""

    def drop(self, row: int) -> None:
        """End a row; the rows behind it move up."""
