"""Real servers that speak OpenAI's API, each in a process of its own, and what we must make of any of them.

A test file has a fixture `stove` and a class that inherits `AnyStove`.
"""

import contextlib
import os
import queue
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import httpx
import pytest

from demos.server.engine import Delta, Done, Failed, Message, Order
from demos.server.upstream import engine as upstream
from demos.server.upstream.engine import UpstreamEngine
from scripts.contestants import free_port
from tests.server.engines import told, until

CHAT = Order((Message("user", "what is a bowl"),), 12, temperature=0.0)
TEXT = Order((), 12, temperature=0.0, text="what is a bowl")
LONG = 20_000
"""Tokens of an answer that nobody waits for."""


class Stove:
    """A server that can be killed and started again at the same address."""

    def __init__(
        self, command: Callable[[int], list[str]], ready: str, env: Mapping[str, str] | None = None
    ) -> None:
        """Prepare.

        Args:
            command: by port.
            ready: the path that answers 200 when orders are taken.
            env: more variables.
        """
        self.port = free_port()
        self.root = f"http://127.0.0.1:{self.port}"
        self._command, self._ready = command(self.port), self.root + ready
        self._env = {**os.environ, **(env or {})}
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the stove
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, patience_s: float) -> None:
        """Begin to serve; returns when it answers."""
        self._process = subprocess.Popen(
            self._command,
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        until(self._answers, patience_s)

    def _answers(self) -> bool:
        if self._process and self._process.poll() is not None:
            self._log.seek(0)
            pytest.fail(f"{self._command} ended: {self._log.read().decode()[-2000:]}")
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(self._ready, timeout=2).status_code == 200
        return False

    def kill(self) -> None:
        """End it at once, as a machine that goes dark does."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.stdin.close()
            self._process.wait(10)
            self._process = None

    def close(self) -> None:
        """End it for good."""
        self.kill()
        self._log.close()


@contextlib.contextmanager
def cooking(stove: Stove, suffix: str, patience_s: float) -> Iterator[UpstreamEngine]:
    """The engine of a stove's one model; everything is put away afterwards."""
    try:
        stove.start(patience_s)
        (engine,) = upstream.engines(stove.root + suffix, None)
        try:
            yield engine
        finally:
            engine.close()
            assert engine.wait_closed(10)
    finally:
        stove.close()


def begun(engine: UpstreamEngine) -> tuple[upstream.Job, queue.SimpleQueue]:
    """A long answer, of which three pieces have come."""
    events = queue.SimpleQueue()
    job = engine.submit(replace(CHAT, max_tokens=LONG), events.put)
    for _ in range(3):
        assert isinstance(events.get(timeout=60), Delta)
    return job, events


def said(engine: UpstreamEngine, order: Order) -> str:
    """The whole answer."""
    *pieces, done = told(engine, order)
    assert isinstance(done, Done), done
    return "".join(piece.text for piece in pieces)


class AnyStove:
    """What holds for every server. `odds`: whether it tells those of its tokens."""

    odds = True
    patience_s = 30.0

    @pytest.mark.parametrize("order", [CHAT, TEXT], ids=["chat", "text"])
    def test_an_answer_streams_with_our_timings(self, cooked, order):
        *pieces, done = told(cooked, order)
        assert len(pieces) > 1
        assert all(isinstance(piece, Delta) for piece in pieces)
        assert "".join(piece.text for piece in pieces)
        assert isinstance(done, Done)
        assert done.finish_reason == "length"
        timings = done.timings
        assert 1 < timings.predicted_n <= order.max_tokens
        assert timings.ttft_ms >= timings.prompt_ms > 0
        assert timings.predicted_ms > 0
        assert timings.predicted_per_second > 0

    @pytest.mark.parametrize("order", [CHAT, TEXT], ids=["chat", "text"])
    def test_a_seed_repeats_its_answer_and_another_one_does_not(self, cooked, order):
        drawn = replace(order, temperature=1.0, top_k=50, seed=7, max_tokens=24)
        first = said(cooked, drawn)
        assert said(cooked, drawn) == first
        assert said(cooked, replace(drawn, seed=8)) != first

    @pytest.mark.parametrize("order", [CHAT, TEXT], ids=["chat", "text"])
    def test_a_stop_text_ends_the_answer_and_is_no_part_of_it(self, cooked, order):
        whole = said(cooked, order)
        stop = next(letter for letter in whole[1:] if letter.isalpha() and letter.isascii())
        *pieces, done = told(cooked, replace(order, stop=(stop,)))
        assert "".join(piece.text for piece in pieces) == whole[: whole.index(stop)]
        assert done.finish_reason == "stop"

    @pytest.mark.parametrize("order", [CHAT, TEXT], ids=["chat", "text"])
    def test_the_odds_of_every_token_come_with_it_or_the_order_is_refused(self, cooked, stove, order):
        *pieces, ending = told(cooked, replace(order, top_logprobs=2))
        if not self.odds:
            netloc = stove.root.removeprefix("http://")
            sentence = f"The server at {netloc} does not tell the odds of its tokens: leave out 'logprobs'."
            assert (pieces, ending) == ([], Failed(sentence, 400, "logprobs_not_supported"))
            return
        assert isinstance(ending, Done)
        tokens = [token for piece in pieces for token in piece.odds]
        assert "".join(token.text for token in tokens) == "".join(piece.text for piece in pieces)
        for token in tokens:
            assert token.logprob <= 0
            assert len(token.others) == 2
            assert token.others[0].logprob >= token.others[1].logprob
            assert token.others[0].logprob >= token.logprob - 1e-3
        alone = told(cooked, replace(order, top_logprobs=0))[:-1]
        assert [token.logprob for piece in alone for token in piece.odds] == pytest.approx(
            [token.logprob for token in tokens], abs=1e-3
        )
        assert not any(token.others for piece in alone for token in piece.odds)

    def test_who_leaves_makes_room_for_the_next(self, cooked):
        job, events = begun(cooked)
        job.cancel()
        assert said(cooked, CHAT)
        while not events.empty():
            assert isinstance(events.get(), Delta), "it was cancelled, and is told nothing of an end"

    def test_a_stove_that_dies_in_the_middle_is_one_sentence_and_cooks_again_when_it_is_back(
        self, cooked, stove
    ):
        _, events = begun(cooked)
        stove.kill()
        while isinstance(ending := events.get(timeout=60), Delta):
            pass
        there = f"The server at {stove.root.removeprefix('http://')}"
        assert ending == Failed(
            f"{there} broke the answer off in the middle: ask again.", 502, "upstream_broken"
        )
        *_, refused = told(cooked, CHAT)
        assert refused == Failed(
            f"{there} cannot be reached: start it, or check the address.", 502, "upstream_unreachable"
        )
        stove.start(self.patience_s)
        assert said(cooked, CHAT)
