"""Orders at one table: who is served when, who leaves when, and what one that breaks does to the others."""

import logging

import pytest

from demos.server.engine import Done, Failed
from demos.server.local.table import BROKEN
from tests.server.fake import CLOSING
from tests.server.tables import Guest, Room


@pytest.fixture
def room():
    return Room()


def test_two_orders_are_answered_together_a_token_each_step(room):
    one, two = Guest(10), Guest(20)
    room.seat(one, two)
    room.turns(4)
    assert room.batch.log == [
        "read 10 1",
        "step 10",
        "read 20 1",
        "step 10 20",
        "drop 10",
        "step 20",
        "drop 20",
    ]
    assert isinstance(one.end, Done)
    assert isinstance(two.end, Done)
    assert (room.drawn, len(room.table)) == (6, 0)


def test_an_order_of_one_token_needs_no_step(room):
    guest = Guest(10, max_tokens=1)
    room.seat(guest)
    room.turns(1)
    assert room.batch.log == ["read 10 1", "drop 10"]
    assert guest.end.timings.predicted_n == 1


def test_a_long_prompt_holds_nobody_up_who_is_being_answered(room):
    talks, reads = Guest(10, max_tokens=9), Guest(20, chunks=3)
    room.seat(talks)
    room.turns(1)
    room.seat(reads)
    room.turns(3)
    assert room.batch.log[2:] == ["read 20 1", "step 10", "read 20 2", "step 10", "read 20 3", "step 10 20"]


def test_a_short_prompt_passes_a_long_one_and_the_long_one_still_moves(room):
    long, short = Guest(10, chunks=6), Guest(20, chunks=2, max_tokens=1)
    room.seat(long, short)
    room.turns(4)
    assert [line for line in room.batch.log if "read" in line] == [
        "read 20 1",
        "read 10 1",
        "read 20 2",
        "read 10 2",
    ]


def test_who_leaves_while_reading_is_gone_at_the_next_chunk(room):
    guest = Guest(10, chunks=5)
    room.seat(guest)
    room.turns(2)
    guest.job.cancel()
    room.turns(3)
    assert room.batch.log == ["read 10 1", "read 10 2"]
    assert (guest.events, len(room.table)) == ([], 0)


def test_who_leaves_while_being_answered_is_gone_at_the_next_token(room):
    leaves, stays = Guest(10, max_tokens=50), Guest(20, max_tokens=50)
    room.seat(leaves, stays)
    room.turns(3)
    leaves.job.cancel()
    room.turns(2)
    assert room.batch.log[-3:] == ["drop 10", "step 20", "step 20"]
    assert leaves.end is None


def test_the_last_chance_to_leave_is_before_the_end_is_told(room):
    guest = Guest(10, max_tokens=2)
    heard = guest.events.append
    guest.job.listener = lambda event: (guest.job.cancel(), heard(event))
    room.seat(guest)
    room.turns(2)
    assert guest.end is None
    assert len(room.batch) == 0


def test_a_prompt_that_cannot_be_read_ends_its_order_only(room, caplog):
    good, bad = Guest(10), Guest(20)
    room.batch.broken.add("read 20")
    room.seat(bad, good)
    room.turns(4)
    assert bad.end == BROKEN
    assert isinstance(good.end, Done)
    assert "out of noodles" in caplog.text


def test_a_token_that_cannot_be_drawn_ends_its_order_only(room, caplog):
    good, bad = Guest(10, max_tokens=4), Guest(20, max_tokens=4)
    room.sampler.broken = {21}
    room.seat(good, bad)
    room.turns(5)
    assert bad.end == BROKEN
    assert isinstance(good.end, Done)
    assert "no such noodle" in caplog.text


def test_a_listener_that_breaks_ends_its_order_only(room, caplog):
    good, bad = Guest(10, max_tokens=4), Guest(20, max_tokens=4)

    def broken(_event):
        raise RuntimeError("nobody listens")

    bad.job.listener = broken
    room.seat(good, bad)
    room.turns(5)
    assert isinstance(good.end, Done)
    assert "nobody listens" in caplog.text
    assert len(room.table) == 0


def test_a_step_that_breaks_ends_its_rows_and_those_who_are_being_read_begin_again(room, caplog):
    caplog.set_level(logging.ERROR)
    row, reading = Guest(10), Guest(20, chunks=2)
    room.seat(row)
    room.turns(1)
    room.seat(reading)
    room.batch.broken.add("step")
    room.turns(1)
    assert row.end == BROKEN
    assert "a step of 1 rows failed" in caplog.text
    room.turns(5)
    assert len(room.batches) == 2
    assert room.batch.log[:2] == ["read 20 1", "read 20 2"]
    assert isinstance(reading.end, Done)


def test_ending_tells_everyone_who_has_not_left_why(room):
    row, reading, left = Guest(10, max_tokens=50), Guest(20, chunks=9), Guest(30, max_tokens=50)
    room.seat(row, reading, left)
    room.turns(4)
    left.job.cancel()
    room.table.end(CLOSING)
    assert row.end == reading.end == CLOSING
    assert left.end is None
    assert len(room.table) == 0


def test_a_batch_that_breaks_as_one_leaves_ends_its_rows_and_the_next_orders_are_answered(room, caplog):
    one, two, reading = Guest(10, max_tokens=9), Guest(20, max_tokens=9), Guest(30, chunks=6)
    room.seat(one, two)
    room.turns(3)
    room.seat(reading)
    room.batch.broken.add("drop")
    one.job.cancel()
    room.turns(1)
    assert "taking one of 2 rows away failed" in caplog.text
    assert "no memory for the rest" in caplog.text
    assert (one.end, two.end) == (None, BROKEN)
    after = Guest(40)
    room.seat(after)
    room.turns(12)
    assert len(room.batches) == 2
    assert isinstance(reading.end, Done)
    assert isinstance(after.end, Done)
    assert len(room.table) == len(room.batch) == 0


def test_who_is_told_everything_is_not_told_that_it_broke_when_the_batch_does_as_they_leave(room):
    done, rest = Guest(10, max_tokens=3), Guest(20, max_tokens=9)
    room.seat(done, rest)
    room.batch.broken.add("drop")
    room.turns(2)
    assert isinstance(done.end, Done)
    assert rest.end == BROKEN
    assert len(room.table) == len(room.batch) == 0


def test_a_topping_that_was_deleted_while_its_order_waited_is_not_found(room):
    guest = Guest(10)
    room.batch.gone.add("10")
    room.seat(guest)
    room.turns(1)
    assert guest.end == Failed("The topping is gone.", 404, "adapter_not_found")
    assert len(room.table) == 0


def test_what_was_read_before_is_told_at_the_end(room):
    guest = Guest(10, chunks=3)
    room.batch.reused = 2
    room.seat(guest)
    room.turns(6)
    assert guest.end.cached_tokens == 2


def test_an_end_token_ends_the_answer(room):
    guest = Guest(0, max_tokens=50)  # its second token is 1, the end
    room.seat(guest)
    room.turns(3)
    assert (guest.end.finish_reason, guest.end.timings.predicted_n) == ("stop", 2)
