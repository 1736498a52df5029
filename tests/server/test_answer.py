"""What a listener hears of one answer: text, odds with the text they belong to, and figures at the end."""

import pytest

from demos.server.engine import Delta, Done, Message, Order
from demos.server.local.answer import Answer, Job
from demos.server.local.prompt import Prompt
from demos.server.local.sampling import Chance
from tests.server.gemma4 import byte_tokenizer

WORDS = byte_tokenizer().backend_tokenizer
END = WORDS.token_to_id("<eos>")


def tokens(text: str) -> list[int]:
    return WORDS.encode(text, add_special_tokens=False).ids


class Clock:
    """Moves a second whenever it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def answered(drawn: list[int], *, odds: bool = True, trim: bool = False, **choices) -> list:
    """Everything that was heard of an answer of these tokens."""
    heard = []
    order = Order((Message("user", "?"),), 99, **choices)
    job = Job(order, Prompt([2, 3], trim=trim), heard.append, 0.0)
    answer = Answer(job, WORDS, {END}, Clock())
    for place, token in enumerate(drawn):
        answer.take(token, Chance(-float(place), ((END, -0.5),)) if odds else None)
        if answer.over:
            break
    answer.finish()
    return heard


def test_odds_ride_with_the_text_of_their_token():
    *deltas, _ = answered(tokens("a bowl of"))
    assert [(delta.text, [each.text for each in delta.odds]) for delta in deltas] == [
        ("a", ["a"]),
        (" bowl", [" bowl"]),
        (" of", [" of"]),
    ]
    assert [delta.odds[0].logprob for delta in deltas] == [0, -1, -2]
    other = deltas[0].odds[0].others[0]
    assert (other.text, other.data, other.logprob, other.others) == ("<eos>", b"<eos>", -0.5, ())


def test_the_bytes_of_one_character_come_together():
    *deltas, _ = answered(tokens("면a"))
    assert deltas[0].text == "면"
    assert b"".join(each.data for each in deltas[0].odds) == "면".encode()
    assert len(deltas[0].odds) == 3
    assert [each.data for each in deltas[1].odds] == [b"a"]


def test_what_may_begin_a_stop_text_is_withheld_with_its_odds():
    *deltas, _ = answered(tokens("a bowl of"), stop=("bowls",))
    assert [(delta.text, len(delta.odds)) for delta in deltas] == [("a", 1), (" ", 0), ("bowl of", 2)]


def test_the_odds_of_an_end_and_of_a_stop_text_come_last_and_without_text():
    *_, last, done = answered([*tokens("a"), END])
    assert (last.text, [each.text for each in last.odds]) == ("", ["<eos>"])
    assert done.finish_reason == "stop"
    *_, last, done = answered(tokens("a bowl of"), stop=("bowl",))
    assert (last.text, [each.text for each in last.odds]) == ("", [" bowl"])
    assert done.timings.predicted_n == 2


def test_white_space_that_is_left_out_has_its_odds_all_the_same():
    *deltas, _ = answered(tokens("\n\na"), trim=True)
    assert [(delta.text, len(delta.odds)) for delta in deltas] == [("a", 3)]


def test_without_odds_every_piece_has_text():
    *deltas, done = answered([*tokens("a bowl 면"), END], odds=False)
    assert all(delta.text and not delta.odds for delta in deltas)
    assert isinstance(done, Done)


def test_who_has_left_hears_no_text():
    heard = []
    job = Job(Order((), 9), Prompt([2]), heard.append, 0.0)
    answer = Answer(job, WORDS, {END}, Clock())
    job.cancel()
    answer.take(tokens("a")[0])
    assert heard == []


def test_an_answer_is_over_at_its_last_token():
    job = Job(Order((), 2), Prompt([2]), lambda _event: None, 0.0)
    answer = Answer(job, WORDS, {END}, Clock())
    over = []
    for token in tokens("a bowl"):
        answer.take(token)
        over.append(answer.over)
    assert over == [False, True]
    assert not answer.complete


def test_the_clock_counts_the_first_token_as_the_prompts_work():
    done = answered(tokens("a bowl of"), odds=False)[-1]
    timings = done.timings
    assert (timings.prompt_n, timings.predicted_n) == (2, 3)
    assert (timings.prompt_ms, timings.predicted_ms, timings.ttft_ms) == (1000, 2000, 2000)
    assert timings.predicted_per_second == pytest.approx(1.0)
    assert isinstance(answered([END], odds=False)[0], Done)
    assert answered([END], odds=False)[0].timings.predicted_per_second is None


def test_what_was_read_before_and_what_was_thought_are_counted():
    done = answered(tokens("a"), odds=False)[-1]
    assert (done.cached_tokens, done.thought_tokens) == (0, 0)
    assert isinstance(answered(tokens("a"))[0], Delta)
