"""Memory and verdicts: the published figures, the layers, the edges, and what must always hold."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.kitchen.errors import KitchenError
from demos.kitchen.fit import (
    FITS,
    GB,
    NO,
    TIGHT,
    Device,
    Model,
    Range,
    context_bytes,
    fit,
    memory,
    speed,
)

PLAIN = Model("m", "dense", 1e9, {"bf16": 2.4, "q4_0": 0.6}, 12, 6, 512, 2, 1, 128, 256, 131_072)
BOX = Device("box", 8, Range(100, 100))
CONTEXTS = st.integers(min_value=1, max_value=131_072)


@pytest.mark.parametrize(
    ("size", "precision", "gigabytes"),
    [
        ("gemma_e2b", "q4_0", 2.9),
        ("gemma_e4b", "sfp8", 8.9),
        ("gemma_12b", "bf16", 26.7),
        ("gemma_26b", "q4_0", 14.4),
        ("gemma_31b", "q4_0", 17.5),
        ("gemma_31b", "bf16", 69.9),
    ],
)
def test_the_published_need_is_the_bare_weights_and_a_fifth_on_top(gemma, size, precision, gigabytes):
    weights = memory(gemma[size], precision, 1).weights
    assert weights.low * 1.2 == pytest.approx(gigabytes)
    assert gigabytes in weights


@pytest.mark.parametrize(
    ("size", "total_parameters", "precision", "bits"),
    [
        ("gemma_e2b", 5.1e9, "bf16", 16),
        ("gemma_e4b", 8e9, "sfp8", 8),
        ("gemma_12b", 11.95e9, "q4_0", 4),
        ("gemma_26b", 25.2e9 + 0.55e9, "q4_0", 4),
        ("gemma_31b", 30.7e9 + 0.55e9, "bf16", 16),
    ],
)
def test_the_bare_weights_are_all_parameters_every_expert_among_them(
    gemma, size, total_parameters, precision, bits
):
    low = memory(gemma[size], precision, 1).weights.low
    assert low == pytest.approx(total_parameters * bits / 8 / GB, rel=0.02)


@pytest.mark.parametrize(
    ("size", "tokens", "expected"),
    [
        # 2 (keys, values) x 2 bytes x [windowed layers x heads x size x tokens kept + global layers x ...]
        ("gemma_e2b", 8192, 4 * (12 * 1 * 256 * 512 + 3 * 1 * 512 * 8192)),
        ("gemma_e4b", 8192, 4 * (20 * 2 * 256 * 512 + 4 * 2 * 512 * 8192)),
        ("gemma_12b", 8192, 4 * (40 * 8 * 256 * 1024 + 8 * 1 * 512 * 8192)),
        ("gemma_26b", 8192, 4 * (25 * 8 * 256 * 1024 + 5 * 2 * 512 * 8192)),
        ("gemma_31b", 8192, 4 * (50 * 16 * 256 * 1024 + 10 * 4 * 512 * 8192)),
        ("gemma_31b", 100, 4 * (50 * 16 * 256 * 100 + 10 * 4 * 512 * 100)),
    ],
)
def test_the_context_is_counted_layer_by_layer(gemma, size, tokens, expected):
    assert context_bytes(gemma[size], tokens) == expected


def test_past_the_window_only_the_global_layers_grow(gemma):
    # 16 KiB a token for the 12B, as an engine reports it: https://github.com/raullenchai/Rapid-MLX/pull/1423
    grown = context_bytes(gemma["gemma_12b"], 9_001) - context_bytes(gemma["gemma_12b"], 9_000)
    assert grown == 16 * 1024


def test_layers_that_share_a_cache_keep_none():
    sharing = dataclasses.replace(PLAIN, shared_layers=6)
    assert context_bytes(sharing, 4096) * 2 == context_bytes(PLAIN, 4096)


@pytest.mark.parametrize(
    ("size", "device", "precision_and_verdict"),
    [
        ("gemma_31b", "rtx_3090", ("q4_0", FITS)),
        ("gemma_26b", "rtx_3090", ("q4_0", FITS)),
        ("gemma_31b", "rtx_3090", ("sfp8", NO)),
        ("gemma_12b", "rtx_4060", ("q4_0", TIGHT)),
        ("gemma_12b", "rtx_3060", ("q4_0", FITS)),
        ("gemma_26b", "rtx_3060", ("q4_0", NO)),
        ("gemma_26b", "apple_m4_pro", ("q4_0", FITS)),
        ("gemma_31b", "nvidia_h100", ("bf16", FITS)),
        ("gemma_e2b", "raspberry_pi_5", ("q4_0", FITS)),
    ],
)
def test_what_people_run_is_said_to_fit(gemma, devices, size, device, precision_and_verdict):
    precision, verdict = precision_and_verdict
    assert fit(devices[device], gemma[size], precision, 8192).verdict == verdict


def test_a_machine_that_shares_its_memory_keeps_a_quarter_of_it():
    assert Device("laptop", 16, None, shared=True).usable == 12
    assert Device("card", 16, None).usable == 16


def test_the_verdict_turns_where_the_ends_of_the_range_do():
    need = memory(PLAIN, "q4_0", 1024).total
    for room, verdict in (
        (need.high, FITS),
        (need.high - 1e-9, TIGHT),
        (need.low, TIGHT),
        (need.low - 1e-9, NO),
    ):
        assert fit(Device("box", room, None), PLAIN, "q4_0", 1024).verdict == verdict


def test_no_speed_is_given_where_it_does_not_fit_or_the_bandwidth_is_unknown():
    assert fit(Device("tiny", 0.1, Range(100, 100)), PLAIN, "q4_0", 1024).speed is None
    assert fit(Device("box", 8, None), PLAIN, "q4_0", 1024).speed is None


def test_the_ceiling_is_the_one_of_the_fact_sheet(gemma, devices):
    # "31B Q4 on 3090 ~74 %; 26B A4B on 3090 ~30 %, on M4 Pro ~46 %" of bandwidth / bytes per token.
    for size, device, measured, share in (
        ("gemma_31b", "rtx_3090", 40, 0.74),
        ("gemma_26b", "rtx_3090", 128, 0.30),
        ("gemma_26b", "apple_m4_pro", 60, 0.46),
    ):
        found = speed(devices[device], gemma[size], "q4_0", 8192)
        ceiling = found.rate.high / found.share.high
        assert measured / ceiling == pytest.approx(share, abs=0.015)


@given(fewer=CONTEXTS, more=CONTEXTS)
def test_a_longer_context_never_needs_less_nor_writes_faster(fewer, more):
    fewer, more = sorted((fewer, more))
    assert context_bytes(PLAIN, fewer) <= context_bytes(PLAIN, more)
    assert speed(BOX, PLAIN, "q4_0", fewer).rate.low >= speed(BOX, PLAIN, "q4_0", more).rate.low


@given(tokens=CONTEXTS, bandwidth=st.floats(1, 5_000), more=st.floats(1, 10), room=st.floats(0.1, 200))
def test_more_bandwidth_is_never_slower_and_more_memory_never_a_worse_verdict(tokens, bandwidth, more, room):
    slow, fast = (Device("d", 8, Range(b, b)) for b in (bandwidth, bandwidth * more))
    assert speed(fast, PLAIN, "q4_0", tokens).rate.low >= speed(slow, PLAIN, "q4_0", tokens).rate.low
    order = [NO, TIGHT, FITS]
    small, large = (fit(Device("d", r, None), PLAIN, "bf16", tokens).verdict for r in (room, room * more))
    assert order.index(large) >= order.index(small)


@given(tokens=st.integers(1, 131_072))
def test_fewer_bits_need_less_memory_and_every_range_stands_upright(gemma, tokens):
    for model in gemma.values():
        needs = [memory(model, precision, tokens).total for precision in ("q4_0", "sfp8", "bf16")]
        assert needs == sorted(needs, key=lambda need: need.low)
        assert all(0 < need.low <= need.high for need in needs)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: memory(PLAIN, "q2", 1024),
            "m has no published memory figure for 'q2': choose one of bf16, q4_0",
        ),
        (
            lambda: context_bytes(PLAIN, 131_073),
            "the context is 131073 tokens and m takes 131072: ask for no more",
        ),
        (
            lambda: context_bytes(PLAIN, 0),
            "the context in tokens is 0: give a whole number above 0",
        ),
        (
            lambda: Device("d", -1, None),
            "the memory of d is -1: give a number above 0",
        ),
        (
            lambda: Device("d", 8, Range(500, 400)),
            "the bandwidth of d goes from 500 to 400: give the lower figure first",
        ),
        (
            lambda: speed(Device("d", 8, None), PLAIN, "q4_0", 1),
            "the bandwidth of d is not known: no speed can be reckoned from it",
        ),
        (
            lambda: dataclasses.replace(PLAIN, shared_layers=12),
            "m shares 12 of 12 layers: leave at least one with a cache of its own",
        ),
        (
            lambda: dataclasses.replace(PLAIN, kv_heads=0),
            "kv_heads of m is 0: give a whole number above 0",
        ),
    ],
)
def test_what_cannot_be_reckoned_is_said_in_one_sentence(make, sentence):
    with pytest.raises(KitchenError) as caught:
        make()
    assert str(caught.value) == sentence
