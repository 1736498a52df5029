"""Drawing tokens: transformers' own processors and warpers, on one row, with one order's own generator.

What an order draws so depends on nothing but its own logits and its seed. Knows logits and token ids, but no
text, no batch and no HTTP.
"""

import copy
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers.generation.logits_process import (
    MinPLogitsWarper,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

from demos.server.engine import Order

PART = 1 << 14
COLDEST = 1e-5
"""Below this temperature the odds overflow, and the likeliest token would win anyway."""


class Repeats(NoRepeatNGramLogitsProcessor):  # type: ignore[misc]
    """Transformers' own, asked only where something repeats: it lists all n-grams for each token."""

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """See transformers; for one row."""
        tokens, before = input_ids[0], self.ngram_size - 1
        if before and (
            len(tokens) <= before or not (tokens[:-1].unfold(0, before, 1) == tokens[-before:]).all(1).any()
        ):
            return scores
        processed: torch.Tensor = super().__call__(input_ids, scores)
        return processed


# In the order in which `generate` applies them: the setting, the value that changes nothing, the class.
PROCESSORS: tuple[tuple[str, Any, Any], ...] = (
    ("repetition_penalty", 1.0, RepetitionPenaltyLogitsProcessor),
    ("no_repeat_ngram_size", 0, Repeats),
)
WARPERS: tuple[tuple[str, Any, Any], ...] = (
    ("temperature", 1.0, TemperatureLogitsWarper),
    ("top_k", 0, TopKLogitsWarper),
    ("top_p", 1.0, TopPLogitsWarper),
    ("min_p", 0.0, MinPLogitsWarper),
    ("typical_p", 1.0, TypicalLogitsWarper),
)
ELSEWHERE = (
    "bad_words_ids", "begin_suppress_tokens", "encoder_no_repeat_ngram_size", "epsilon_cutoff", "eta_cutoff",
    "exponential_decay_length_penalty", "forced_bos_token_id", "forced_eos_token_id", "guidance_scale",
    "min_length", "min_new_tokens", "remove_invalid_values", "renormalize_logits", "sequence_bias",
    "suppress_tokens", "top_h", "watermarking_config",
)  # fmt: skip
"""Settings that only `generate` itself follows."""


def reason_against(config: Any) -> str | None:
    """Why a model's generation settings cannot be followed here, None where they can."""
    found = [name for name in ELSEWHERE if getattr(config, name, None)]
    return f"its generation settings ask for {', '.join(found)}" if found else None


def choices(config: Any, ours: Mapping[str, Any], order: Order) -> Any:
    """The model's own GenerationConfig, then our settings for this model, then the order's."""
    config = copy.deepcopy(config)
    config.update(**ours, do_sample=True)
    for name in ("temperature", "top_p"):
        if (value := getattr(order, name)) is not None:
            config.update(**{name: float(value)})  # transformers refuses 1 where 1.0 is meant
    if order.top_k is not None:
        config.update(top_k=order.top_k)
    if config.temperature is not None and config.temperature < COLDEST:
        # Greedy. Transformers warns about sampling settings that then have no effect.
        config.update(do_sample=False, temperature=None, top_p=None, top_k=None)
    config.update(max_new_tokens=order.max_tokens, max_length=None)
    return config


def ends(config: Any) -> frozenset[int]:
    """The tokens that end an answer."""
    end = config.eos_token_id
    return frozenset(end if isinstance(end, list) else [] if end is None else [end])


@dataclass(frozen=True)
class Chance:
    """How likely a drawn token was, before temperature and the like: natural logarithms.

    Attributes:
        others: the likeliest tokens and theirs, the likeliest first.
    """

    logprob: float
    others: tuple[tuple[int, float], ...]


def chance(logits: torch.Tensor, token: int, most: int) -> Chance:
    """The chance of one token of raw logits [vocab], beside those of the `most` likeliest ones."""
    # In parts: torch adds up a long row in as many pieces as there are threads, and rounds accordingly.
    total = torch.stack([part.logsumexp(0) for part in torch.split(logits, PART)]).logsumexp(0)
    values, tokens = logits.topk(min(most, len(logits)))
    others = zip(tokens.tolist(), (values - total).tolist(), strict=True)
    return Chance(float(logits[token] - total), tuple(others))


class Sampler:
    """Draws the tokens of one answer."""

    def __init__(self, config: Any, prompt: Sequence[int], seed: int | None) -> None:
        """Begin an answer.

        Args:
            config: from `choices`.
            prompt: token ids before the answer.
            seed: the same one draws the same tokens from the same logits; None draws a new one.
        """
        # What `generate` takes where a model is silent, top_k 50 among it.
        config.update(defaults_only=True, **config._get_default_generation_params())  # noqa: SLF001
        self._processors = _made(PROCESSORS, config)
        self._warpers = _made(WARPERS, config) if config.do_sample else None
        self._tokens = torch.zeros(1, len(prompt) + config.max_new_tokens, dtype=torch.long)
        self._tokens[0, : len(prompt)] = torch.tensor(prompt)
        self._count = len(prompt)
        self._generator = torch.Generator()
        self._generator.manual_seed(secrets.randbits(63) if seed is None else seed)

    def draw(self, logits: torch.Tensor) -> int:
        """The next token, from raw logits, float32 [vocab], which may lie on a GPU."""
        scores = logits[None].cpu() if self._processors else logits[None]
        for process in self._processors:
            scores = process(self._tokens[:, : self._count], scores)
        token = _likeliest(scores[0]) if self._warpers is None else self._warped(scores)
        self._tokens[0, self._count] = token
        self._count += 1
        return token

    def _warped(self, scores: torch.Tensor) -> int:
        left: torch.Tensor | None = None
        for warp in self._warpers or ():
            scores = warp(None, scores)
            if isinstance(warp, TopKLogitsWarper):
                # What is ruled out stays so: sorting a quarter of a million of them takes 20 ms, and
                # bringing them from a GPU one more.
                left = scores[0].isfinite().nonzero()[:, 0]
                scores, left = scores[:, left].cpu(), left.cpu()
        drawn = torch.multinomial(scores.cpu().softmax(-1), 1, generator=self._generator)[0, 0]
        return int(drawn if left is None else left[drawn])


def _likeliest(scores: torch.Tensor) -> int:
    """The first of the largest scores, [vocab]; on CPUs numpy finds it in a tenth of torch's time."""
    return int(scores.numpy().argmax()) if scores.device.type == "cpu" else int(scores.argmax())


def _made(table: Sequence[tuple[str, Any, Any]], config: Any) -> list[Any]:
    """The classes of a table whose setting changes anything."""
    values = [(getattr(config, name, None), neutral, each) for name, neutral, each in table]
    return [each(value) for value, neutral, each in values if value not in {None, neutral}]
