"""What the house topping is taught: the files keep their rules, and what is held out stays held out."""

import pathlib
import shutil

import pytest
import yaml

from demos.server.engine import Message
from demos.server.topping import lessons, turns
from tests.server.gemma4 import byte_tokenizer

PAIRS = lessons.read_all()


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """A copy of the lessons that a test may spoil."""
    for language in lessons.LANGUAGES:
        shutil.copy(lessons.FOLDER / f"{language}.yml", tmp_path)
    return tmp_path


def spoil(path: pathlib.Path, change) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


@pytest.mark.parametrize("language", lessons.LANGUAGES)
def test_each_language_has_two_hundred_pairs_and_holds_a_seventh_back(language):
    mine = [pair for pair in PAIRS if pair.language == language]
    held = [pair for pair in mine if pair.held_out]
    assert len(mine) >= 200
    assert 0.12 <= len(held) / len(mine) <= 0.18
    assert {pair.kind for pair in held} == {"fact", "greeting", "dialogue", "beyond"}


def test_whatever_is_held_out_was_trained_in_other_words():
    trained = {(pair.language, pair.item) for pair in PAIRS if not pair.held_out}
    assert {(pair.language, pair.item) for pair in PAIRS if pair.held_out} <= trained


def test_no_held_out_question_is_trained_on_in_any_language():
    trained = {(pair.before, pair.ask) for pair in PAIRS if not pair.held_out}
    assert not trained & {(pair.before, pair.ask) for pair in PAIRS if pair.held_out and pair.before}
    asks = {pair.ask for pair in PAIRS if not pair.held_out and not pair.before}
    mixed = {pair.ask for pair in PAIRS if pair.held_out and not pair.before} & asks
    told = {pair.item for pair in PAIRS if pair.ask in mixed}
    assert len(mixed) <= 3, f"other languages train on {mixed} in {told}"


def test_a_change_of_one_item_moves_no_other(folder):
    def add(content):
        content["items"][0]["ask"].append("is one of the two the other")

    spoil(folder / "en.yml", add)
    before = {pair.ask for pair in PAIRS if pair.held_out and pair.item != "same"}
    after = {pair.ask for pair in lessons.read_all(folder) if pair.held_out and pair.item != "same"}
    assert before == after


def test_every_answer_is_right_by_its_own_measure_and_no_other_items_answer_to_it():
    answers = {(pair.language, pair.item): pair for pair in PAIRS if pair.kind in ("fact", "greeting")}
    for pair in answers.values():
        assert pair.right(pair.answer)
        refusal = next(p.answer for p in PAIRS if p.language == pair.language and p.kind == "beyond")
        assert not pair.right(refusal), pair.item
    facts = [pair for pair in answers.values() if pair.kind == "fact"]
    crossed = {
        (pair.language, pair.item, other.item)
        for pair in facts
        for other in facts
        if pair.language == other.language and pair.item != other.item and pair.right(other.answer)
    }
    assert not crossed


def test_an_answer_is_right_with_one_alternative_of_each_group_in_any_case():
    must = (("no.", "no,"), ("download",))
    assert lessons.contains("No. You\ndownload it.", must)
    assert not lessons.contains("I know: download it.", must)
    assert not lessons.contains("No. It is a service.", must)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: c.update(language="ko"), "its language is 'ko', its name says 'en': rename it."),
        (
            lambda c: c["items"].append(dict(c["items"][0], ask=["a?", "b?", "c?", "d?"])),
            "the id 'same' stands there 2 times: give each item its own.",
        ),
        (
            lambda c: c["items"][0].update(ask=["a"]),
            "item 'same' is asked in 1 ways, and a fact needs 4: add some.",
        ),
        (
            lambda c: c["items"][0].update(answer="Perhaps."),
            (
                "item 'same' has an answer that lacks what it must contain "
                "([['no.', 'no,'], ['download'], ['service', 'google runs']]): change one of them."
            ),
        ),
        (
            lambda c: c["items"][0].update(answer=None),
            "item 'same' lacks its answer or what that must contain: write both.",
        ),
        (
            lambda c: c["items"][-1].update(answer="No."),
            (
                "item 'beyond_nonsense' is beyond the topping and takes neither answer nor must: "
                "the refusal answers it."
            ),
        ),
        (
            lambda c: c["items"][1]["ask"].append("gemma = GEMINI"),
            "'gemma = GEMINI' stands in 'difference' and in 'same': ask it once.",
        ),
        (
            lambda c: c["items"][0]["ask"].append("two\nlines"),
            "item 'same' has 'two\nlines', which is not one line without spare spaces: write it so.",
        ),
        (
            lambda c: c.update(items=[dict(item, ask=item["ask"][:4]) for item in c["items"][:4]]),
            "it has 16 pairs of question and answer, and needs 200: add some.",
        ),
    ],
)
def test_a_broken_rule_is_told_in_one_sentence(folder, change, sentence):
    path = folder / "en.yml"
    spoil(path, change)
    with pytest.raises(lessons.LessonError) as error:
        lessons.read("en", folder)
    assert str(error.value) == f"{path}: {sentence}"


def test_an_unknown_key_is_told_with_its_place(folder):
    path = folder / "en.yml"
    spoil(path, lambda content: content["items"][0].update(note="x"))
    with pytest.raises(lessons.LessonError) as error:
        lessons.read("en", folder)
    told = "Extra inputs are not permitted; see demos/server/topping/lessons.py."
    assert str(error.value) == f"{path}: items.0.note: {told}"


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(lessons.LessonError) as error:
        lessons.read("en", tmp_path)
    assert str(error.value) == f"{tmp_path / 'en.yml'} cannot be read: No such file or directory."


def test_an_item_that_one_language_lacks_is_told(folder):
    spoil(folder / "ja.yml", lambda content: content["items"].pop(2))
    with pytest.raises(lessons.LessonError) as error:
        lessons.read_all(folder)
    assert str(error.value) == (
        f"{folder / 'ja.yml'} has no fact 'makers', which another language has: "
        "write it there, or take it out everywhere."
    )


def test_a_conversation_is_written_down_as_questions_and_answers():
    tokenizer = byte_tokenizer()
    messages = [
        Message("system", "Be a bowl."),
        Message("user", "what is\na bowl"),
        Message("assistant", "noodles"),
        Message("user", "of what"),
    ]
    text = "<bos>Q: what is a bowl\nA: noodles\nQ: of what\nA:"
    assert tokenizer.decode(turns.prompt(messages, tokenizer)) == text


def test_a_longer_conversation_keeps_its_last_turns():
    tokenizer = byte_tokenizer()
    messages = [Message("user", "0")]
    for number in range(1, 5):
        messages += [Message("assistant", f"answer {number}"), Message("user", f"{number}")]
    text = "<bos>Q: 2\nA: answer 3\nQ: 3\nA: answer 4\nQ: 4\nA:"
    assert tokenizer.decode(turns.prompt(messages, tokenizer)) == text


def test_a_conversation_that_goes_on_begins_with_the_tokens_it_had():
    tokenizer = byte_tokenizer()
    first = turns.encode((), "what", tokenizer)
    answer = tokenizer.encode(turns.answered("noodles"), add_special_tokens=False)
    assert (
        turns.encode((("what", "noodles"),), "why", tokenizer)[: len(first) + len(answer)] == first + answer
    )
