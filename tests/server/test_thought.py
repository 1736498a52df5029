"""What a model thinks is kept apart from what it says, token by token."""

import itertools

import pytest

from demos.server.local.thought import Voice
from tests.server.gemma4 import byte_tokenizer, turn_tokenizer

TOKENIZER = turn_tokenizer()
THOUGHT, ANSWER = "The reader asks.\n국물?\n", "what is a bowl 그릇"
WHOLE = f"<|channel>thought\n{THOUGHT}<channel|>{ANSWER}<turn|>"


def heard(
    text: str, *, stop: tuple[str, ...] = (), tokenizer=TOKENIZER
) -> tuple[list[tuple[str, str]], Voice]:
    """What comes after each token of a text, and the voice."""
    voice = Voice(tokenizer.backend_tokenizer, stop, trim=False)
    pieces = [voice.push(token) for token in tokenizer.encode(text, add_special_tokens=False)]
    return [*pieces, (voice.finish(), "")], voice


def joined(pieces: list[tuple[str, str]]) -> tuple[str, str]:
    said, thought = zip(*pieces, strict=True)
    return "".join(said), "".join(thought)


def test_a_thought_comes_apart_without_marks_or_its_channels_name():
    pieces, _ = heard(WHOLE)
    assert joined(pieces) == (ANSWER, THOUGHT)
    assert not any(said and thought for said, thought in pieces)
    kinds = ["thought" if thought else "said" for said, thought in pieces if said or thought]
    assert [kind for kind, _ in itertools.groupby(kinds)] == ["thought", "said"]
    assert kinds.count("thought") > 10, "it streams"


def test_the_tokens_of_a_thought_are_counted_with_its_marks():
    _, voice = heard(WHOLE)
    thought = TOKENIZER.encode(WHOLE.partition(ANSWER)[0], add_special_tokens=False)
    assert voice.thought_tokens == len(thought)
    assert heard(ANSWER)[1].thought_tokens == 0


@pytest.mark.parametrize("empty", ["", "thought\n", "thought\n\n", "thought\n \n", "thought"])
def test_an_empty_thought_is_never_shown(empty):
    pieces, _ = heard(f"<|channel>{empty}<channel|>{ANSWER}")
    assert joined(pieces) == (ANSWER, "")


def test_a_thought_that_never_ends_is_a_thought():
    pieces, _ = heard("<|channel>thought\nand so on")
    assert joined(pieces) == ("", "and so on")


def test_a_second_thought_is_one_too():
    pieces, _ = heard("<|channel>thought\nwhat<channel|>is<|channel>thought\na<channel|> bowl")
    assert joined(pieces) == ("is bowl", "whata")


def test_a_stop_text_ends_what_is_said_and_not_what_is_thought():
    pieces, voice = heard(WHOLE, stop=("is",))
    assert joined(pieces) == ("what ", THOUGHT)
    assert voice.stopped
    pieces, voice = heard("<|channel>thought\nis it<channel|>a bowl", stop=("is",))
    assert joined(pieces) == ("a bowl", "is it")
    assert not voice.stopped


def test_a_closing_mark_without_an_opening_one_says_nothing():
    assert joined(heard(f"<channel|>{ANSWER}")[0]) == (ANSWER, "")


def test_a_tokenizer_without_the_marks_only_speaks():
    text = "<|channel>thought\nwhat"
    assert joined(heard(text, tokenizer=byte_tokenizer())[0]) == (text, "")
