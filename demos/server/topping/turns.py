"""How a conversation is written down for a topping: the same in training and in serving.

A topping teaches the base model to answer, so no example and no system text stands before the question: the
prompt is a dozen tokens longer than the question itself. The line break after an answer is its end.
"""

from collections.abc import Sequence
from typing import Any, Protocol

STOP = "\n"
"""The text that ends an answer."""

MOST_EARLIER = 2
"""Turns that are kept before the question: toppings are trained with no more."""


class Message(Protocol):
    """One message of a conversation."""

    @property
    def role(self) -> str:
        """`user`, `assistant` or `system`."""

    @property
    def content(self) -> str:
        """The text."""


def asked(question: str) -> str:
    """A question, up to where the answer begins."""
    return f"Q: {' '.join(question.split())}\nA:"


def answered(answer: str) -> str:
    """An answer, with its end."""
    return f" {' '.join(answer.split())}{STOP}"


def encode(turns: Sequence[tuple[str, str]], question: str, tokenizer: Any) -> list[int]:
    """Token ids of earlier turns and a question, up to where the answer begins.

    Each part is encoded by itself, so that a conversation that goes on begins with the very tokens that it
    had before.

    Args:
        turns: what was asked and answered before.
        question: what is asked now.
        tokenizer: the model's own.
    """
    tokens = [tokenizer.bos_token_id]
    for earlier, answer in turns:
        tokens += tokenizer.encode(asked(earlier), add_special_tokens=False)
        tokens += tokenizer.encode(answered(answer), add_special_tokens=False)
    return tokens + list(tokenizer.encode(asked(question), add_special_tokens=False))


def prompt(messages: Sequence[Message], tokenizer: Any) -> list[int]:
    """Token ids of a conversation, up to where the next answer begins.

    System messages are left out, because no topping was trained with one, and so are all turns but the last
    `MOST_EARLIER`: from the fourth question on each one begins with another turn, and is read as a whole. A
    question without an answer is dropped when another follows it.
    """
    turns: list[tuple[str, str]] = []
    question = ""
    for message in messages:
        if message.role == "user":
            question = message.content
        elif message.role == "assistant":
            turns.append((question, message.content))
            question = ""
    return encode(turns[-MOST_EARLIER:], question, tokenizer)
