"""Conversations become prompts: by chat template, or as questions and answers for a base model."""

import re

import pytest

from demos.server.engine import Message
from demos.server.errors import RefusedConversationError
from demos.server.local.prompt import EXAMPLES, as_examples, build, language_of
from tests.server.gemma4 import byte_tokenizer


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is ramen?", "en"),
        ("라면이 뭐예요?", "ko"),
        ("Gemma와 Gemini는?", "ko"),
        ("ラーメンとは？", "ja"),
        ("東京の天気は", "ja"),
        ("¿Qué es?", "en"),
        ("", "en"),
    ],
)
def test_the_script_tells_the_language(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize("language", EXAMPLES)
def test_examples_are_one_liners_without_figures_in_their_own_language(language):
    for pair in EXAMPLES[language].pairs:
        for text in pair:
            assert "\n" not in text
            assert not re.search(r"\d", text)
        assert language_of("".join(pair)) == language


def test_a_template_that_refuses_a_conversation_says_why_in_one_sentence():
    tokenizer = byte_tokenizer()
    tokenizer.chat_template = "{{ raise_exception('System role not supported') }}"
    with pytest.raises(RefusedConversationError) as error:
        build([Message("system", "Be kind."), Message("user", "Hello")], tokenizer)
    assert str(error.value) == "The model takes no such conversation: System role not supported."


def test_a_base_model_is_asked_in_the_readers_language_and_stops_at_the_line():
    prompt = build([Message("user", "라면이\n뭐예요?")], untemplated())
    assert prompt.stop == ("\n",)
    assert prompt.trim
    text = as_examples([Message("user", "라면이\n뭐예요?")])
    assert text.endswith("질문: 라면이 뭐예요?\n답변:")
    assert text.count("질문:") == len(EXAMPLES["ko"].pairs) + 1


def test_turns_go_on_in_the_same_text_and_system_messages_stand_at_its_top():
    text = as_examples(
        [
            Message("system", "Be\nkind."),
            Message("user", "Hi"),
            Message("assistant", "Hello.\n\nYes?"),
            Message("user", "Why?"),
        ]
    )
    assert text.splitlines()[0].endswith("Be kind.")
    assert text.endswith("Question: Hi\nAnswer: Hello. Yes?\n\nQuestion: Why?\nAnswer:")


def test_a_model_with_a_chat_template_is_asked_by_it():
    tokenizer = byte_tokenizer()
    prompt = build([Message("system", "a"), Message("user", "what is")], tokenizer)
    assert tokenizer.decode(prompt.tokens) == "<bos>[system]a\n[user]what is\n[model]"
    assert (prompt.stop, prompt.trim) == ((), False)


def untemplated():
    tokenizer = byte_tokenizer()
    tokenizer.chat_template = None
    return tokenizer
