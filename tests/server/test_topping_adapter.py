"""The adapter in the repository: as good as its card says, and the card is about this very file."""

import json
import queue

import pytest

from demos.server.engine import Delta, Event, Message, Order
from demos.server.local import weights
from demos.server.topping import lessons, packet
from scripts import topping, topping_card

FOUND = topping_card.read_tasting(topping.ADAPTER)


def test_the_adapter_was_tasted_as_it_stands():
    assert FOUND["adapter"] == weights.sha256(topping.ADAPTER / "adapter_model.safetensors")


@pytest.mark.parametrize("language", lessons.LANGUAGES)
def test_four_of_five_answers_and_seven_of_ten_refusals_are_right(language):
    right, asked = topping_card.share(FOUND["topping"][language], beyond=False)
    assert right / asked >= 0.8
    refused, beyond = topping_card.share(FOUND["topping"][language], beyond=True)
    assert refused / beyond >= 0.7


@pytest.mark.parametrize("language", lessons.LANGUAGES)
def test_what_was_tasted_is_what_is_held_out_now(language):
    held = {pair.ask for pair in lessons.read(language).pairs() if pair.held_out}
    assert {row["ask"] for row in FOUND["topping"][language]} == held


def test_the_adapter_names_the_base_and_no_folder():
    config = json.loads((topping.ADAPTER / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "google/gemma-3-270m"


def test_the_adapter_becomes_a_packet_of_a_few_megabytes(tmp_path):
    assert 1_000_000 < packet.write(topping.ADAPTER, tmp_path / "topping.gguf") < 8_000_000


def test_in_int8_and_in_a_batch_it_answers_as_it_was_tasted(embedded):
    """Every eighth held-out question, as the server cooks it: no worse than in bf16."""
    pairs = [pair for pair in lessons.read_all() if pair.held_out and not pair.before][::8]
    rows = [row for language in lessons.LANGUAGES for row in FOUND["topping"][language]]
    tasted = {row["ask"]: row["right"] for row in rows}
    right = 0
    for start in range(0, len(pairs), 8):
        group = pairs[start : start + 8]  # as many as may wait
        events: list[queue.SimpleQueue[Event]] = [queue.SimpleQueue() for _ in group]
        for pair, into in zip(group, events, strict=True):
            embedded.submit(Order((Message("user", pair.ask),), 64), into.put)
        for pair, into in zip(group, events, strict=True):
            answer = ""
            while isinstance(event := into.get(timeout=100), Delta):
                answer += event.text
            right += pair.right(answer)
    assert len(pairs) > 35
    assert right >= sum(tasted[pair.ask] for pair in pairs) - 2
