"""What was read of earlier prompts, kept so that the next turn of a chat is not read from its beginning.

A prompt is kept in chunks with fixed borders, each under the tokens from the very start to its end: what a
chunk holds depends on nothing else, so an answer is bit by bit the same with and without reuse. Chunks that
were not asked for longest go first. Knows tensors only by their size.
"""

from collections import OrderedDict
from collections.abc import Hashable, Sequence

import torch

Chunk = tuple[torch.Tensor, ...]
"""What all layers keep of `size` tokens, as its batch arranges it."""


class Prefixes:
    """Chunks of prompts, by what stands before and in them."""

    def __init__(self, size: int, most_bytes: int) -> None:
        """Begin empty.

        Args:
            size: tokens of a chunk.
            most_bytes: memory for all chunks.
        """
        self._size = size
        self._most_bytes = most_bytes
        self._bytes = 0
        self._chunks: OrderedDict[tuple[Hashable, tuple[int, ...]], Chunk] = OrderedDict()

    def find(self, adapter: Hashable, tokens: Sequence[int]) -> list[Chunk]:
        """The chunks with which these tokens begin; at least one token is left to be read."""
        found: list[Chunk] = []
        while (end := (len(found) + 1) * self._size) < len(tokens):
            key = (adapter, tuple(tokens[:end]))
            if key not in self._chunks:
                break
            found.append(self._chunks[key])
        for count in range(len(found), 0, -1):  # the first chunk last: without it the others are of no use
            self._chunks.move_to_end((adapter, tuple(tokens[: count * self._size])))
        return found

    def keep(self, adapter: Hashable, tokens: Sequence[int], chunk: Chunk) -> None:
        """Keep the last chunk of tokens that were read from the start.

        Args:
            adapter: what the numbers depend on besides the tokens.
            tokens: from the very start to the chunk's end, a multiple of `size`.
            chunk: copies, not views of something larger.
        """
        key = (adapter, tuple(tokens))
        if key in self._chunks:
            return
        self._chunks[key] = chunk
        self._bytes += _bytes(chunk)
        while self._bytes > self._most_bytes:
            _, dropped = self._chunks.popitem(last=False)
            self._bytes -= _bytes(dropped)


def _bytes(chunk: Chunk) -> int:
    return sum(tensor.nbytes for tensor in chunk)
