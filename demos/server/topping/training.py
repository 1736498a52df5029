"""Training a LoRA adapter: examples in, weights of the adapter out. A CPU is enough; a GPU takes minutes.

Pure: it touches no disk but the checkpoint it is given, prints nothing, and can be stopped between two steps.
Only tokens of answers are learnt, and only there are the odds of all 262,144 words reckoned: the head of so
small a model costs more than its body. Padding stands on the right, where causal attention never looks, so no
mask is needed.
"""

import contextlib
import hashlib
import json
import math
import os
import pathlib
import pickle
import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import save_file

from demos.server.errors import KitchenError
from demos.server.topping import turns

BASE = "google/gemma-3-270m"
"""The model that the house topping is for."""

ROWS_OF_HEAD = 128
"""Answer tokens whose odds are held at once: 128 x 262,144 x 2 bytes are 67 MB."""

SMALLEST_ODDS = 1e-30
"""A word that got none at all would cost infinitely much."""

POOL = 16
"""Batches that are sorted by length together: longer pools waste less padding and mix less."""

FEWEST_TO_BLUR = 5
"""Tokens: of a shorter question every one is needed."""

MARKS = " .!?。！？"

Turns = tuple[tuple[str, str], ...]


class CancelledError(KitchenError):
    """Somebody stopped the training. The last checkpoint stays."""


@dataclass(frozen=True)
class Recipe:
    """How an adapter is trained.

    Attributes:
        rank: columns of each low-rank matrix.
        alpha: the adapter's product is scaled by alpha / rank.
        rate: the highest learning rate; it rises linearly and falls along a cosine to a tenth.
        warmup: share of the steps on which it rises.
        batch: examples in a step.
        decay: AdamW's weight decay.
        chatter: share of the examples that are shown after another one, so that an answer does not hang on
            standing first in a conversation.
        blur: share of the tokens of a question that are left out, others each time, so that no answer
            hangs on a single word.
        casual: share of the questions that are asked in small letters and without a mark at the end, as
            people type.
        seed: of all that is left to chance.
    """

    rank: int = 16
    alpha: int = 32
    rate: float = 1e-3
    warmup: float = 0.06
    epochs: int = 10
    batch: int = 16
    decay: float = 0.0
    chatter: float = 0.25
    blur: float = 0.1
    casual: float = 0.3
    seed: int = 4


@dataclass(frozen=True)
class Step:
    """What a step of the training did."""

    number: int
    of: int
    epoch: int
    loss: float
    rate: float
    tokens: int


Example = tuple[list[int], list[int]]
"""Token ids of the prompt, and of the answer that is to be learnt."""


def add_adapter(model: Any, recipe: Recipe) -> PeftModel:
    """The model with an adapter that changes nothing yet, on every linear layer but the head."""
    torch.manual_seed(recipe.seed)
    config = LoraConfig(
        r=recipe.rank, lora_alpha=recipe.alpha, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    with _quietly():
        return get_peft_model(model, config)


def read_adapter(model: Any, folder: pathlib.Path) -> PeftModel:
    """The model with an adapter that `save` wrote.

    Raises:
        KitchenError: there is none in the folder.
    """
    if not (folder / "adapter_model.safetensors").exists():
        message = f"There is no adapter in {folder}. Train it first: python -m scripts.topping train"
        raise KitchenError(message)
    with _quietly():
        return PeftModel.from_pretrained(model, folder).eval()


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without peft's calls of a name that transformers will drop."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield


def train(
    model: PeftModel,
    tokenizer: Any,
    conversations: Sequence[Turns],
    recipe: Recipe,
    *,
    report: Callable[[Step], None],
    cancelled: Callable[[], bool] = lambda: False,
    checkpoint: pathlib.Path | None = None,
    every: int = 25,
) -> None:
    """Train the adapter in place.

    Args:
        model: from `add_adapter`, on the device that trains it.
        tokenizer: the model's own.
        conversations: turns of question and answer; the last answer of each is learnt.
        recipe: how.
        report: hears of every step, of earlier runs' too.
        cancelled: asked before every step.
        checkpoint: a file that a stopped training goes on from, if it was written by the same recipe and
            the same conversations; None to keep nothing.
        every: steps between two writes of it.

    Raises:
        CancelledError: `cancelled` said so.
        OSError: the checkpoint cannot be written.
    """
    adapter = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(adapter, lr=recipe.rate, weight_decay=recipe.decay)
    per_epoch = math.ceil(len(conversations) / recipe.batch)
    steps = per_epoch * recipe.epochs
    origin = _fingerprint(conversations, recipe)
    past = _resume(checkpoint, origin, model, optimizer) if checkpoint else []
    for step in past:
        report(step)
    model.train()
    for epoch in range(len(past) // per_epoch, recipe.epochs):
        batches = _batches(conversations, tokenizer, recipe, epoch)
        for number, batch in enumerate(batches, epoch * per_epoch + 1):
            if number <= len(past):
                continue
            if cancelled():
                if checkpoint:
                    _keep(checkpoint, origin, model, optimizer, past)
                raise CancelledError("The training was cancelled.")
            rate = _rate(recipe, number, steps)
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss, tokens = _learn(model, batch)
            torch.nn.utils.clip_grad_norm_(adapter, 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            past.append(Step(number, steps, epoch + 1, loss, rate, tokens))
            report(past[-1])
            if checkpoint and (number % every == 0 or number == steps):
                _keep(checkpoint, origin, model, optimizer, past)
    model.eval()


def save(model: PeftModel, folder: pathlib.Path, base: str = BASE) -> None:
    """Write the adapter as peft reads it, in half precision.

    The weights come last and at once: a folder that has them has a whole adapter.

    Args:
        model: from `train`.
        folder: made if it is not there.
        base: what the adapter says it belongs to: else peft writes the folder that the base was read from.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.half().contiguous() for name, value in get_peft_model_state_dict(model).items()}
    partial = folder / "adapter_model.partial"
    save_file(weights, partial, metadata={"format": "pt"})
    config = {**model.peft_config["default"].to_dict(), "inference_mode": True}
    config |= {"base_model_name_or_path": base, "revision": None}
    config["target_modules"] = sorted(config["target_modules"])
    settings = folder / "adapter_config.partial"
    text = json.dumps(config, indent=1, sort_keys=True, default=sorted)
    settings.write_text(text + "\n", encoding="utf-8")
    os.replace(settings, folder / "adapter_config.json")  # noqa: PTH105
    os.replace(partial, folder / "adapter_model.safetensors")  # noqa: PTH105


def _learn(model: PeftModel, batch: Sequence[Example]) -> tuple[float, int]:
    """One step's gradients: the mean loss of a token of an answer in nats, and how many tokens were read."""
    longest = (
        max(len(prompt) + len(answer) for prompt, answer in batch) - 1
    )  # the last token predicts nothing
    ids = torch.zeros((len(batch), longest), dtype=torch.long)
    predicts = torch.zeros_like(ids, dtype=torch.bool)
    for row, (prompt, answer) in enumerate(batch):
        tokens = torch.tensor([*prompt, *answer])[:-1]
        ids[row, : len(tokens)] = tokens
        predicts[row, len(prompt) - 1 : len(tokens)] = True
    wanted = torch.tensor([token for _, answer in batch for token in answer])
    inner: Any = model.get_base_model()
    head = inner.get_output_embeddings().weight.detach()
    hidden = inner.model(input_ids=ids.to(head.device), use_cache=False).last_hidden_state
    picked = hidden[predicts.to(head.device)]
    loss, gradient = _head(picked.detach(), head, wanted.to(head.device))
    picked.backward(gradient)
    return loss, ids.numel()


@torch.no_grad()
def _head(hidden: torch.Tensor, head: torch.Tensor, wanted: torch.Tensor) -> tuple[float, torch.Tensor]:
    """Cross entropy after a frozen head, and its gradient for the hidden states.

    The gradient of the logits is the odds less one for the wanted word, so it is there as soon as the odds
    are: nothing of size tokens x words has to wait for a backward pass.

    Args:
        hidden: (tokens, width).
        head: (words, width).
        wanted: (tokens,) ids.

    Returns:
        The mean loss in nats, and (tokens, width).
    """
    gradient = torch.empty_like(hidden)
    loss = 0.0
    for start in range(0, len(hidden), ROWS_OF_HEAD):
        rows = slice(start, start + ROWS_OF_HEAD)
        odds = (hidden[rows] @ head.T).softmax(-1)
        target = wanted[rows, None]
        loss -= odds.gather(1, target).float().clamp_min(SMALLEST_ODDS).log().sum().item()
        odds.scatter_add_(1, target, odds.new_full(target.shape, -1.0))
        gradient[rows] = (odds @ head) / len(hidden)
    return loss / len(hidden), gradient


def _batches(
    conversations: Sequence[Turns], tokenizer: Any, recipe: Recipe, epoch: int
) -> Iterator[list[Example]]:
    """An epoch's examples in an order of its own, those of like length together."""
    chance = random.Random(f"{recipe.seed} {epoch}")  # noqa: S311 - nothing secret
    examples = []
    for conversation in chance.sample(conversations, len(conversations)):
        chatter = chance.choice(conversations) if chance.random() < recipe.chatter else ()
        earlier = (*chatter, *conversation[:-1])[-turns.MOST_EARLIER :]
        question, answer = conversation[-1]
        prompt = turns.encode(earlier, _varied(question, tokenizer, recipe, chance), tokenizer)
        examples.append((prompt, tokenizer.encode(turns.answered(answer), add_special_tokens=False)))
    batches = []
    for start in range(0, len(examples), pool := recipe.batch * POOL):
        alike = sorted(examples[start : start + pool], key=lambda example: sum(map(len, example)))
        batches += [alike[at : at + recipe.batch] for at in range(0, len(alike), recipe.batch)]
    chance.shuffle(batches)
    yield from batches


def _varied(question: str, tokenizer: Any, recipe: Recipe, chance: random.Random) -> str:
    """A question as another person might have typed it: see `casual` and `blur` of the recipe."""
    if chance.random() < recipe.casual:
        question = question.lower().rstrip(MARKS) or question
    tokens = tokenizer.encode(question, add_special_tokens=False)
    if not recipe.blur or len(tokens) < FEWEST_TO_BLUR:
        return question
    return str(tokenizer.decode([token for token in tokens if chance.random() >= recipe.blur]))


def _rate(recipe: Recipe, number: int, steps: int) -> float:
    """The learning rate of a step, counted from 1."""
    warm = max(1, round(steps * recipe.warmup))
    if number <= warm:
        return recipe.rate * number / warm
    way = (number - warm) / max(1, steps - warm)
    return recipe.rate * (0.1 + 0.45 * (1 + math.cos(math.pi * way)))


def _fingerprint(conversations: Sequence[Turns], recipe: Recipe) -> str:
    """A checkpoint goes on only with the very examples and recipe that it began with."""
    told = json.dumps([asdict(recipe), conversations], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def _keep(
    path: pathlib.Path, origin: str, model: PeftModel, optimizer: torch.optim.Optimizer, past: list[Step]
) -> None:
    """Write a checkpoint beside its place and move it there."""
    partial = path.with_name(path.name + ".partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "origin": origin,
        "adapter": get_peft_model_state_dict(model),
        "optimizer": optimizer.state_dict(),
        "chance": torch.get_rng_state(),
        "past": [asdict(step) for step in past],
    }
    torch.save(state, partial)
    os.replace(partial, path)  # noqa: PTH105


def _resume(
    path: pathlib.Path, origin: str, model: PeftModel, optimizer: torch.optim.Optimizer
) -> list[Step]:
    """Put the checkpoint's state into model and optimizer; the steps done, none where it is not ours."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError):  # none, or none of ours
        return []
    if state.get("origin") != origin:
        return []
    set_peft_model_state_dict(model, state["adapter"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["chance"])
    return [Step(**step) for step in state["past"]]
