"""Tokens are drawn as transformers draws them, from one order's numbers and seed alone."""

import math
from collections import Counter

import pytest
import torch
from transformers import GenerationConfig
from transformers.generation.logits_process import (
    LogitsProcessorList,
    NoRepeatNGramLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from demos.server.engine import Message, Order
from demos.server.local.sampling import Repeats, Sampler, chance, choices, ends, reason_against


def logits(seed: int = 0, size: int = 300) -> torch.Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(seed)) * 3


def order(**asked) -> Order:
    return Order((Message("user", "?"),), 40, **asked)


def sampler(seed=1, prompt=(5, 6), ours=None, **asked):
    return Sampler(choices(GenerationConfig(), ours or {}, order(**asked)), prompt, seed)


def drawn(count: int, **asked) -> list[int]:
    one = sampler(**asked)
    return [one.draw(logits(step)) for step in range(count)]


def test_a_seed_draws_the_same_tokens_again_and_another_one_others():
    first = drawn(30, temperature=1.0, seed=4)
    assert drawn(30, temperature=1.0, seed=4) == first
    assert drawn(30, temperature=1.0, seed=5) != first
    assert drawn(30, temperature=1.0, seed=-(2**63) + 1) != first


def test_without_a_seed_answers_differ():
    assert len({tuple(drawn(20, temperature=2.0, seed=None)) for _ in range(3)}) == 3


def test_neighbours_drawing_in_between_change_nothing():
    alone = drawn(10, temperature=1.0, seed=4)
    one, other = sampler(seed=4, temperature=1.0), sampler(seed=9, temperature=1.0)
    found = []
    for step in range(10):
        found.append(one.draw(logits(step)))
        other.draw(logits(step + 50))
        torch.rand(3)
    assert found == alone


@pytest.mark.parametrize(
    "asked", [{"temperature": 0.0}, {"temperature": 1e-40}, {"top_k": 1}, {"temperature": 2.0, "top_p": 1e-6}]
)
def test_these_choices_take_the_likeliest_token(asked):
    assert drawn(5, **asked) == [int(logits(step).argmax()) for step in range(5)]


@pytest.mark.parametrize(
    "asked",
    [
        {"temperature": 0.8, "top_k": 7, "top_p": 0.9},
        {"temperature": 1, "top_k": 0, "top_p": 0.5},
        {"temperature": 1.5},
    ],
)
def test_the_odds_of_drawing_are_those_of_transformers(asked):
    one = logits(3, size=60)
    warpers = LogitsProcessorList([TemperatureLogitsWarper(float(asked["temperature"]))])
    if top_k := asked.get("top_k", 50):  # 50 where nobody says, as in generate
        warpers.append(TopKLogitsWarper(top_k))
    if "top_p" in asked:
        warpers.append(TopPLogitsWarper(asked["top_p"]))
    wanted = warpers(None, one[None]).softmax(-1)[0]
    many = 4000
    found = Counter(sampler(seed=seed, **asked).draw(one) for seed in range(many))
    assert set(found) <= set(wanted.nonzero()[:, 0].tolist())
    for token, probability in enumerate(wanted.tolist()):
        assert abs(found[token] / many - probability) < 5 * math.sqrt(probability / many) + 1e-9


def test_no_run_of_tokens_comes_twice_where_the_model_is_told_so():
    ours = {"no_repeat_ngram_size": 2}
    one = sampler(prompt=(1, 2, 3, 1), ours=ours, temperature=0.0)
    scores = torch.zeros(10)
    scores[2], scores[7] = 9.0, 8.0  # 2 would repeat "1 2"
    assert one.draw(scores) == 7
    banned = NoRepeatNGramLogitsProcessor(2)(torch.tensor([[1, 2, 3, 1]]), scores[None].clone())
    assert banned[0, 2] == -math.inf


@pytest.mark.parametrize("size", [1, 2, 3, 24])
def test_what_may_not_come_twice_is_what_transformers_forbids(size):
    """On texts of few different tokens, of which the longer ones repeat runs of every length."""
    theirs, ours = NoRepeatNGramLogitsProcessor(size), Repeats(size)
    forbidden = 0
    for seed in range(30):
        length = int(torch.randint(1, 80, (1,), generator=torch.Generator().manual_seed(seed)))
        ids = torch.randint(0, 3, (1, length), generator=torch.Generator().manual_seed(seed))
        ids = torch.cat([ids, ids[:, : seed + 1]], 1)  # the end repeats the beginning
        row = logits(seed, 10)[None]
        expected = theirs(ids, row.clone())
        assert torch.equal(ours(ids, row.clone()), expected)
        forbidden += int((expected == -math.inf).any())
    assert forbidden > 3


def test_repetition_penalty_is_the_models_own_choice_and_is_followed():
    one = Sampler(choices(GenerationConfig(repetition_penalty=3.0), {}, order(temperature=0.0)), [4], 1)
    scores = torch.zeros(10)
    scores[4], scores[5] = 5.0, 4.0
    assert one.draw(scores) == 5


def test_the_order_goes_before_the_source_and_the_source_before_the_model():
    model = GenerationConfig(temperature=0.1, top_k=3, top_p=0.2)
    config = choices(model, {"top_k": 5, "temperature": 0.5}, order(temperature=0.9))
    assert (config.temperature, config.top_k, config.top_p) == (0.9, 5, 0.2)
    assert (model.temperature, model.top_k) == (0.1, 3), "the model's own settings stay as they were"


def test_settings_that_only_generate_follows_are_named():
    assert reason_against(GenerationConfig(bad_words_ids=[[1]], min_length=3)) == (
        "its generation settings ask for bad_words_ids, min_length"
    )
    assert reason_against(GenerationConfig(top_k=5, temperature=0.4)) is None


@pytest.mark.parametrize(("eos", "found"), [(1, {1}), ([1, 106], {1, 106}), (None, set())])
def test_the_tokens_that_end_an_answer(eos, found):
    assert ends(GenerationConfig(eos_token_id=eos)) == found


def test_the_chance_of_a_token_is_its_own_before_any_choice():
    one = logits(2)
    wanted = one.log_softmax(0)
    found = chance(one, 17, 3)
    assert found.logprob == pytest.approx(float(wanted[17]), abs=1e-5)
    best = wanted.topk(3)
    assert [token for token, _ in found.others] == best.indices.tolist()
    assert [logprob for _, logprob in found.others] == pytest.approx(best.values.tolist(), abs=1e-5)
    assert chance(one, 17, 0).others == ()


def test_the_chance_is_the_same_with_any_number_of_threads():
    one = logits(7, size=262_144)
    before = torch.get_num_threads()
    try:
        found = set()
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.add(chance(one, 5, 2).logprob)
    finally:
        torch.set_num_threads(before)
    assert len(found) == 1
