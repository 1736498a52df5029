"""Judging a topping: questions are answered greedily, and each answer is read for what it must contain.

An answer to a question about the bowls is right when it holds the facts of its item; an answer to anything
else is right when it is the refusal. Knows transformers, but neither the engine nor HTTP.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel

from demos.server.topping import lessons
from demos.server.topping.lessons import Pair

LONGEST_ANSWER = 64


@dataclass(frozen=True)
class Verdict:
    """An answer and whether it is right."""

    pair: Pair
    answer: str

    @property
    def right(self) -> bool:
        """Whether the answer contains what it must."""
        return self.pair.right(self.answer)

    @property
    def refused(self) -> bool:
        """Whether the pair asks for a refusal."""
        return self.pair.kind == "beyond"


@dataclass(frozen=True)
class Score:
    """Right answers of one language."""

    right: int
    asked: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 when nothing was asked."""
        return self.right / self.asked if self.asked else 0.0


def score(verdicts: Iterable[Verdict], *, refusals: bool) -> dict[str, Score]:
    """Per language: right answers about the bowls, or right refusals of anything else."""
    counts: dict[str, list[bool]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.refused == refusals:
            counts[verdict.pair.language].append(verdict.right)
    return {name: Score(sum(counts[name]), len(counts[name])) for name in lessons.LANGUAGES if name in counts}


def taste(
    pairs: Sequence[Pair],
    model: Any,
    tokenizer: Any,
    encode: Callable[[Pair], list[int]],
    *,
    batch: int = 32,
    report: Callable[[int], None] = lambda _done: None,
) -> list[Verdict]:
    """Ask a model every question.

    Args:
        pairs: what is asked.
        model: answers, adapter included if it has one.
        tokenizer: the model's own.
        encode: the prompt of a pair, as token ids.
        batch: questions that are answered together.
        report: hears how many are done.

    Returns:
        The verdicts, in the order of the pairs.
    """
    prompts = [encode(pair) for pair in pairs]
    breaks = [token for text, token in tokenizer.get_vocab().items() if text and not text.strip("\n")]
    ends = [tokenizer.eos_token_id, *breaks, *tokenizer.encode("\n", add_special_tokens=False)]
    answers: dict[int, str] = {}
    order = sorted(range(len(pairs)), key=lambda number: len(prompts[number]))
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        texts = _answers([prompts[number] for number in chosen], model, tokenizer, ends)
        answers.update(zip(chosen, texts, strict=True))
        report(len(answers))
    return [Verdict(pair, answers[number]) for number, pair in enumerate(pairs)]


def _answers(prompts: Sequence[list[int]], model: Any, tokenizer: Any, ends: list[int]) -> list[str]:
    """The likeliest answer to each prompt, up to its first line break.

    Not transformers' `generate`: on the CPU its three-dimensional product with the head copies all of the
    head for every token, which took four fifths of the time.
    """
    inner: Any = model.get_base_model() if isinstance(model, PeftModel) else model
    head = inner.get_output_embeddings().weight.T
    longest = max(map(len, prompts))
    ids = torch.zeros((len(prompts), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, prompt in enumerate(prompts):
        ids[row, longest - len(prompt) :] = torch.tensor(prompt)
        mask[row, longest - len(prompt) :] = 1
    ids, mask = ids.to(head.device), mask.to(head.device)
    places = (mask.cumsum(1) - 1).clamp_min(0)
    ending = torch.tensor(ends, device=head.device)
    out = ids[:, :0]
    cache = None
    with torch.inference_mode():
        while out.shape[1] < LONGEST_ANSWER and not torch.isin(out, ending).any(1).all():
            found = inner.model(
                input_ids=ids, attention_mask=mask, position_ids=places, past_key_values=cache, use_cache=True
            )
            cache = found.past_key_values
            ids = (found.last_hidden_state[:, -1] @ head).argmax(-1, keepdim=True)
            out = torch.cat([out, ids], 1)
            mask = torch.cat([mask, torch.ones_like(ids)], 1)
            places = places[:, -1:] + 1
    ended = torch.isin(out, ending).cumsum(1) > 0
    texts = [
        tokenizer.decode(row[~end], skip_special_tokens=True) for row, end in zip(out, ended, strict=True)
    ]
    return [text.strip() for text in texts]
