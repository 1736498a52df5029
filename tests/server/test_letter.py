"""The request on the page about words is what the SDK writes for the taste test's first order."""

import json
import pathlib

import pytest

from i18n import facts
from scripts import letter
from tests.server.engines import aside

BOOK = facts.load(pathlib.Path(__file__).parents[2])


@pytest.mark.parametrize(
    "question", [letter.QUESTION, "Gemma와 Gemini는 같은 건가요?", 'ラーメン？ \\ "라면" \x7f \n 🍜']
)
def test_the_letter_on_the_page_is_the_one_that_the_sdk_writes_byte_for_byte(question: str):
    written = aside(letter.written, BOOK, question)
    page = letter.shown(question)
    assert json.dumps(json.loads(page.body)).encode() == written.body, "run python -m scripts.letter"
    assert page.around + len(json.dumps(question)[1:-1]) == len(written.body)
    assert str(written.url) == f"https://{page.host}{page.path}"
