"""The model uses the cores that others leave idle."""

import pytest

from demos.server.local import threads
from demos.server.local.threads import Threads, Usage


class Machine:
    """Counters that a test moves."""

    def __init__(self) -> None:
        self.seen = Usage(0.0, 0.0, 0.0)

    def pass_by(self, others: float, ours: float = 1.0, seconds: float = 1.0) -> None:
        """Let time pass in which others and we use so many cores."""
        now = self.seen
        self.seen = Usage(
            now.everybody + (others + ours) * seconds, now.ours + ours * seconds, now.clock + seconds
        )

    def look(self) -> Usage:
        return self.seen


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: 4)
    monkeypatch.setattr(threads.time, "perf_counter", lambda: 1e9)  # it is always time to look
    return Machine()


@pytest.mark.parametrize(
    ("others", "left"), [(0.0, 4), (0.2, 4), (0.3, 2), (1.0, 2), (1.4, 2), (2.6, 1), (9, 1)]
)
def test_others_get_the_cores_that_they_use_and_a_power_of_two_is_left(machine, others, left):
    chosen = []
    choice = Threads(4, chosen.append, machine.look)
    machine.pass_by(others, ours=3.0)
    choice.adjust()
    assert choice.now == left
    assert chosen == ([1] if left == 1 else [1, left]), "set at the beginning, and when it changes"


def test_the_threads_come_back_when_the_others_are_done(machine):
    choice = Threads(4, lambda _count: None, machine.look)
    for others, left in ((2.0, 2), (2.0, 2), (0.0, 4)):
        machine.pass_by(others)
        choice.adjust()
        assert choice.now == left


def test_one_thread_is_taken_on_an_idle_machine_too_where_it_is_asked_for(machine):
    choice = Threads(4, lambda _count: None, machine.look)
    for one, left in ((False, 4), (True, 1), (True, 1), (False, 4)):
        machine.pass_by(0.0)
        choice.adjust(one=one)
        assert choice.now == left


def test_no_more_than_were_asked_for_are_used(machine):
    choice = Threads(2, lambda _count: None, machine.look)
    machine.pass_by(0.0)
    choice.adjust()
    assert choice.now == 2


def test_the_machine_is_not_looked_at_in_every_step(machine, monkeypatch):
    monkeypatch.setattr(threads.time, "perf_counter", lambda: machine.seen.clock + 0.1)
    choice = Threads(4, lambda _count: None, machine.look)
    machine.pass_by(3.0, seconds=0.05)
    choice._look = lambda: pytest.fail("too early")
    monkeypatch.setattr(threads.time, "perf_counter", lambda: 0.1)
    choice.adjust()
    assert choice.now == 1


def test_the_counters_of_this_machine_move_with_what_we_do():
    before = threads.usage()
    while threads.usage().ours < before.ours + 0.05:
        pass
    after = threads.usage()
    assert after.everybody > before.everybody
    assert 1 <= threads.cores() <= len(threads.allowed())
