"""Layers that are evened out give what they gave before, and round to int8 with less lost."""

import pytest
import torch
from safetensors.torch import save_file

from demos.server.local import lowrank, packed, proof, quantise, smoothing, standin
from demos.server.local.packed import CHUNK, PackedBatch
from demos.server.local.prefixes import Prefixes
from demos.server.local.prompt import Prompt
from demos.server.local.smoothing import HEAD, NONE, Smoothing
from tests.server import random_gemma3
from tests.server.random_gemma3 import VOCABULARY

PROMPTS = [
    torch.randint(3, VOCABULARY, (count,), generator=torch.Generator().manual_seed(count)).tolist()
    for count in (40, 9)
]


@pytest.fixture
def theirs():
    """Transformers' model, with one channel of what comes before each kind of layer that stands out."""
    model = random_gemma3.transformers_model()
    with torch.no_grad():
        for layer in model.model.layers:
            layer.input_layernorm.weight[3] = 60
            layer.pre_feedforward_layernorm.weight[5] = -40
            layer.mlp.up_proj.weight[7] *= 30
            layer.self_attn.v_proj.weight[2] *= 30
        model.model.norm.weight[11] = 50
    return model


@pytest.fixture
def even(theirs):
    return smoothing.measured(theirs, PROMPTS)


def tensors(model):
    return {name.removeprefix("model."): each.detach() for name, each in model.named_parameters()}


def in_float(model, even: Smoothing):
    """Our forward over evened layers in float32."""

    def layers(weights):
        scaled = {
            name: each * even.columns.get(name, torch.ones(1)) * even.rows.get(name, torch.ones(1))[:, None]
            for name, each in weights.items()
        }
        return random_gemma3.float_layers(scaled)

    return packed.Gemma3(model.config, tensors(model), layers, even)


def in_int8(model, even: Smoothing):
    threads = torch.get_num_threads()
    try:
        layers = quantise.packed_layers(1, even, lambda _done: None)
        return packed.Gemma3(model.config, tensors(model), layers, even)
    finally:
        torch.set_num_threads(threads)


def logits(model, prompt, adapter=None):
    table = PackedBatch(model, {"spicy": adapter} if adapter else {}, Prefixes(CHUNK, 0))
    *_, found = table.join(Prompt(prompt), "spicy" if adapter else None)
    return found


def expected(theirs, prompt):
    with torch.inference_mode():
        return theirs(torch.tensor([prompt])).logits[0, -1]


def test_evened_layers_give_what_they_gave_before(theirs, even):
    model = in_float(theirs, even)
    for prompt in PROMPTS:
        torch.testing.assert_close(logits(model, prompt), expected(theirs, prompt), atol=1e-3, rtol=1e-3)


def test_int8_loses_less_once_the_layers_are_even(theirs, even, monkeypatch):
    monkeypatch.setattr(quantise, "TOLERANCE", 1.0)

    def lost(smoothing):
        model = in_int8(theirs, smoothing)
        return sum(float((logits(model, p) - expected(theirs, p)).norm()) for p in PROMPTS)

    assert lost(even) < 0.6 * lost(NONE)


def test_a_channel_that_stands_out_is_divided_by_more_and_every_layer_has_its_numbers(theirs, even):
    config = theirs.config
    assert set(even.columns) == {HEAD} | {
        f"{name} {i}" for name in lowrank.JOINED for i in range(config.num_hidden_layers)
    }
    assert set(even.rows) == {f"{name} {i}" for name in ("qkv", "gate_up") for i in range(4)}
    for name, channel in ((HEAD, 11), ("qkv 0", 3), ("gate_up 1", 5), ("down 2", 7), ("o 3", 2)):
        divisors = even.columns[name]
        assert divisors[channel] > 1.5 * divisors.median(), name
        steps = divisors.log2() * smoothing.STEPS
        torch.testing.assert_close(steps, steps.round(), atol=1e-4, rtol=0)


def test_heads_that_share_values_share_divisors_and_the_values_are_divided_by_them(theirs, even):
    config = theirs.config
    heads = even.columns["o 1"].view(config.num_key_value_heads, -1, config.head_dim)
    assert heads.shape[1] == 2
    assert torch.equal(heads[:, 0], heads[:, 1])
    values = config.num_key_value_heads * config.head_dim
    assert torch.equal(even.rows["qkv 1"][-values:], 1 / heads[:, 0].flatten())
    assert (even.rows["qkv 1"][:-values] == 1).all()
    assert torch.equal(even.rows["gate_up 1"][config.intermediate_size :], 1 / even.columns["down 1"])


def test_it_is_measured_alike_on_any_number_of_threads(theirs, even):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        again = smoothing.measured(theirs, PROMPTS)
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(again.columns[name], each) for name, each in even.columns.items())
    assert not any(module._forward_pre_hooks for module in theirs.modules()), "the hooks are gone"


def test_an_adapter_does_the_same_beside_evened_layers(theirs, even):
    generator = torch.Generator().manual_seed(5)
    sizes = {name: (each.shape[1], each.shape[0]) for name, each in joined_weights(theirs).items()}
    pairs = {
        (i, name): (
            torch.randn(sizes[f"{name} {i}"][0], 2, generator=generator) * 0.1,
            torch.randn(2, sizes[f"{name} {i}"][1], generator=generator) * 0.1,
        )
        for i in range(4)
        for name in lowrank.JOINED
    }
    adapter = lowrank.LowRank(pairs)
    plain = in_float(theirs, NONE)
    wanted = logits(plain, PROMPTS[0], adapter)
    assert (wanted - logits(plain, PROMPTS[0])).abs().max() > 0.1, "the adapter changes something"
    found = logits(in_float(theirs, even), PROMPTS[0], adapter.evened(even.columns, even.rows))
    torch.testing.assert_close(found, wanted, atol=2e-3, rtol=2e-3)


def joined_weights(model):
    found = {}
    packed.Gemma3(model.config, tensors(model), lambda w: found.update(w) or random_gemma3.float_layers(w))
    return found


def compared(theirs, even, model):
    batch = PackedBatch(model, {}, Prefixes(CHUNK, 0))
    standin.put_into(theirs, model.linears, even)

    def generate(prompt, count):
        ids = list(prompt)
        for _ in range(count):
            ids.append(int(expected(theirs, ids).argmax()))
        return ids[len(prompt) :]

    return proof.difference(batch, generate, PROMPTS, tie=0.2)


def test_with_our_layers_in_its_place_transformers_goes_on_as_we_do(theirs, even):
    assert compared(theirs, even, in_int8(theirs, even)) is None


def test_norms_that_were_not_divided_are_found(theirs, even):
    model = in_int8(theirs, even)
    model._norms = in_float(theirs, NONE)._norms
    assert "where generate says" in compared(theirs, even, model)


def test_what_was_measured_is_kept_and_a_damaged_file_means_another_time(tmp_path, even):
    path = tmp_path / "proofs" / "model.safetensors"
    smoothing.keep(even, path)
    again = smoothing.kept(path)
    assert [path.name for path in path.parent.iterdir()] == ["model.safetensors"]
    for ours, theirs in ((even.columns, again.columns), (even.rows, again.rows)):
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    path.write_bytes(path.read_bytes()[:-9])
    assert smoothing.kept(path) is None
    assert smoothing.kept(tmp_path / "absent") is None
    save_file({"odd": torch.ones(1)}, path)
    assert smoothing.kept(path) is None


def test_where_it_cannot_be_kept_nothing_breaks(tmp_path, even):
    blocked = tmp_path / "file"
    blocked.write_text("")
    smoothing.keep(even, blocked / "model.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
