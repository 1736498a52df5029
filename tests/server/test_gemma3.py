"""Our forward of Gemma 3 gives what transformers' gives, and its batch what each row gets alone."""

import json
import warnings

import pytest
import torch
from peft import LoraConfig, get_peft_model

from demos.server.local import gemma3, lowrank, packed
from demos.server.local.gemma3 import reason_against
from demos.server.local.keyvalues import KeyValues
from demos.server.local.lowrank import UnusableAdapterError
from demos.server.local.packed import CHUNK, PackedBatch
from demos.server.local.prefixes import Prefixes
from demos.server.local.prompt import Prompt
from demos.server.local.quantise import packed_layers
from demos.server.local.smoothing import NONE
from tests.server import random_gemma3
from tests.server.random_gemma3 import VOCABULARY

NO_MEMORY = 0


@pytest.fixture(scope="module")
def theirs():
    return random_gemma3.transformers_model()


@pytest.fixture(scope="module")
def model(theirs):
    return random_gemma3.ours(theirs)


@pytest.fixture(scope="module")
def int8(theirs):
    """The same model with the very layers that serve."""
    tensors = {name.removeprefix("model."): each.detach() for name, each in theirs.named_parameters()}
    threads = torch.get_num_threads()
    try:
        return packed.Gemma3(theirs.config, tensors, packed_layers(1, NONE, lambda _done: None))
    finally:
        torch.set_num_threads(threads)


def tokens(count: int, seed: int = 0) -> list[int]:
    return torch.randint(3, VOCABULARY, (count,), generator=torch.Generator().manual_seed(seed)).tolist()


def batch(model, memory=NO_MEMORY, **adapters):
    return PackedBatch(model, adapters, Prefixes(CHUNK, memory))


def join(batch, ids, adapter=None):
    """The logits after a prompt, and what was said of reuse."""
    *before, logits = batch.join(Prompt(ids), adapter)
    return logits, sum(each for each in before if each)


def expected(theirs, ids):
    with torch.inference_mode():
        return theirs(torch.tensor([ids])).logits[0]


@pytest.mark.parametrize("length", [1, 2, 23, 24, 25, 63, 64, 65, 150])
def test_a_prompt_of_any_length_gets_the_logits_of_transformers(theirs, model, length):
    ids = tokens(length)
    torch.testing.assert_close(join(batch(model), ids)[0], expected(theirs, ids)[-1], atol=1e-3, rtol=1e-3)


def test_every_token_after_it_gets_them_too_alone_and_together(theirs, model):
    prompts = [tokens(length, seed=length) for length in (3, 20, 70)]
    wanted = [expected(theirs, [*ids, *tokens(40, seed=9)]) for ids in prompts]
    table = batch(model)
    for ids in prompts:
        join(table, ids)
    for place, token in enumerate(tokens(40, seed=9)):
        rows = table.step([token] * 3)
        for ids, row, logits in zip(prompts, rows, wanted, strict=True):
            torch.testing.assert_close(row, logits[len(ids) + place], atol=1e-3, rtol=1e-3)


def test_a_model_with_a_head_of_its_own_and_one_key_head_is_the_same_too():
    theirs = random_gemma3.transformers_model(tie_word_embeddings=False, num_key_value_heads=1)
    ids = tokens(30)
    found, _ = join(batch(random_gemma3.ours(theirs)), ids)
    torch.testing.assert_close(found, expected(theirs, ids)[-1], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"attention_bias": True}, "attention_bias is True, expected False"),
        ({"final_logit_softcapping": 30.0}, "final_logit_softcapping is 30.0, expected None"),
        (
            {
                "rope_parameters": {
                    "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
                    "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
                }
            },
            "its positions are scaled",
        ),
        ({}, None),
    ],
)
def test_what_the_forward_does_not_do_is_a_reason_against_it(change, reason):
    assert reason_against(random_gemma3.config(**change)) == reason


def run(table, ids, steps, adapter=None):
    """All logits of one prompt and its greedy continuation, as the last row of a table."""
    logits, _ = join(table, ids, adapter)
    found = [logits]
    for _ in range(steps):
        found.append(table.step([int(found[-1].argmax())])[-1])
    return torch.stack(found)


def test_int8_rows_are_bit_by_bit_the_same_alone_and_in_company(int8):
    prompts = [tokens(length, seed=length) for length in (5, 40, 70, 130)]
    alone = [run(batch(int8), ids, 12) for ids in prompts]
    table = batch(int8)
    together = [[join(table, ids)[0]] for ids in prompts]
    for _ in range(12):
        rows = table.step([int(found[-1].argmax()) for found in together])
        for found, row in zip(together, rows, strict=True):
            found.append(row)
    for one, other in zip(alone, together, strict=True):
        assert torch.equal(one, torch.stack(other))


@pytest.fixture
def threads():
    """Sets their number, and puts it back."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("rows", [3, 7, 40, 65])
def test_int8_rows_are_bit_by_bit_the_same_on_any_number_of_threads(theirs, int8, adapted, threads, rows):
    tensors = {name.removeprefix("model."): each.detach() for name, each in theirs.named_parameters()}
    adapters = {"spicy": lowrank.load(adapted[1], lowrank.widths(tensors))}
    for adapter in (None, "spicy"):
        threads(1)
        one = run(batch(int8, **adapters), tokens(rows), 4, adapter)
        for count in (2, 3, 4):
            threads(count)
            assert torch.equal(run(batch(int8, **adapters), tokens(rows), 4, adapter), one), (adapter, count)


@pytest.mark.parametrize("rows", [1, 8, 17, 33, 43, 64])
def test_what_is_wide_is_the_same_on_any_number_of_threads(threads, rows):
    """The operations that are not: as wide as in Gemma 3 270M, where torch and MKL share them out."""
    generator = torch.Generator().manual_seed(rows)
    gate = torch.randn(rows, 2 * 2048, generator=generator).chunk(2, -1)[0]
    queries = torch.randn(rows, 4, 256, generator=generator)
    new, held = torch.randn(rows, 1, 256, generator=generator), torch.randn(90, 1, 256, generator=generator)

    def found() -> tuple[torch.Tensor, ...]:
        kv = KeyValues(1, 1, 256)
        kv.grow(90 + rows)
        kv.attend(0, held[:, :1].expand(-1, 4, -1), held, held, window=None, scale=0.06)
        kv.length = 90
        return gemma3._gelu(gate), kv.attend(0, queries, new, new, window=None, scale=0.06)

    threads(1)
    one = found()
    for count in (2, 3, 4, 8):
        threads(count)
        assert all(torch.equal(a, b) for a, b in zip(one, found(), strict=True)), count


def test_who_leaves_changes_nothing_for_those_who_stay(int8):
    stays = run(batch(int8), tokens(9), 6)
    table = batch(int8)
    join(table, tokens(40, seed=5))
    found = [join(table, tokens(9))[0]]
    join(table, tokens(70, seed=6))
    for step in range(6):
        rows = table.step([1, int(found[-1].argmax()), 1] if step < 3 else [int(found[-1].argmax())])
        found.append(rows[1 if step < 3 else 0])
        if step == 2:
            table.drop(2)
            table.drop(0)
    assert torch.equal(stays, torch.stack(found))
    assert len(table) == 1


def test_the_beginning_of_a_prompt_is_not_read_again_and_no_bit_changes(int8):
    history = tokens(3 * CHUNK)
    prompts = [[*history, *tokens(length, seed=length)] for length in (1, 5, CHUNK)]
    fresh = [run(batch(int8), ids, 5) for ids in prompts]
    table = batch(int8, memory=1 << 30)
    assert join(table, history)[1] == 0
    for ids, wanted in zip(prompts, fresh, strict=True):
        logits, known = join(table, ids)
        assert known == len(history)
        assert torch.equal(logits, wanted[0])
        table.drop(1)
        table.drop(0)
        assert torch.equal(run(table, ids, 5), wanted)


def test_a_prompt_that_was_read_before_still_has_its_last_token_read(int8):
    table = batch(int8, memory=1 << 30)
    first, _ = join(table, tokens(2 * CHUNK))
    again, known = join(table, tokens(2 * CHUNK))
    assert known == CHUNK
    assert torch.equal(first, again)


def test_a_prompt_is_read_in_chunks_and_who_stops_between_them_leaves_no_trace(int8):
    table = batch(int8)
    reading = table.join(Prompt(tokens(2 * CHUNK + 1)), None)
    assert [next(reading), next(reading)] == [None, None]
    reading.close()
    assert len(table) == 0


@pytest.fixture(params=[{}, {"use_rslora": True, "alpha_pattern": {"q_proj": 3}}])
def adapted(theirs, request, tmp_path):
    """Transformers' model with a random adapter of PEFT, and the folder where it is saved."""
    settings = LoraConfig(
        r=4,
        lora_alpha=9,
        target_modules=["q_proj", "v_proj", "o_proj", "up_proj", "down_proj", "gate_proj"],
        rank_pattern={"v_proj": 2},
        **request.param,
    )
    with warnings.catch_warnings():  # peft calls a name that transformers will drop
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        wrapped = get_peft_model(random_gemma3.transformers_model(), settings)
    for name, parameter in wrapped.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    wrapped.save_pretrained(tmp_path)
    return wrapped.eval(), tmp_path


def test_an_adapter_gives_what_peft_gives_and_only_to_its_own_rows(theirs, model, adapted):
    wrapped, folder = adapted
    widths = lowrank.widths(
        {name.removeprefix("model."): each.detach() for name, each in theirs.named_parameters()}
    )
    table = batch(model, spicy=lowrank.load(folder, widths))
    ids = tokens(70)
    with torch.inference_mode():
        spicy = wrapped(torch.tensor([[*ids, 7]])).logits[0]
    plain = expected(theirs, [*ids, 7])
    assert (spicy[-1] - plain[-1]).abs().max() > 0.5, "the adapter changes something"
    torch.testing.assert_close(join(table, ids, "spicy")[0], spicy[-2], atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(join(table, ids)[0], plain[-2], atol=1e-3, rtol=1e-3)
    rows = table.step([7, 7])
    torch.testing.assert_close(rows[0], spicy[-1], atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(rows[1], plain[-1], atol=1e-3, rtol=1e-3)


def test_rows_with_adapters_are_bit_by_bit_the_same_in_company_too(theirs, int8, adapted):
    _, folder = adapted
    tensors = {name.removeprefix("model."): each.detach() for name, each in theirs.named_parameters()}
    adapters = {"spicy": lowrank.load(folder, lowrank.widths(tensors))}
    alone = run(batch(int8, **adapters), tokens(70), 5, "spicy")
    table = batch(int8, **adapters)
    join(table, tokens(30, seed=1))
    join(table, tokens(30, seed=2), "spicy")
    found = [join(table, tokens(70), "spicy")[0]]
    for _ in range(5):
        found.append(table.step([1, 2, int(found[-1].argmax())])[2])
    assert torch.equal(alone, torch.stack(found))


def test_what_was_read_with_an_adapter_is_not_reused_without_it(model, theirs, adapted):
    _, folder = adapted
    tensors = {name.removeprefix("model."): each.detach() for name, each in theirs.named_parameters()}
    table = batch(model, 1 << 30, spicy=lowrank.load(folder, lowrank.widths(tensors)))
    join(table, tokens(CHUNK + 1), "spicy")
    logits, known = join(table, tokens(CHUNK + 1))
    assert known == 0
    torch.testing.assert_close(logits, expected(theirs, tokens(CHUNK + 1))[-1], atol=1e-3, rtol=1e-3)
    assert join(table, tokens(CHUNK + 1), "spicy")[1] == CHUNK


def test_an_adapter_that_is_cut_short_is_refused_with_its_folder(adapted):
    _, folder = adapted
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-9])
    with pytest.raises(UnusableAdapterError, match=rf"^The adapter in {folder} could not be read: .*\S$"):
        lowrank.load(folder, {})


def test_an_adapter_for_other_layers_or_sizes_is_refused(adapted):
    _, folder = adapted
    with pytest.raises(
        UnusableAdapterError, match=r"changes base_model.*, which this kitchen leaves as it is"
    ):
        lowrank.load(folder, {"self_attn.q_proj": 64})
    narrow = dict.fromkeys((part for parts in lowrank.JOINED.values() for part in parts), 8)
    with pytest.raises(UnusableAdapterError, match=rf"^The adapter in {folder} does not fit the model: "):
        lowrank.load(folder, narrow)


@pytest.mark.parametrize(("name", "value"), [("use_dora", True), ("bias", "all"), ("peft_type", "IA3")])
def test_an_adapter_that_is_no_plain_lora_is_refused(adapted, name, value):
    _, folder = adapted
    file = folder / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), name: value}))
    with pytest.raises(UnusableAdapterError, match=r"is no plain LoRA: found .*\. Train it without\.$"):
        lowrank.load(folder, {})
