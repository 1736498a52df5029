"""transformers' own `generate`, one order after the other: what is left where no batch is equal to it.

Also the only way to use a drafter, which guesses tokens that the model then checks. Knows transformers, but
no queue and no HTTP.
"""

import secrets
from collections.abc import Callable
from typing import Any

import torch
from transformers import GenerationConfig, StoppingCriteriaList

from demos.server.local.prompt import Prompt


def generate(
    model: Any,
    prompt: Prompt,
    config: Any,
    take: Callable[[int, Any], bool],
    *,
    seed: int | None = None,
    odds: bool = False,
    drafter: Any = None,
) -> None:
    """Continue a prompt.

    Args:
        model: of transformers.
        prompt: tokens and pictures.
        config: a GenerationConfig.
        take: is given each token with the raw logits it was drawn from, float32 [vocab], or None; says
            whether it shall be the last one.
        seed: None draws a new one.
        odds: whether `take` needs the logits. A drafter is then not used, as it skips some.
        drafter: transformers' assistant model.
    """
    tokens = torch.tensor([prompt.tokens], device=model.device)
    seen = tokens.shape[1]
    latest: list[Any] = [None]

    def over(input_ids: Any, _scores: Any, **_: Any) -> Any:
        # Asked after each token, before anything else is done with it; a drafter brings several at once.
        nonlocal seen
        stop = False
        while seen < input_ids.shape[1] and not stop:
            stop = take(int(input_ids[0, seen]), latest[0])
            seen += 1
        return torch.full((len(input_ids),), stop, device=input_ids.device)

    def hear(_module: Any, _arguments: Any, output: Any) -> None:
        latest[0] = output.logits[0, -1].float()

    hook = model.register_forward_hook(hear) if odds else None
    torch.manual_seed(secrets.randbits(63) if seed is None else seed)
    helped = {"assistant_model": drafter} if drafter is not None and not odds else {}
    try:
        model.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            generation_config=config,
            stopping_criteria=StoppingCriteriaList([over]),
            **{name: value.to(model.device) for name, value in prompt.media.items()},
            **helped,
        )
    finally:
        if hook:
            hook.remove()


def greedy(model: Any, tokens: list[int], count: int) -> list[int]:
    """The likeliest continuation by so many tokens, or up to an end, as `generate` finds it."""
    ids = torch.tensor([tokens], device=model.device)
    config = GenerationConfig(max_new_tokens=count, do_sample=False, repetition_penalty=1.0)
    config.eos_token_id = model.generation_config.eos_token_id
    config.pad_token_id = model.generation_config.pad_token_id
    out = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
    return [int(token) for token in out[0, len(tokens) :]]


@torch.inference_mode()
def rounding(model: Any, tokens: list[int]) -> float:
    """By how much the logits after a prompt differ when transformers reads it at once and in two parts.

    The sums are the same and are taken in another order: what differs is what rounding makes of it.
    """
    ids = torch.tensor([tokens], device=model.device)
    half = len(tokens) // 2
    whole = model(ids, use_cache=False, logits_to_keep=1).logits[0, -1]
    cache = model(ids[:, :half], use_cache=True, logits_to_keep=1).past_key_values
    # Without a mask some models take what follows a cache for a new beginning.
    mask = torch.ones_like(ids)
    parts = model(ids[:, half:], attention_mask=mask, past_key_values=cache, logits_to_keep=1).logits[0, -1]
    return float((whole.float() - parts.float()).abs().max())
