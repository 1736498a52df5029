"""The advice: simple answers, hard limits, and what may never be advised."""

import itertools

import pytest

from demos.kitchen.choose import BOWLS, GEMINI, GEMMA, HOSTED, QUESTIONS, recommend
from demos.kitchen.errors import KitchenError
from demos.kitchen.fit import Device, Fit, Model, Range, fit

ANSWERS = {question.id: [answer.id for answer in question.answers] for question in QUESTIONS}


def every_combination():
    for combination in itertools.product(*ANSWERS.values()):
        yield dict(zip(ANSWERS, combination, strict=True))


def sizes() -> list[Fit]:
    """A small, a middle and a large model on a device of 16 GB."""
    device = Device("d", 16, Range(300, 300))
    return [
        fit(device, Model(name, "dense", 1e9, {"q4_0": need}, 10, 5, 512, 1, 1, 256, 256, 8192), "q4_0", 1024)
        for name, need in (("small", 3), ("middle", 8), ("large", 40))
    ]


@pytest.mark.parametrize(
    ("answers", "bowls"),
    [
        ({"words": "nowhere"}, (GEMMA,)),
        ({"network": "offline"}, (GEMMA,)),
        ({"change": "dish"}, (GEMMA,)),
        ({"tasks": "hardest"}, (GEMINI,)),
        ({"media": "long"}, (GEMINI,)),
        ({"setup": "nobody", "stove": "nothing"}, (GEMINI,)),
        ({"words": "anywhere", "stove": "nothing", "volume": "few", "change": "as_is"}, (HOSTED,)),
        ({"tasks": "hardest", "change": "topping", "stove": "big"}, (GEMINI, GEMMA)),
        ({"words": "nowhere", "media": "long"}, ()),
        ({"words": "nowhere", "stove": "nothing"}, ()),
    ],
)
def test_the_answers_lead_to_the_bowl(answers, bowls):
    assert recommend(answers).bowls == bowls


def test_words_that_may_go_nowhere_are_never_sent_anywhere():
    for answers in every_combination():
        if answers["words"] == "nowhere":
            assert set(recommend(answers).bowls) <= {GEMMA}, answers


def test_hosted_gemma_is_never_the_private_one_nor_the_one_without_a_network():
    for answers in every_combination():
        if answers["words"] != "anywhere" or answers["network"] == "offline":
            assert HOSTED not in recommend(answers).bowls, answers


def test_no_excluded_bowl_is_ever_recommended_and_every_exclusion_has_its_reason():
    for answers in every_combination():
        advice = recommend(answers)
        out = {reason.rule.bowl for reason in advice.reasons if reason.rule.excludes}
        assert not out & set(advice.bowls), answers
        assert advice.bowls or out == set(BOWLS), answers


def test_the_scores_are_the_sum_of_the_reasons_shown():
    for answers in itertools.islice(every_combination(), 0, None, 97):
        advice = recommend(answers)
        for bowl in BOWLS:
            assert advice.scores[bowl] == sum(r.rule.points for r in advice.reasons if r.rule.bowl == bowl)


def test_without_answers_nothing_speaks_against_any_bowl():
    advice = recommend({})
    assert advice.reasons == ()
    assert set(advice.scores.values()) == {0}


def test_the_largest_size_that_fits_is_named_with_gemma_at_home_only():
    assert recommend({"words": "nowhere"}, sizes()).size.model.name == "middle"
    assert recommend({"tasks": "hardest"}, sizes()).size is None
    assert recommend({"words": "nowhere"}).size is None


def test_every_question_and_every_answer_has_an_id_of_its_own_and_words():
    assert len(ANSWERS) == len(QUESTIONS)
    for question in QUESTIONS:
        assert len(ANSWERS[question.id]) == len(set(ANSWERS[question.id])) >= 2
        assert question.text
        assert all(answer.text for answer in question.answers)
        assert any(answer.rules for answer in question.answers)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (
            {"colour": "red"},
            (
                "there is no question 'colour': "
                "ask one of words, network, tasks, media, volume, change, same, setup, stove"
            ),
        ),
        ({"tasks": "odd"}, "there is no answer 'odd' to 'tasks': give one of everyday, hardest"),
    ],
)
def test_an_unknown_question_or_answer_is_named_with_the_known_ones(answers, sentence):
    with pytest.raises(KitchenError) as caught:
        recommend(answers)
    assert str(caught.value) == sentence
