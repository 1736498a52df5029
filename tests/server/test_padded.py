"""Padded batches answer as transformers' own `generate` does, whoever joins and leaves when."""

import copy

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    Gemma3TextConfig,
    Gemma4TextConfig,
    Gemma4UnifiedTextConfig,
    Lfm2Config,
    LlamaConfig,
)

from demos.server.local import plain
from demos.server.local.padded import NotJoinableError, PaddedBatch
from demos.server.local.prefixes import Prefixes
from demos.server.local.prompt import Prompt

VOCABULARY, WINDOW = 160, 16
SHAPE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "initializer_range": 0.3,
    "max_position_embeddings": 512,
}
LAYERS = {
    "layer_types": ["sliding_attention", "sliding_attention", "full_attention"] * 2,
    "num_hidden_layers": 6,
}
GEMMA4 = {**SHAPE, **LAYERS, "sliding_window": WINDOW, "global_head_dim": 32}
CONFIGS = {
    "gemma 4, shared keys and per-layer embeddings": lambda: Gemma4TextConfig(
        **GEMMA4, num_kv_shared_layers=3, hidden_size_per_layer_input=8, vocab_size_per_layer_input=VOCABULARY
    ),
    "gemma 4, experts": lambda: Gemma4TextConfig(
        **GEMMA4,
        num_kv_shared_layers=0,
        hidden_size_per_layer_input=0,
        enable_moe_block=True,
        num_experts=8,
        top_k_experts=2,
        moe_intermediate_size=32,
    ),
    "gemma 4 unified": lambda: Gemma4UnifiedTextConfig(**GEMMA4, num_kv_shared_layers=0),
    "gemma 3": lambda: Gemma3TextConfig(**SHAPE, **LAYERS, sliding_window=WINDOW),
    "llama": lambda: LlamaConfig(**SHAPE, num_hidden_layers=2),
}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Models so small gain nothing from a second thread, and wait for it on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(params=CONFIGS, scope="module")
def model(request):
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(CONFIGS[request.param]()).float().eval()


def prompt(length: int) -> Prompt:
    """A prompt of so many tokens, another one for each length."""
    generator = torch.Generator().manual_seed(length)
    return Prompt(torch.randint(3, VOCABULARY, (length,), generator=generator).tolist())


def alone(model, asked: Prompt, count: int) -> list[int]:
    """What transformers' own greedy `generate` says."""
    tokens = torch.tensor([asked.tokens])
    options = {"max_new_tokens": count, "min_new_tokens": count, "do_sample": False, "pad_token_id": 0}
    answer = model.generate(tokens, attention_mask=torch.ones_like(tokens), **options)
    return answer[0, tokens.shape[1] :].tolist()


class Table:
    """Greedy answers of one batch, by the length of their prompt, in the batch's own order of rows."""

    def __init__(self, batch: PaddedBatch) -> None:
        self.batch = batch
        self.rows: list[int] = []
        self.said: dict[int, list[int]] = {}

    def join(self, length: int) -> int:
        """Read a prompt; gives the number of chunks it took."""
        chunks = list(self.batch.join(prompt(length), None))
        assert all(chunk is None for chunk in chunks[:-1])
        assert chunks[-1].shape == (VOCABULARY,)
        assert chunks[-1].dtype == torch.float32
        self.rows.append(length)
        self.said[length] = [int(chunks[-1].argmax())]
        return len(chunks)

    def step(self, count: int) -> None:
        for _ in range(count):
            logits = self.batch.step([self.said[length][-1] for length in self.rows])
            assert logits.shape == (len(self.rows), VOCABULARY)
            for length, row in zip(self.rows, logits, strict=True):
                self.said[length].append(int(row.argmax()))

    def drop(self, length: int) -> None:
        self.batch.drop(self.rows.index(length))
        self.rows.remove(length)
        assert len(self.batch) == len(self.rows)

    def check(self, model) -> None:
        for length, tokens in self.said.items():
            assert tokens == alone(model, prompt(length), len(tokens)), f"prompt of {length} tokens"


def test_joining_and_leaving_at_any_time_and_length_changes_no_answer(model):
    table = Table(PaddedBatch(model, None, 7))
    assert table.join(5) == 1
    table.step(3)
    assert table.join(40) == 6  # longer than the window, beside a shorter row
    table.step(4)
    table.join(3)
    table.join(15)
    table.step(8)  # rows cross the window at different steps
    table.drop(40)  # the longest: the columns that only it had go too
    table.step(5)
    table.join(23)
    table.drop(5)
    table.step(9)
    table.drop(23)
    table.step(6)
    table.check(model)


def test_a_table_that_was_emptied_is_laid_again(model):
    table = Table(PaddedBatch(model))
    for length in (20, 4):
        table.join(length)
        table.step(3)
        table.drop(length)
    table.check(model)


def test_whoever_leaves_while_their_prompt_is_read_leaves_no_trace(model):
    table = Table(PaddedBatch(model, None, 4))
    table.join(6)
    reading = table.batch.join(prompt(30), None)
    assert next(reading) is None
    table.step(5)
    reading.close()
    assert len(table.batch) == 1
    table.step(5)
    table.check(model)


def test_what_was_read_once_is_not_read_again_and_changes_no_number(model, monkeypatch):
    prefixes = Prefixes(5, 10**9)
    first, fresh = PaddedBatch(model, prefixes, 5), PaddedBatch(model, None, 5)
    beginning, more = prompt(23).tokens, prompt(9).tokens
    list(first.join(Prompt(beginning), None))
    reused, *waiting, logits = first.join(Prompt([*beginning, *more]), None)
    assert reused == 20
    assert len(waiting) == 2  # of the three chunks that are left, two are not the last
    *_, expected = fresh.join(Prompt([*beginning, *more]), None)
    assert torch.equal(logits, expected)
    table = Table(first)
    table.rows, table.said = [23, 32], {23: [1], 32: [int(logits.argmax())]}
    table.step(3)
    other = PaddedBatch(model, Prefixes(5, 10**9), 5)
    assert next(other.join(Prompt(beginning), None)) is None, "another engine knows nothing"


@pytest.mark.parametrize("model", ["gemma 3"], indirect=True)
def test_a_window_smaller_than_a_chunk_gives_nothing_to_others(model):
    batch = PaddedBatch(model, Prefixes(WINDOW, 10**9), WINDOW)
    list(batch.join(prompt(40), None))
    assert not any(isinstance(each, int) for each in batch.join(prompt(40), None))


def test_columns_that_no_row_needs_are_given_back():
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(CONFIGS["llama"]()).float().eval()
    table = Table(PaddedBatch(model))
    table.join(200)
    table.join(5)
    table.step(2)
    assert table.batch._cache.layers[0].keys.shape[-2] == 202
    table.drop(200)
    assert table.batch._cache.layers[0].keys.shape[-2] == 7


def test_a_model_that_keeps_more_than_keys_and_values_is_refused_with_one_sentence():
    config = Lfm2Config(
        vocab_size=50,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        layer_types=["conv", "full_attention"],
    )
    with pytest.raises(NotJoinableError) as error:
        PaddedBatch(AutoModelForCausalLM.from_config(config))
    assert str(error.value) == (
        "Sequences of a Lfm2ForCausalLM cannot be continued together: layer 0 of its cache is a "
        "LinearAttentionLayer, expected keys and values only."
    )


def test_an_adapter_is_refused():
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(CONFIGS["llama"]())
    with pytest.raises(ValueError, match=r"^A padded batch has no adapters, found 'house'\.$"):
        next(PaddedBatch(model).join(prompt(3), "house"))


def test_what_rounding_makes_of_two_parts_is_little_in_fp32_and_much_more_in_bf16(model):
    text = prompt(90).tokens
    exact = plain.rounding(model, text)
    coarse = plain.rounding(copy.deepcopy(model).bfloat16(), text)
    assert exact < 1e-3
    assert coarse > 10 * exact
