"""A `Batch` over any causal model of transformers: rows of one key-value cache, aligned at their last token.

A row that is shorter than the longest is padded on its left and the padding is masked, so every row's next
token stands in the same column: full and sliding attention, shared layers and experts then work as in
transformers' own padded batches. Prompts are read alone and joined afterwards. Equal to plain `generate` up
to rounding: sums are taken in another order in a larger batch, so the same seed alone and in company may
part where two tokens are almost equally likely.

Knows transformers' cache and tensors, but no text, no sampling and no clock.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.nn.functional import pad
from transformers.cache_utils import DummyLayer, DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

from demos.server.errors import KitchenError
from demos.server.local.prefixes import Prefixes
from demos.server.local.prompt import Prompt

CHUNK = 256
"""Tokens of a prompt that are read in one go, and the borders at which a prompt's beginning is reused."""
CPU_CHUNK = 64
"""The same on a CPU, where small chunks take hardly longer in all (7 % of a first prompt), and most chats are
shorter than 256 tokens; a GPU reads 64 tokens no sooner than 256."""


class NotJoinableError(KitchenError):
    """This model keeps something between tokens that cannot be put together with another's."""


class PaddedBatch:
    """Sequences of one model, continued together."""

    def __init__(self, model: Any, prefixes: Prefixes | None = None, chunk: int = CHUNK) -> None:
        """Begin with no sequence.

        Args:
            model: a causal or multimodal model of transformers, in evaluation mode.
            prefixes: what earlier prompts leave for later ones, in chunks of this very size; None: nothing.
            chunk: tokens of a prompt for each `next` of `join`.

        Raises:
            NotJoinableError: the model keeps more than keys and values between tokens.
        """
        self._model = model
        self._chunk = chunk
        self._cache = DynamicCache(config=model.config)
        self._mask = torch.ones(0, 0, dtype=torch.long, device=model.device)
        for index, layer in enumerate(self._cache.layers):
            if type(layer) not in {DynamicLayer, DynamicSlidingWindowLayer, DummyLayer}:
                message = (
                    f"Sequences of a {type(model).__name__} cannot be continued together: layer {index} of "
                    f"its cache is a {type(layer).__name__}, expected keys and values only."
                )
                raise NotJoinableError(message)
        windows = [layer.sliding_window for layer in stores(self._cache) if layer.is_sliding]
        # A sliding layer that has forgotten part of a chunk cannot give it to others.
        self._prefixes = prefixes if chunk < min(windows, default=chunk + 1) else None

    def __len__(self) -> int:
        """Rows that are being continued."""
        return len(self._mask)

    def join(self, prompt: Prompt, adapter: str | None) -> Iterator[torch.Tensor | int | None]:
        """Read a prompt alone, chunk by chunk, and put it behind the other rows: see `Batch.join`.

        A prompt with pictures is one chunk, and nothing of it is reused: attention goes both ways within a
        picture, and its tokens do not say what it shows.

        Raises:
            ValueError: an adapter is asked for, and there are none here.
        """
        if adapter:
            message = f"A padded batch has no adapters, found '{adapter}'."
            raise ValueError(message)
        cache = DynamicCache(config=self._model.config)
        ids, device = prompt.tokens, self._model.device
        tokens = torch.tensor([ids], device=device)
        media = {name: value.to(device) for name, value in prompt.media.items()}
        size, prefixes = (len(ids), None) if media else (self._chunk, self._prefixes)
        known = prefixes.find(None, ids) if prefixes else []
        start = len(known) * size
        if known:
            joined = [torch.cat(pieces, dim=-2) for pieces in zip(*known, strict=True)]
            for layer, keys, values in zip(stores(cache), joined[::2], joined[1::2], strict=True):
                layer.update(keys, values)
            yield start
        for begin in range(start, len(ids), size):
            end = min(begin + size, len(ids))
            mask = torch.ones(1, end, dtype=torch.long, device=device)
            logits = self._forward(tokens[:, begin:end], mask, cache, **media)
            if prefixes and end - begin == size:
                last = [
                    each[..., -size:, :] for layer in stores(cache) for each in (layer.keys, layer.values)
                ]
                prefixes.keep(None, ids[:end], tuple(each.clone() for each in last))
            if end < len(ids):
                yield None
        self._append(cache, len(ids))
        yield logits[0]

    def step(self, tokens: Sequence[int]) -> torch.Tensor:
        """Give each row its next token: see `Batch.step`."""
        self._mask = pad(self._mask, (0, 1), value=1)
        column = torch.tensor(tokens, device=self._mask.device)[:, None]
        return self._forward(column, self._mask, self._cache)

    def drop(self, row: int) -> None:
        """End a row, and the columns that only it needed."""
        rest = [index for index in range(len(self)) if index != row]
        if not rest:
            self._cache, self._mask = DynamicCache(config=self._model.config), self._mask[:0, :0]
            return
        self._cache.batch_select_indices(torch.tensor(rest, device=self._mask.device))
        self._mask = self._mask[rest]
        self._fit(self._cache, int(self._mask.sum(1).max()))

    @torch.inference_mode()
    def _forward(self, tokens: torch.Tensor, mask: torch.Tensor, cache: Any, **media: Any) -> torch.Tensor:
        """The logits [rows, vocab] after the last of the tokens [rows, new]; mask is [rows, columns]."""
        positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -tokens.shape[1] :]
        output = self._model(
            input_ids=tokens,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
            **media,
        )
        logits: torch.Tensor = output.logits[:, -1].float()
        return logits

    def _append(self, cache: Any, length: int) -> None:
        """Put a cache of one sequence behind the others."""
        mask = torch.ones(1, length, dtype=torch.long, device=self._mask.device)
        if not len(self):
            self._cache, self._mask = cache, mask
            return
        columns = max(length, self._mask.shape[1])
        self._fit(self._cache, columns)
        self._fit(cache, columns)
        for ours, theirs in zip(stores(self._cache), stores(cache), strict=True):
            ours.keys = torch.cat([ours.keys, theirs.keys])
            ours.values = torch.cat([ours.values, theirs.values])
        self._mask = torch.cat([self._mask, pad(mask, (columns - length, 0))])

    def _fit(self, cache: Any, columns: int) -> None:
        """Make a cache so many columns wide, at its left side; a sliding layer keeps its window of them."""
        if cache is self._cache:
            self._mask = pad(self._mask, (columns - self._mask.shape[1], 0))
        for layer in stores(cache):
            width = columns
            if layer.is_sliding:
                width = min(columns, layer.sliding_window - 1)
                layer.cumulative_length = columns
            missing = width - layer.keys.shape[-2]
            layer.keys = pad(layer.keys, (0, 0, missing, 0))
            layer.values = pad(layer.values, (0, 0, missing, 0))


def stores(cache: Any) -> list[Any]:
    """The layers of a cache that hold keys and values of their own: the others use theirs."""
    return [layer for layer in cache.layers if not isinstance(layer, DummyLayer)]
