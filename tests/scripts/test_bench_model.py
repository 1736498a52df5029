"""What the benchmark makes of answers: ratios, goals, and who is asked when."""

import pytest

from scripts import bench_model
from scripts.bench_model import BARE, BATCHING, LLAMA, PEER
from scripts.contestants import Answer


class Steady:
    """Answers at the same speed, whoever asks; remembers the texts."""

    def __init__(self, rate: float, first_s: float = 0.1) -> None:
        self.rate, self.first_s = rate, first_s
        self.texts: list[str] = []

    def ask(self, text: str, tokens: int) -> Answer:
        self.texts.append(text)
        return Answer(self.first_s, self.rate, tokens, self.first_s + (tokens - 1) / self.rate)


def judged(rows) -> dict[tuple[str, str], tuple[float, bool | None]]:
    return {(row.name, row.peer): (pytest.approx(row.ratio, rel=1e-3), row.ok) for row in rows}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(bench_model, "PAUSE_S", 0)


def test_each_contestant_goes_on_with_each_text_in_turns_after_a_first_one_to_warm_up():
    everybody = {"ours": Steady(40), PEER: Steady(20)}
    answers = bench_model.in_turns(everybody, ["a", "b"])
    for name, each in everybody.items():
        assert each.texts == ["a", *["a", "b"] * bench_model.ROUNDS]
        assert len(answers[name]) == 2 * bench_model.ROUNDS


@pytest.mark.parametrize("llama", [True, False], ids=["with llama.cpp", "without"])
def test_one_stream_is_judged_beside_the_peer_the_bare_engine_and_llama(llama):
    everybody = {"ours": Steady(40, 0.1), BARE: Steady(41, 0.1), PEER: Steady(16, 0.125)}
    if llama:
        everybody[LLAMA] = Steady(82, 0.2)
    found = judged(bench_model.one_stream(bench_model.in_turns(everybody, ["a", "b"])))
    first = "first token, prompt of 50"
    expected = {
        ("decode, one stream", PEER): (2.5, True),
        (first, PEER): (0.8, True),
        ("an answer over HTTP, per token", BARE): ((0.1 + 63 / 40) / (0.1 + 63 / 41), True),
    }
    if llama:
        expected |= {("decode, one stream", LLAMA): (0.5, False), (first, LLAMA): (0.5, None)}
    assert found == expected


def test_four_clients_are_judged_beside_one_and_beside_the_peers_batches():
    found = judged(bench_model.clients(Steady(40, 0.1), Steady(20, 0.1), ["a", "b", "c", "d"]))
    total = 4 * 64 / (0.1 + 63 / 40)
    assert found == {
        ("4 clients, total", "our single stream"): (total / 40, True),
        ("4 clients, total", BATCHING): (total / (4 * 64 / (0.1 + 63 / 20)), True),
    }
