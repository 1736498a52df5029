"""Tokens become text: whole characters, and never a stop text."""

import pytest
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from demos.server.local.text import TextStream, piece
from tests.server.gemma4 import byte_tokenizer

KOREAN = "라면 두 그릇 🍜👩‍🍳 いただきます"


@pytest.fixture(scope="module")
def tokenizer():
    return byte_tokenizer().backend_tokenizer


def pieces(tokenizer, text: str, *stop: str, trim: bool = False) -> list[str]:
    stream = TextStream(tokenizer, stop, trim=trim)
    said = [stream.push(token) for token in tokenizer.encode(text, add_special_tokens=False).ids]
    return [piece for piece in [*said, stream.finish()] if piece]


def test_characters_split_over_tokens_arrive_whole(tokenizer):
    tokens = tokenizer.encode(KOREAN, add_special_tokens=False).ids
    assert len(tokens) > 2 * len(KOREAN), "the point is that a character is several tokens"
    said = pieces(tokenizer, KOREAN)
    assert "".join(said) == KOREAN
    assert "\ufffd" not in "".join(said)
    assert len(said) > 10, "it streams"


def test_half_a_character_at_the_end_is_not_shown(tokenizer):
    stream = TextStream(tokenizer, (), trim=False)
    tokens = tokenizer.encode("면", add_special_tokens=False).ids[:-1]
    assert [stream.push(token) for token in tokens] == [""] * len(tokens)
    assert stream.finish() == ""


@pytest.mark.parametrize("before", ["", "면", "bowl"])
def test_bytes_that_are_no_text_are_left_out(tokenizer, before):
    stream = TextStream(tokenizer, (), trim=False)
    broken = tokenizer.token_to_id("<0xED>")
    first, after = (tokenizer.encode(text, add_special_tokens=False).ids for text in (before, "a bowl"))
    assert "".join(stream.push(token) for token in [*first, broken, broken, *after]) == before + "a bowl"


@pytest.mark.parametrize("stop", ["of", "bowl of", "면", "l of n"])
def test_a_stop_text_and_its_beginnings_are_never_shown(tokenizer, stop):
    text = "a bowl of noodles 면 면"
    said = pieces(tokenizer, text, stop)
    assert "".join(said) == text[: text.index(stop)]


def test_the_stop_text_that_comes_first_ends_the_answer(tokenizer):
    assert "".join(pieces(tokenizer, "a bowl of noodles", "noodles", "bowl")) == "a "


def test_what_only_began_like_a_stop_text_is_shown_in_the_end(tokenizer):
    assert "".join(pieces(tokenizer, "a bowl of", "of noodles")) == "a bowl of"


def test_white_space_at_the_start_is_left_out_on_request(tokenizer):
    assert "".join(pieces(tokenizer, "   a bowl", trim=True)) == "a bowl"
    assert "".join(pieces(tokenizer, "   a bowl")) == "   a bowl"


def test_white_space_before_the_answer_does_not_count_as_its_end(tokenizer):
    assert "".join(pieces(tokenizer, "\n a bowl\nof", "\n", trim=True)) == "a bowl"


def test_it_knows_how_many_tokens_are_not_wholly_shown(tokenizer):
    stream = TextStream(tokenizer, ("l!",), trim=False)
    withheld = []
    for token in tokenizer.encode("a bowl면 of", add_special_tokens=False).ids:
        stream.push(token)
        withheld.append(stream.withheld)
    # "bowl" ends like the stop text begins, and 면 is three bytes.
    assert withheld == [0, 1, 2, 3, 0, 0]


def test_tokens_within_a_stop_text_stay_withheld(tokenizer):
    stream = TextStream(tokenizer, ("bowl",), trim=True)
    said = [stream.push(token) for token in tokenizer.encode("a bowl of", add_special_tokens=False).ids]
    assert "".join(said) == "a "
    assert stream.withheld == 2


def test_a_token_is_named_by_its_text_and_its_bytes(tokenizer):
    ids = tokenizer.encode(" bowl면", add_special_tokens=False).ids
    assert piece(tokenizer, ids[0]) == (" bowl", b" bowl")
    assert [piece(tokenizer, token) for token in ids[1:]] == [
        ("\ufffd", bytes([byte])) for byte in "면".encode()
    ]
    assert piece(tokenizer, tokenizer.token_to_id("<eos>")) == ("<eos>", b"<eos>")


def test_byte_level_tokenizers_give_their_bytes_too():
    vocabulary = {character: index for index, character in enumerate(sorted(ByteLevel.alphabet()))}
    tokenizer = Tokenizer(BPE(vocabulary, []))
    tokenizer.pre_tokenizer, tokenizer.decoder = ByteLevel(add_prefix_space=False), ByteLevelDecoder()
    ids = tokenizer.encode("면 a").ids
    assert b"".join(piece(tokenizer, token)[1] for token in ids) == "면 a".encode()
    assert piece(tokenizer, ids[-1]) == ("a", b"a")
