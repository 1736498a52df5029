"""The engine with a random Gemma 4: the very code that answers in the kitchen."""

import pathlib
import queue
import time

import httpx
import pytest
import torch

from demos.server.api.app import create_app
from demos.server.engine import Done, Event, Failed, Message, Order
from demos.server.errors import (
    BusyError,
    KitchenError,
    NotReadyError,
    PromptTooLongError,
    UnknownAdapterError,
)
from demos.server.local import engine as local
from demos.server.local import loading, proof, quantise
from demos.server.local.engine import LocalEngine
from demos.server.local.menu import choose
from demos.server.local.padded import CPU_CHUNK, PaddedBatch
from demos.server.settings import Settings
from tests.server import gemma4 as random_gemma4
from tests.server.engines import ask, serving, started, until

BOWL = "what is a bowl"
LONG = Order((Message("user", BOWL),), 200, temperature=1.0, seed=3)


def test_the_same_seed_gives_the_same_text_and_another_seed_another(gemma4):
    texts = {seed: ask(gemma4, BOWL, temperature=1.0, seed=seed)[0] for seed in (1, 2, 3)}
    assert len(set(texts.values())) > 1
    for seed, text in texts.items():
        assert ask(gemma4, BOWL, temperature=1.0, seed=seed)[0] == text


def test_without_a_seed_answers_differ(gemma4):
    assert len({ask(gemma4, BOWL, temperature=2.0)[0] for _ in range(4)}) > 1


def test_temperature_zero_and_top_k_one_both_take_the_likeliest_token(gemma4):
    greedy, _ = ask(gemma4, BOWL, temperature=0.0)
    assert greedy
    assert ask(gemma4, BOWL, temperature=2.0, top_k=1)[0] == greedy
    assert ask(gemma4, BOWL, temperature=2.0, top_p=1e-6)[0] == greedy


def test_the_answer_is_what_generate_gives(gemma4):
    loaded = gemma4._loaded
    text = f"<bos>[user]{BOWL}\n[model]"
    ids = loaded.tokenizer(text, add_special_tokens=False, return_tensors="pt")
    out = loaded.model.generate(**ids, max_new_tokens=24, do_sample=False)[0, ids.input_ids.shape[1] :]
    expected = loaded.tokenizer.decode(out, skip_special_tokens=True).replace("\ufffd", "")
    assert ask(gemma4, BOWL, 24, temperature=0.0)[0] == expected


def test_random_tokens_never_show_half_characters(gemma4):
    for seed in range(5):
        text, end = ask(gemma4, "두 그릇", 32, temperature=2.0, seed=seed)
        assert "\ufffd" not in text
        assert isinstance(end, Done)


def test_it_counts_and_times_what_it_does(gemma4):
    before = gemma4.tokens_generated
    _, end = ask(gemma4, BOWL, 10, temperature=0.0)
    assert isinstance(end, Done)
    timings = end.timings
    assert end.finish_reason == "length"
    assert gemma4.tokens_generated - before == timings.predicted_n == 10
    assert timings.prompt_n > 5
    assert timings.ttft_ms >= timings.prompt_ms > 0
    assert timings.predicted_per_second == pytest.approx(9000 / timings.predicted_ms, rel=0.01)
    _, end = ask(gemma4, BOWL, 1)
    assert end.timings.predicted_per_second is None


def test_a_stop_text_ends_the_answer_at_once(gemma4):
    whole, _ = ask(gemma4, BOWL, 24, temperature=0.0)
    stop = whole[4:7]
    before = gemma4.tokens_generated
    text, end = ask(gemma4, BOWL, 24, temperature=0.0, stop=(stop,))
    assert text == whole[: whole.index(stop)]
    assert end.finish_reason == "stop"
    assert gemma4.tokens_generated - before < 24


def test_cancelling_stops_within_a_token_and_the_next_order_is_answered(gemma4):
    events = queue.SimpleQueue()
    ticket = gemma4.submit(LONG, events.put)
    events.get(timeout=30)
    ticket.cancel()
    at_cancel = gemma4.tokens_generated
    assert isinstance(ask(gemma4, BOWL, 1)[1], Done)
    until(lambda: not any(gemma4._tables[1:]))
    assert gemma4.tokens_generated - 1 - at_cancel <= 1
    while not events.empty():
        assert not isinstance(events.get(), Done | Failed)


def test_a_client_that_disconnects_stops_the_model(gemma4, site):
    body = {
        "messages": [{"role": "user", "content": BOWL}],
        "max_tokens": 300,
        "stream": True,
        "temperature": 1,
    }
    with serving(create_app([gemma4], Settings(), site)) as address:
        with httpx.stream("POST", f"{address}/v1/chat/completions", json=body) as reply:
            lines = reply.iter_lines()
            until(lambda: '"content":"' in next(lines))
        before = gemma4.tokens_generated
        until(lambda: settled(gemma4))
        assert gemma4.tokens_generated - before <= 3, "one token, and what is drawn until the news arrives"
        assert not gemma4._jobs


def settled(engine: LocalEngine) -> bool:
    """Whether no token comes for a while that is long against one token."""
    before = engine.tokens_generated
    time.sleep(0.4)
    return engine.tokens_generated == before


def test_a_full_queue_refuses_with_the_time_to_come_back(gemma4_folder):
    source = choose(str(gemma4_folder), gemma4_folder)
    with started(source, Settings(queue_length=2, retry_after_s=7, rows=1)) as engine:
        events = queue.SimpleQueue()
        tickets = [engine.submit(LONG, events.put)]
        events.get(timeout=30)  # it is being answered, no longer waiting
        tickets += [engine.submit(LONG, events.put) for _ in range(2)]
        with pytest.raises(
            BusyError, match=r"^The kitchen is busy: 2 orders are waiting already. Try again in 7 sec"
        ):
            engine.submit(LONG, events.put)
        for ticket in tickets:
            ticket.cancel()
        until(lambda: not engine._jobs)
        assert isinstance(ask(engine, BOWL, 2)[1], Done)


def test_who_leaves_the_queue_frees_the_place_at_once(gemma4_folder):
    source = choose(str(gemma4_folder), gemma4_folder)
    with started(source, Settings(queue_length=2, rows=1)) as engine:
        events = queue.SimpleQueue()
        running = engine.submit(LONG, events.put)
        events.get(timeout=30)
        for _ in range(5):  # far more than there are places, each gone before the next comes
            engine.submit(LONG, events.put).cancel()
        waiting = engine.submit(LONG, events.put)
        assert len(engine._jobs) <= 2
        for ticket in (running, waiting):
            ticket.cancel()


@pytest.mark.parametrize("temperature", [1e-320, 1e-40, 1e-6])
def test_a_temperature_next_to_nothing_is_the_likeliest_token(gemma4, temperature):
    assert ask(gemma4, BOWL, 8, temperature=temperature)[0] == ask(gemma4, BOWL, 8, temperature=0.0)[0]


def test_a_conversation_that_is_too_long_is_refused_with_both_numbers(gemma4):
    with pytest.raises(
        PromptTooLongError, match=r"is 5\d\d tokens long, but this kitchen takes at most 300 beside"
    ):
        ask(gemma4, "면" * 170)


def test_the_answer_must_fit_behind_the_conversation(gemma4):
    with pytest.raises(PromptTooLongError, match=r"takes at most 12 beside an answer of 500\."):
        ask(gemma4, "a bowl of noodles " * 9, 500)


def test_closing_ends_the_running_answer_and_those_that_wait(gemma4_folder):
    with started(choose(str(gemma4_folder), gemma4_folder), Settings(rows=1)) as engine:
        running, waiting = queue.SimpleQueue(), queue.SimpleQueue()
        engine.submit(LONG, running.put)
        engine.submit(LONG, waiting.put)
        running.get(timeout=30)
        engine.close()
        ends = [event for event in drain(running) if not hasattr(event, "text")] + drain(waiting)
        assert [event.reason for event in ends] == ["The kitchen is closing, so the answer ends here."] * 2
        with pytest.raises(NotReadyError, match=r"^The kitchen is closing and takes no more orders\.$"):
            ask(engine, BOWL)


def drain(events: queue.SimpleQueue) -> list:
    """Everything up to the end of an answer."""
    found = [events.get(timeout=30)]
    while hasattr(found[-1], "text"):
        found.append(events.get(timeout=30))
    return found


def test_an_error_while_generating_is_one_sentence_and_the_next_order_works(gemma4, monkeypatch, caplog):
    def broken(*_args, **_options):
        raise RuntimeError("out of noodles")

    with monkeypatch.context() as patch:
        patch.setattr(gemma4._tables[0]._batch, "step", broken)
        _, end = ask(gemma4, "a secret prompt")
    assert end == Failed(
        "The model stopped with an error that is in the server's log; the next question starts afresh.",
        500,
        "answer_broken",
    )
    assert "out of noodles" in caplog.text
    assert "secret prompt" not in caplog.text
    assert isinstance(ask(gemma4, BOWL, 2)[1], Done)


def test_whatever_breaks_a_turn_ends_what_is_at_the_table_and_the_next_order_works(
    gemma4_folder, monkeypatch, caplog
):
    with started(choose(str(gemma4_folder), gemma4_folder), Settings(rows=1)) as engine:
        running = queue.SimpleQueue()
        engine.submit(LONG, running.put)
        running.get(timeout=30)

        def broken() -> None:
            raise MemoryError("the kitchen is on fire")

        with monkeypatch.context() as patch:
            patch.setattr(engine._tables[0], "turn", broken)
            assert drain(running)[-1] == local.BROKEN
        assert "the kitchen is on fire" in caplog.text
        assert isinstance(ask(engine, BOWL, 2)[1], Done)
        # A table that cannot be laid is the trouble of the orders that it was for.
        with monkeypatch.context() as patch:
            patch.setattr(engine, "_tables", [])
            patch.setattr(engine, "_table", lambda _loaded: broken())
            assert ask(engine, BOWL, 2) == ("", local.BROKEN)
        assert isinstance(ask(engine, BOWL, 2)[1], Done)


def test_an_engine_that_loads_refuses_orders_and_tells_its_step(gemma4_folder):
    engine = LocalEngine(choose(str(gemma4_folder), gemma4_folder), Settings())
    assert (engine.status.state, engine.hardware) == ("loading", None)
    with pytest.raises(NotReadyError, match=r"^The model is still loading: Starting\.$"):
        ask(engine, BOWL)


def test_a_folder_that_is_no_model_fails_with_one_sentence(tmp_path):
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    steps: list[tuple[float, str]] = []
    engine = LocalEngine(
        choose(str(tmp_path), tmp_path), Settings(), lambda done, step: steps.append((done, step))
    )
    engine.start()
    status = engine.wait_loaded(60)
    assert status.state == "failed"
    assert status.reason.startswith(f"The folder {tmp_path} could not be read as a model: ")
    assert status.code == "model_unreadable"
    assert "\n" not in status.reason
    assert steps[0][1] == "Starting PyTorch"
    with pytest.raises(NotReadyError, match="could not be read as a model") as refused:
        ask(engine, BOWL)
    assert refused.value.code == "model_unreadable"  # and not that waiting would help


def test_a_model_that_does_not_fit_into_memory_says_so(gemma4_folder, monkeypatch):
    def full(*_given, **_named):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB.")

    monkeypatch.setattr(local, "load", full)
    engine = LocalEngine(choose(str(gemma4_folder), gemma4_folder), Settings())
    engine.start()
    status = engine.wait_loaded(60)
    assert (status.state, status.code) == ("failed", "out_of_memory")
    assert status.reason == (
        "The model does not fit into the memory that is free: close programs, or take a smaller one."
    )


def test_where_a_proof_is_noted_the_batch_that_serves_is_warm_all_the_same(
    gemma4_folder, monkeypatch, tmp_path
):
    steps = []
    took = PaddedBatch.step
    for _ in range(2):
        steps.clear()
        with monkeypatch.context() as patch:
            patch.setattr(
                PaddedBatch, "step", lambda batch, ids: (steps.append(len(ids)), took(batch, ids))[1]
            )
            loaded = loading.load(gemma4_folder, 1, lambda _done, _step: None, proofs=tmp_path)
    assert loaded.hardware.engine == "padded"
    assert steps == [2]


def test_int8_that_is_wrong_falls_back_to_bf16_and_says_why(gemma4_folder, monkeypatch, tmp_path):
    def saturating(layer, x):
        return torch.zeros(*x.shape[:-1], 64)

    monkeypatch.setattr(quantise.Int8Linear, "forward", saturating)
    loaded = loading.load(gemma4_folder, 1, lambda _done, _step: None, proofs=tmp_path)
    assert loaded.hardware.dtype == "bf16"
    assert "differs from bf16" in loaded.hardware.dtype_reason


def test_int8_that_is_missing_falls_back_to_bf16_and_says_why(gemma4_folder, monkeypatch, tmp_path):
    def missing(layer, linear, **_options):
        raise RuntimeError("no such operator\nmore")

    monkeypatch.setattr(quantise.Int8Linear, "__init__", missing)
    loaded = loading.load(gemma4_folder, 1, lambda _done, _step: None, proofs=tmp_path)
    assert loaded.hardware.dtype_reason == "int8 does not work here: no such operator"
    assert loaded.hardware.dtype == "bf16"


def together(engine: LocalEngine, orders: list[Order]) -> list[tuple[str, Event]]:
    """Several orders at once, and how each was answered."""
    queues = [queue.SimpleQueue() for _ in orders]
    for order, events in zip(orders, queues, strict=True):
        engine.submit(order, events.put)
    found = []
    for events in queues:
        heard = drain(events)
        found.append(("".join(event.text for event in heard[:-1]), heard[-1]))
    return found


def order(text: str, max_tokens: int = 16, **choices: object) -> Order:
    return Order((Message("user", text),), max_tokens, **choices)


def test_orders_are_answered_together_as_they_are_alone(gemma4):
    orders = [order(text, temperature=0.0) for text in (BOWL, "noodles", "what is a bowl of noodles", "면")]
    assert gemma4.hardware.engine == "padded"
    assert gemma4.hardware.engine_reason is None
    alone = [ask(gemma4, each.messages[0].content, 16, temperature=0.0)[0] for each in orders]
    assert [text for text, _ in together(gemma4, orders)] == alone


def test_a_seed_gives_the_same_bytes_beside_others_too(gemma4):
    text, _ = ask(gemma4, BOWL, 24, temperature=1.0, seed=11)
    seeded = order(BOWL, 24, temperature=1.0, seed=11)
    others = [order("noodles " * count, 24, temperature=1.0) for count in (1, 5)]
    found = together(gemma4, [others[0], seeded, others[1], seeded])
    assert found[1][0] == found[3][0] == text


def test_while_a_seed_is_at_the_table_the_number_of_threads_does_not_follow_the_load(gemma4, monkeypatch):
    asked = []

    class Recording:
        def adjust(self, *, one):
            asked.append(one)

    assert not gemma4._loaded.exact, "a padded batch's numbers depend on how its sums are split"
    monkeypatch.setattr(gemma4, "_threads", Recording())
    ask(gemma4, BOWL, 6, temperature=1.0, seed=11)
    steady = sum(asked)
    assert steady >= 5, "a turn for each token, but the first two in one"
    ask(gemma4, BOWL, 6, temperature=1.0)
    assert len(asked) >= 10
    assert sum(asked) == steady


def test_every_token_comes_with_its_odds_and_with_the_text_that_it_is(gemma4):
    events = queue.SimpleQueue()
    gemma4.submit(order("두 그릇", 24, temperature=0.0, top_logprobs=3), events.put)
    *deltas, end = drain(events)
    odds = [each for delta in deltas for each in delta.odds]
    assert len(odds) == end.timings.predicted_n == 24
    for each in odds:
        assert each.logprob == pytest.approx(each.others[0].logprob), "greedy takes the likeliest"
        assert [other.logprob for other in each.others] == sorted(
            (other.logprob for other in each.others), reverse=True
        )
    for delta in deltas[:-1]:
        data = b"".join(each.data for each in delta.odds)
        assert delta.text in data.decode(errors="ignore")


def test_a_text_is_gone_on_with_as_it_is(gemma4):
    loaded = gemma4._loaded
    ids = loaded.tokenizer("a bowl of", return_tensors="pt")
    out = loaded.model.generate(**ids, max_new_tokens=9, do_sample=False)[0, ids.input_ids.shape[1] :]
    expected = loaded.tokenizer.decode(out, skip_special_tokens=True).replace("\ufffd", "")
    (found, _), *_ = together(gemma4, [Order((), 9, temperature=0.0, text="a bowl of")])
    assert found == expected


def test_a_chat_with_gemma_4_reads_only_what_is_new_in_each_turn(tmp_path):
    folder = random_gemma4.save(tmp_path, sliding_window=96)

    def answer(engine: LocalEngine, chat: list[Message]) -> tuple[str, Done]:
        events = queue.SimpleQueue()
        engine.submit(Order(tuple(chat), 6, temperature=0.0), events.put)
        *deltas, end = drain(events)
        return "".join(delta.text for delta in deltas), end

    with started(choose(str(folder), folder), Settings(threads=1)) as engine:
        assert engine.hardware.engine == "padded"
        prefixes = engine._loaded.make()._prefixes
        chat, ends, texts = [], [], []
        for _ in range(3):
            chat.append(Message("user", BOWL * 22))
            text, end = answer(engine, chat)
            ends.append(end)
            texts.append((list(chat), text))
            chat.append(Message("assistant", text))
        read_before = [end.timings.prompt_n // CPU_CHUNK * CPU_CHUNK for end in ends]
        assert [end.cached_tokens for end in ends] == [0, *read_before[:2]]
        assert 0 < read_before[0] < read_before[1] < 256
        for history, text in texts:
            prefixes._chunks.clear()
            assert answer(engine, history)[0] == text


def test_an_adapter_that_is_not_here_is_refused_and_the_base_model_is(gemma4):
    with pytest.raises(
        UnknownAdapterError, match=rf"^There is no topping 'spicy' for {gemma4.card.name}: it has none\.$"
    ):
        ask(gemma4, BOWL, adapter="spicy")
    assert isinstance(ask(gemma4, BOWL, 2, adapter="")[1], Done)
    with pytest.raises(KitchenError, match=r"takes no toppings here: only the packed engine does\.$"):
        gemma4.add_adapter("spicy", pathlib.Path("nowhere"))


@pytest.fixture
def one_by_one(gemma4_folder, monkeypatch, tmp_path):
    """The random Gemma 4 where no batch could be proved."""
    monkeypatch.setenv("TWO_BOWLS_CACHE", str(tmp_path))  # where nothing is noted
    monkeypatch.setattr(proof, "difference", lambda *_: "alone, text 1 goes wrong")
    with started(choose(str(gemma4_folder), gemma4_folder), Settings()) as engine:
        yield engine


def test_what_cannot_be_batched_is_answered_by_generate_one_by_one_and_says_why(one_by_one, gemma4):
    assert one_by_one.hardware.engine == "generate"
    assert one_by_one.hardware.engine_reason == (
        "a padded batch differs from generate: alone, text 1 goes wrong"
    )
    orders = [order(text, temperature=0.0, top_logprobs=2) for text in (BOWL, "noodles")]
    events = [queue.SimpleQueue() for _ in orders]
    for each, heard in zip(orders, events, strict=True):
        one_by_one.submit(each, heard.put)
    for each, heard in zip(orders, events, strict=True):
        *deltas, end = drain(heard)
        assert end.timings.predicted_n == 16
        text = "".join(delta.text for delta in deltas)
        assert text == ask(gemma4, each.messages[0].content, 16, temperature=0.0)[0]
        odds = [one for delta in deltas for one in delta.odds]
        assert len(odds) == 16
        assert all(one.logprob == pytest.approx(one.others[0].logprob) for one in odds)


def test_generate_one_by_one_keeps_to_seeds_cancels_and_closes(one_by_one):
    texts = {ask(one_by_one, BOWL, 20, temperature=1.0, seed=seed)[0] for seed in (4, 4, 4)}
    assert len(texts) == 1
    events = queue.SimpleQueue()
    ticket = one_by_one.submit(LONG, events.put)
    events.get(timeout=30)
    ticket.cancel()
    before = one_by_one.tokens_generated
    running = queue.SimpleQueue()
    one_by_one.submit(LONG, running.put)
    running.get(timeout=30)
    assert one_by_one.tokens_generated - before < 100
    one_by_one.close()
    assert drain(running)[-1] == Failed("The kitchen is closing, so the answer ends here.", 503, "closing")
