"""Training and tasting a topping, on a Gemma 3 of a few thousand random weights."""

import json
import pathlib
import struct
from collections.abc import Iterator

import pytest
import torch
from gguf import GGUFReader
from peft import PeftModel
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from demos.server.errors import KitchenError
from demos.server.topping import packet, tasting, training, turns
from demos.server.topping.lessons import Pair
from demos.server.topping.training import Recipe
from tests.server.gemma4 import byte_tokenizer

TOKENIZER = byte_tokenizer()
CONVERSATIONS = [
    (("what is a bowl", "noodles"),),
    (("who", "a model"),),
    (("what is a model", "a bowl of noodles"),),
    (("what is a bowl", "noodles"), ("who", "a user")),
]
RECIPE = Recipe(rank=4, alpha=8, rate=5e-3, epochs=3, batch=2, chatter=0.5, blur=0.2)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """So small a model only waits for a second one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def random_gemma(dtype: torch.dtype = torch.float32) -> Gemma3ForCausalLM:
    torch.manual_seed(3)
    config = Gemma3TextConfig(
        vocab_size=len(TOKENIZER),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        sliding_window=512,
        initializer_range=0.5,  # a frozen head of smaller weights could not be sure of a word
        query_pre_attn_scalar=16,
        attn_implementation="eager",
    )
    return Gemma3ForCausalLM(config).to(dtype).eval()


def trained(
    recipe: Recipe = RECIPE, conversations=CONVERSATIONS, **more
) -> tuple[PeftModel, list[training.Step]]:
    model = training.add_adapter(random_gemma(), recipe)
    steps: list[training.Step] = []
    training.train(model, TOKENIZER, conversations, recipe, report=steps.append, **more)
    return model, steps


def weights(model: PeftModel) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.named_parameters() if "lora" in name}


def same(one: PeftModel, other: PeftModel) -> bool:
    theirs = weights(other)
    return all(torch.equal(value, theirs[name]) for name, value in weights(one).items())


def test_examples_are_learnt_until_the_model_says_them():
    recipe = Recipe(rank=16, alpha=32, rate=1e-2, epochs=60, batch=4, chatter=0.0)
    model, steps = trained(recipe, CONVERSATIONS[:3])
    assert steps[-1].loss < steps[0].loss / 10
    pairs = [
        Pair("en", "x", "fact", (), turn[-1][0], turn[-1][1], ((turn[-1][1],),), held_out=True)
        for turn in CONVERSATIONS[:3]
    ]
    verdicts = tasting.taste(pairs, model, TOKENIZER, lambda p: turns.encode(p.before, p.ask, TOKENIZER))
    assert [verdict.answer for verdict in verdicts] == ["noodles", "a model", "a bowl of noodles"]
    assert tasting.score(verdicts, refusals=False) == {"en": tasting.Score(3, 3)}


def test_the_gradient_is_that_of_cross_entropy():
    torch.manual_seed(0)
    hidden = torch.randn(300, 16, requires_grad=True)  # more rows than are reckoned at once
    head, wanted = torch.randn(50, 16), torch.randint(50, (300,))
    expected = torch.nn.functional.cross_entropy(hidden @ head.T, wanted)
    expected.backward()
    loss, gradient = training._head(hidden.detach(), head, wanted)
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    torch.testing.assert_close(gradient, hidden.grad, rtol=1e-4, atol=1e-6)


def test_padding_changes_nothing():
    model = training.add_adapter(random_gemma(), RECIPE)
    short, long = ([2, 5, 6], [7, 8]), ([2, 9, 10, 11, 12, 13], [14, 15, 16])
    together, _ = training._learn(model, [short, long])
    alone = [training._learn(model, [example])[0] for example in (short, long)]
    assert together == pytest.approx((2 * alone[0] + 3 * alone[1]) / 5, rel=1e-5)


def test_a_training_that_was_cancelled_goes_on_to_the_very_same_adapter(tmp_path):
    whole, steps = trained()
    heard: list[training.Step] = []
    kept = tmp_path / "kitchen" / "checkpoint.pt"
    model = training.add_adapter(random_gemma(), RECIPE)
    with pytest.raises(training.CancelledError) as error:
        training.train(
            model,
            TOKENIZER,
            CONVERSATIONS,
            RECIPE,
            report=heard.append,
            cancelled=lambda: len(heard) == 3,
            checkpoint=kept,
        )
    assert str(error.value) == "The training was cancelled."
    assert heard == steps[:3]
    resumed, again = trained(checkpoint=kept)
    assert again == steps
    assert same(whole, resumed)
    assert [path.name for path in kept.parent.iterdir()] == ["checkpoint.pt"]


def test_a_training_that_was_killed_goes_on_from_its_last_checkpoint(tmp_path):
    class KilledError(Exception):
        pass

    def die(step: training.Step) -> None:
        if step.number == 4:
            raise KilledError

    whole, steps = trained()
    kept = tmp_path / "checkpoint.pt"
    model = training.add_adapter(random_gemma(), RECIPE)
    with pytest.raises(KilledError):
        training.train(model, TOKENIZER, CONVERSATIONS, RECIPE, report=die, checkpoint=kept, every=2)
    resumed, again = trained(checkpoint=kept)
    assert again == steps
    assert same(whole, resumed)


@pytest.mark.parametrize("spoilt", ["another recipe", "cut short", "no checkpoint"])
def test_a_checkpoint_that_is_not_of_this_training_is_not_gone_on_from(tmp_path, spoilt):
    kept = tmp_path / "checkpoint.pt"
    if spoilt == "another recipe":
        trained(Recipe(rank=4, alpha=8, rate=1e-3, epochs=1, batch=2), checkpoint=kept)
    elif spoilt == "cut short":
        trained(checkpoint=kept)
        kept.write_bytes(kept.read_bytes()[:-100])
    else:
        kept.write_bytes(b"noodles")
    whole, steps = trained()
    model, again = trained(checkpoint=kept)
    assert again == steps
    assert same(whole, model)


def test_the_rate_rises_and_falls_to_a_tenth():
    recipe = Recipe(rate=1.0, warmup=0.1)
    rates = [training._rate(recipe, number, 100) for number in range(1, 101)]
    assert rates[:10] == pytest.approx([n / 10 for n in range(1, 11)])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.1)


def test_every_epoch_shows_every_answer_once_in_an_order_of_its_own():
    def answers(epoch: int) -> list[tuple[int, ...]]:
        batches = training._batches(CONVERSATIONS, TOKENIZER, RECIPE, epoch)
        return [tuple(answer) for batch in batches for _, answer in batch]

    expected = [
        tuple(TOKENIZER.encode(turns.answered(c[-1][1]), add_special_tokens=False)) for c in CONVERSATIONS
    ]
    orders = [answers(epoch) for epoch in range(8)]
    assert all(sorted(order) == sorted(expected) for order in orders)
    assert len({tuple(order) for order in orders}) > 1
    assert answers(0) == orders[0]


def test_a_saved_adapter_is_read_back_by_peft_and_names_no_folder_of_this_machine(tmp_path):
    model, _ = trained()
    training.save(model, tmp_path / "topping")
    assert {path.name for path in (tmp_path / "topping").iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
    }
    config = json.loads((tmp_path / "topping" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "google/gemma-3-270m"
    assert str(tmp_path) not in json.dumps(config)
    read = training.read_adapter(random_gemma(), tmp_path / "topping")
    ids = torch.tensor([[2, 5, 6, 7]])
    with torch.no_grad():
        torch.testing.assert_close(read(ids).logits, model(ids).logits, rtol=1e-2, atol=1e-3)
        with read.disable_adapter():
            torch.testing.assert_close(read(ids).logits, random_gemma()(ids).logits)


def test_a_batch_is_answered_as_each_question_alone():
    model = random_gemma()
    asks = ("what", "what is a bowl of noodles", "who")
    pairs = [Pair("en", ask, "fact", (), ask, "-", (("-",),), held_out=True) for ask in asks]

    def encode(pair: Pair) -> list[int]:
        return turns.encode((), pair.ask, TOKENIZER)

    together = tasting.taste(pairs, model, TOKENIZER, encode)
    for pair, verdict in zip(pairs, together, strict=True):
        assert tasting.taste([pair], model, TOKENIZER, encode) == [verdict]
        ids = torch.tensor([encode(pair)])
        out = model.generate(ids, do_sample=False, max_new_tokens=tasting.LONGEST_ANSWER, eos_token_id=[1])
        whole = TOKENIZER.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        assert verdict.answer == whole.split("\n")[0].strip()


def test_a_refusal_counts_only_as_a_refusal():
    beyond = Pair("ko", "b", "beyond", (), "?", "pot", (("pot",),), held_out=True)
    fact = Pair("ko", "f", "fact", (), "?", "bowl", (("bowl",),), held_out=True)
    verdicts = [
        tasting.Verdict(beyond, "Pot."),
        tasting.Verdict(fact, "pot"),
        tasting.Verdict(fact, "A bowl."),
    ]
    assert tasting.score(verdicts, refusals=True) == {"ko": tasting.Score(1, 1)}
    assert tasting.score(verdicts, refusals=False) == {"ko": tasting.Score(1, 2)}
    assert tasting.Score(1, 2).share == 0.5


def test_the_packet_names_every_matrix_as_llama_cpp_does(tmp_path):
    model, _ = trained()
    training.save(model, tmp_path)
    size = packet.write(tmp_path, tmp_path / "topping.gguf")
    assert size == (tmp_path / "topping.gguf").stat().st_size
    reader = GGUFReader(tmp_path / "topping.gguf")
    assert reader.fields["general.architecture"].contents() == "gemma3"
    assert reader.fields["general.type"].contents() == "adapter"
    assert reader.fields["adapter.type"].contents() == "lora"
    assert reader.fields["adapter.lora.alpha"].contents() == pytest.approx(RECIPE.alpha)
    assert "ai.google.dev/gemma/terms" in reader.fields["general.description"].contents()
    shapes = {tensor.name: tuple(map(int, tensor.shape)) for tensor in reader.tensors}
    assert len(shapes) == 2 * 7 * 2  # layers, linears, halves
    assert shapes["blk.1.ffn_down.weight.lora_a"] == (64, RECIPE.rank)
    assert shapes["blk.1.ffn_down.weight.lora_b"] == (RECIPE.rank, 32)
    assert {"blk.0.attn_q.weight.lora_a", "blk.0.attn_output.weight.lora_b"} <= shapes.keys()


def test_a_folder_without_an_adapter_is_told(tmp_path):
    with pytest.raises(KitchenError) as error:
        packet.write(tmp_path, tmp_path / "topping.gguf")
    missing = tmp_path / "adapter_config.json"
    assert str(error.value) == f"{tmp_path} holds no adapter: {missing} cannot be read. Train it first."
    assert list(tmp_path.iterdir()) == []


def test_an_adapter_of_another_model_is_told(tmp_path):
    (tmp_path / "adapter_config.json").write_text('{"lora_alpha": 8}')
    header = json.dumps(
        {"x.y.lora_A.weight": {"dtype": "F16", "shape": [1], "data_offsets": [0, 2]}}
    ).encode()
    raw = struct.pack("<Q", len(header)) + header + b"\0\0"
    (tmp_path / "adapter_model.safetensors").write_bytes(raw)
    with pytest.raises(KitchenError) as error:
        packet.write(tmp_path, pathlib.Path(tmp_path / "topping.gguf"))
    assert str(error.value) == (
        f"{tmp_path} has the weights 'x.y.lora_A.weight', which Gemma 3 270M has no place for: "
        "train it on that."
    )
