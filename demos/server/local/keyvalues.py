"""The keys and values of one sequence, and attention within it. Knows tensors, but no weights and no text."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch.nn import functional

ROOM = 256
"""Tokens by which the room grows at least."""

FEW = 16
"""Rows of a float product up to which MKL, on several threads, adds up one and the same sum in parts: it then
rounds by how many threads there are. From more rows on it gives each thread rows of its own."""


class InThreads:
    """While this lasts torch computes in so many threads; setting their number takes 0.3 microseconds."""

    def __init__(self, count: int) -> None:
        """Say how many."""
        self._count, self._before = count, torch.get_num_threads()

    def __enter__(self) -> None:
        """Let there be so many."""
        torch.set_num_threads(self._count)

    def __exit__(self, *_: object) -> None:
        """Let there be as many as before."""
        torch.set_num_threads(self._before)


def steady(rows: int) -> AbstractContextManager[None]:
    """While this lasts a float product of so many rows is bit by bit the same on any number of threads.

    For few rows one thread is the quicker one, too: 15 microseconds for a step's attention instead of 50.
    """
    return InThreads(1) if rows <= FEW else nullcontext()


class KeyValues:
    """What every layer keeps of the tokens that were read: [layers, key heads, room, head size], float32."""

    def __init__(self, layers: int, heads: int, size: int) -> None:
        """Begin with nothing read."""
        self.keys, self.values = (torch.empty(layers, heads, 0, size) for _ in range(2))
        self.length = 0

    def grow(self, tokens: int) -> None:
        """Make room for so many tokens in all."""
        if (missing := tokens - self.keys.shape[2]) > 0:
            more = (0, 0, 0, missing + max(ROOM, self.length // 4))
            self.keys, self.values = functional.pad(self.keys, more), functional.pad(self.values, more)

    def part(self, start: int, end: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Copies of keys and values of the tokens from `start` to `end`."""
        return self.keys[:, :, start:end].clone(), self.values[:, :, start:end].clone()

    def attend(
        self,
        layer: int,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        *,
        window: int | None,
        scale: float,
    ) -> torch.Tensor:
        """Write new keys and values behind the others, and look back from the new tokens.

        `length` stays as it is: the caller moves it when all layers are through.

        Args:
            layer: number of the layer.
            queries: [asked, heads, size], of the last of the new tokens or of all.
            keys: [new, key heads, size].
            values: [new, key heads, size].
            window: how many tokens are seen, the own one included; None for all.
            scale: of the products.

        Returns:
            [asked, heads * size].
        """
        asked, heads, size = queries.shape
        start, end, groups = self.length, self.length + len(keys), keys.shape[1]
        k, v = self.keys[layer], self.values[layer]
        k.narrow(1, start, end - start).copy_(keys.transpose(0, 1))
        v.narrow(1, start, end - start).copy_(values.transpose(0, 1))
        first = max(0, end - asked + 1 - window) if window else 0
        k, v = k.narrow(1, first, end - first), v.narrow(1, first, end - first)
        if asked == 1:  # the heads that share a key head stand as rows of one head, which is faster
            q = queries.view(1, groups, heads // groups, size)
            with steady(1):
                one = functional.scaled_dot_product_attention(q, k[None], v[None], scale=scale)
            return one.reshape(1, heads * size)
        q = queries.view(asked, groups, heads // groups, size).permute(1, 2, 0, 3)
        k, v = (each[:, None].expand(-1, heads // groups, -1, -1) for each in (k, v))
        here, there = torch.arange(end - asked, end)[:, None], torch.arange(first, end)
        seen = there <= here if window is None else (there <= here) & (there > here - window)
        with steady(asked):
            many = functional.scaled_dot_product_attention(q, k, v, attn_mask=seen, scale=scale)
        return many.permute(2, 0, 1, 3).reshape(asked, heads * size)
