"""A `Batch` over our own Gemma 3: rows that share every multiplication and none of their numbers.

An answer is bit by bit the same alone and in company. Prompts are read in chunks with fixed borders, and
what was read is kept for prompts that begin alike; that changes no bit either.

Knows token ids and adapters' names, but no text, no sampling and no clock.
"""

from collections.abc import Iterator, Mapping, Sequence

import torch

from demos.server.errors import UnknownAdapterError
from demos.server.local.gemma3 import Gemma3, Row
from demos.server.local.keyvalues import KeyValues
from demos.server.local.lowrank import LowRank
from demos.server.local.prefixes import Prefixes
from demos.server.local.prompt import Prompt

CHUNK = 64
"""Tokens of a prompt that are read in one go, and the borders up to which a prompt's beginning is reused."""


class PackedBatch:
    """Sequences of one model, continued together."""

    def __init__(self, model: Gemma3, adapters: Mapping[str, LowRank], prefixes: Prefixes) -> None:
        """Begin with no sequence.

        Args:
            model: the weights.
            adapters: by name; may change between prompts.
            prefixes: what earlier prompts leave to later ones, in chunks of `CHUNK`.
        """
        self._model, self._adapters, self._prefixes = model, adapters, prefixes
        self._rows: list[Row] = []

    def __len__(self) -> int:
        """Rows that are being continued."""
        return len(self._rows)

    def join(self, prompt: Prompt, adapter: str | None) -> Iterator[torch.Tensor | int | None]:
        """Read a prompt: see `Batch.join`.

        Raises:
            UnknownAdapterError: there is no such adapter any more.
        """
        tokens, config = prompt.tokens, self._model.config
        lowrank = None if adapter is None else self._adapters.get(adapter)
        if adapter is not None and lowrank is None:
            raise UnknownAdapterError(f"The topping '{adapter}' was deleted before the answer began.")
        kv = KeyValues(config.num_hidden_layers, config.num_key_value_heads, config.head_dim)
        if known := self._prefixes.find(lowrank, tokens):
            kv.keys, kv.values = (torch.cat(parts, dim=2) for parts in zip(*known, strict=True))
            kv.length = CHUNK * len(known)
            yield kv.length
        while True:
            end = min(kv.length + CHUNK, len(tokens))
            x = self._model.forward(tokens[kv.length : end], [(kv, lowrank)])
            if end % CHUNK == 0:
                self._prefixes.keep(lowrank, tokens[:end], kv.part(end - CHUNK, end))
            if end == len(tokens):
                break
            yield None
        logits = self._model.logits(x)[0]
        self._rows.append((kv, lowrank))
        yield logits

    def step(self, tokens: Sequence[int]) -> torch.Tensor:
        """Give each row its next token: see `Batch.step`."""
        return self._model.logits(self._model.forward(tokens, self._rows))

    def drop(self, row: int) -> None:
        """End a row."""
        del self._rows[row]
