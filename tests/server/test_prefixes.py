"""What is kept of earlier prompts, and what goes when there is no more room."""

import torch

from demos.server.local.prefixes import Prefixes

CHUNK = (torch.zeros(4), torch.zeros(4))
BYTES = 32


def filled(*chains: str, room: int = 100) -> Prefixes:
    """Chains of chunks of one token each, "abc" as a, ab, abc."""
    prefixes = Prefixes(1, room * BYTES)
    for chain in chains:
        for end in range(1, len(chain) + 1):
            prefixes.keep(None, tokens(chain[:end]), CHUNK)
    return prefixes


def tokens(text: str) -> list[int]:
    return [ord(character) for character in text]


def found(prefixes: Prefixes, text: str, adapter: object = None) -> int:
    return len(prefixes.find(adapter, tokens(text)))


def test_the_longest_common_beginning_is_found():
    prefixes = filled("abcd")
    assert [found(prefixes, text) for text in ("abcx", "abxd", "xbcd", "abcde")] == [3, 2, 0, 4]


def test_the_last_token_is_always_left_to_be_read():
    assert found(filled("abc"), "abc") == 2
    assert found(filled("a"), "a") == 0


def test_another_adapter_has_chunks_of_its_own():
    spicy = object()
    prefixes = filled("ab")
    prefixes.keep(spicy, tokens("x"), CHUNK)
    assert found(prefixes, "abc", spicy) == 0
    assert found(prefixes, "xy", spicy) == 1
    assert found(prefixes, "xy") == 0


def test_what_was_not_asked_for_longest_goes_first():
    prefixes = filled("ab", "xy", room=4)
    assert found(prefixes, "abc") == 2  # asked for: now xy is the older one
    prefixes.keep(None, tokens("m"), CHUNK)
    assert [found(prefixes, text) for text in ("abc", "mn")] == [2, 1]
    assert found(prefixes, "xyz") < 2


def test_the_end_of_a_conversation_goes_before_its_beginning():
    prefixes = filled("abcd", room=4)
    found(prefixes, "abcde")
    prefixes.keep(None, tokens("m"), CHUNK)
    assert found(prefixes, "abcde") == 3


def test_nothing_is_kept_where_there_is_no_room():
    prefixes = filled("abc", room=0)
    assert found(prefixes, "abcd") == 0


def test_the_same_chunk_again_takes_no_more_room():
    prefixes = filled("ab", "ab", "ab", room=2)
    assert found(prefixes, "abc") == 2
