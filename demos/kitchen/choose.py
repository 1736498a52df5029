"""Which bowl suits: answers to a few questions -> a recommendation with its reasons.

Nothing here decides by code: `RULES` says what each answer speaks for and what it rules out, and
`recommend` adds that up. Three bowls: Gemini, Gemma at home, and Gemma cooked by Google (hosted), which is
never private.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Literal

from demos.kitchen.errors import KitchenError
from demos.kitchen.fit import FITS, Fit
from demos.kitchen.words import _

Bowl = Literal["gemini", "gemma", "hosted"]
GEMINI: Bowl = "gemini"
GEMMA: Bowl = "gemma"
HOSTED: Bowl = "hosted"
BOWLS: Mapping[Bowl, str] = {
    GEMINI: _("Gemini"),
    GEMMA: _("Gemma at home"),
    HOSTED: _("Hosted Gemma"),
}
# Gemini and Gemma at home are both worth having where their scores are no further apart than this.
CLOSE = 1


@dataclasses.dataclass(frozen=True)
class Rule:
    """What one answer says about one bowl: points for it, or that it is out.

    `reason` is a msgid; `cited` are ids of facts and sources, for whoever shows it.
    """

    bowl: Bowl
    points: int
    reason: str
    cited: tuple[str, ...] = ()
    excludes: bool = False


@dataclasses.dataclass(frozen=True)
class Answer:
    """One answer: its id, its words (a msgid), and its rules."""

    id: str
    text: str
    rules: tuple[Rule, ...] = ()


@dataclasses.dataclass(frozen=True)
class Question:
    """One question: its id, its words (a msgid), and the answers to choose from."""

    id: str
    text: str
    answers: tuple[Answer, ...]


@dataclasses.dataclass(frozen=True)
class Reason:
    """A rule that applied, with the question and the answer that brought it."""

    question: str
    answer: str
    rule: Rule


@dataclasses.dataclass(frozen=True)
class Advice:
    """The bowls recommended (best first; none where the answers exclude each other), and why.

    `size` is the largest Gemma that fits the device, where one is recommended and sizes were handed in.
    """

    bowls: tuple[Bowl, ...]
    scores: Mapping[Bowl, int]
    reasons: tuple[Reason, ...]
    size: Fit | None


def _for(bowl: Bowl, points: int, reason: str, *cited: str) -> Rule:
    return Rule(bowl, points, reason, cited)


def _out(bowl: Bowl, reason: str, *cited: str) -> Rule:
    return Rule(bowl, 0, reason, cited, excludes=True)


QUESTIONS: tuple[Question, ...] = (
    Question(
        "words",
        _("Where may your words go?"),
        (
            Answer(
                "nowhere",
                _("Nowhere. They stay on my machines."),
                (
                    _for(GEMMA, 3, _("At your own stove the words do not leave the machine.")),
                    _out(
                        GEMINI,
                        _("Gemini cooks at Google. Only a company can have its kitchen in its own building."),
                        "gdc_air_gapped",
                        "gdc_connected",
                    ),
                    _out(HOSTED, _("A packet that somebody else cooks is not at home any more.")),
                ),
            ),
            Answer(
                "contract",
                _("To a company, as long as they are not used to improve its products."),
                (
                    _for(GEMMA, 1, _("At home there are no terms to read.")),
                    _for(
                        GEMINI,
                        1,
                        _("The terms of paid Gemini say that your words do not improve products."),
                        "gemini_zdr",
                    ),
                    _out(
                        HOSTED,
                        _("Hosted Gemma is free of charge, and what you write improves products."),
                        "gemini_prices",
                    ),
                ),
            ),
            Answer(
                "anywhere",
                _("Wherever. Anybody may read them."),
                (_for(HOSTED, 1, _("Nothing to hide: the free kitchen will do.")),),
            ),
        ),
    ),
    Question(
        "network",
        _("Will it work without a network?"),
        (
            Answer(
                "offline",
                _("It has to. On the plane, in the cellar, in the field."),
                (
                    _for(GEMMA, 3, _("Once it is downloaded, Gemma needs no network.")),
                    _out(
                        GEMINI,
                        _(
                            "No network, no restaurant, unless a company has it cook in its own building. "
                            "On the phone itself only the small Gemini Nano cooks."
                        ),
                        "gemini_nano",
                    ),
                    _out(HOSTED, _("No network, no kitchen at Google either.")),
                ),
            ),
            Answer("online", _("It need not. I am always online.")),
        ),
    ),
    Question(
        "tasks",
        _("How hard do your questions get?"),
        (
            Answer(
                "everyday",
                _("Everyday: sum up, translate, sort, draft."),
                (_for(GEMMA, 1, _("For everyday work a good packet is enough.")),),
            ),
            Answer(
                "hardest",
                _("As hard as they come."),
                (
                    _for(
                        GEMINI,
                        3,
                        _("On the tests that both publish, Gemini scores higher."),
                        "gemini_31_pro_hle",
                        "gemma_31b_hle",
                    ),
                ),
            ),
        ),
    ),
    Question(
        "media",
        _("What else do you put into the pot?"),
        (
            Answer("text", _("Text.")),
            Answer(
                "clips",
                _("Pictures and short clips, too."),
                (
                    _for(
                        GEMMA,
                        1,
                        _("All Gemma 4 sizes see pictures, and some hear short clips."),
                        "gemma_audio_seconds",
                    ),
                    _for(GEMINI, 1, _("Gemini takes pictures, sound and video."), "gemini_38_flash"),
                ),
            ),
            Answer(
                "long",
                _("Long recordings and whole films."),
                (
                    _for(GEMINI, 3, _("Gemini listens and watches at length.")),
                    _out(
                        GEMMA,
                        _("Gemma takes only short clips."),
                        "gemma_audio_seconds",
                        "gemma_video_seconds",
                    ),
                    _out(HOSTED, _("Gemma takes only short clips, wherever it runs."), "gemma_on_api"),
                ),
            ),
        ),
    ),
    Question(
        "volume",
        _("How many questions a day?"),
        (
            Answer(
                "few",
                _("A few."),
                (
                    _for(GEMINI, 1, _("For a few questions the free tier may be all you need."), "free_tier"),
                    _for(HOSTED, 1, _("A few questions fit into its free tier."), "gemini_prices"),
                ),
            ),
            Answer(
                "many",
                _("Thousands."),
                (
                    _for(GEMMA, 2, _("At home a token costs electricity, not a fee.")),
                    _out(
                        HOSTED,
                        _("Hosted Gemma has a free tier and no paid one to grow into."),
                        "gemini_prices",
                    ),
                ),
            ),
        ),
    ),
    Question(
        "change",
        _("Do you want to change the model itself?"),
        (
            Answer("as_is", _("No, I take it as it is.")),
            Answer(
                "topping",
                _("Yes, with a topping: a style, a format, a small skill."),
                (
                    _for(GEMMA, 2, _("Your own adapter, on your own weights, as often as you like.")),
                    _for(
                        GEMINI,
                        1,
                        _("Some Gemini models can be tuned, as a paid service on Google Cloud."),
                        "gemini_tuning",
                    ),
                ),
            ),
            Answer(
                "dish",
                _("Yes, down to the noodles: all the weights."),
                (
                    _for(GEMMA, 3, _("Only open weights can be changed in full.")),
                    _out(GEMINI, _("The weights of Gemini are not handed out.")),
                    _out(HOSTED, _("The hosted packet is cooked as it comes.")),
                ),
            ),
        ),
    ),
    Question(
        "same",
        _("Must it taste the same next year?"),
        (
            Answer(
                "same",
                _("Yes, I have to repeat it."),
                (
                    _for(
                        GEMMA,
                        2,
                        _("Weights that you keep never change. Keep the seed and the program, too."),
                    ),
                ),
            ),
            Answer(
                "newest",
                _("No, the newest is welcome."),
                (_for(GEMINI, 1, _("The restaurant renews its menu by itself.")),),
            ),
        ),
    ),
    Question(
        "setup",
        _("Who sets it up?"),
        (
            Answer(
                "nobody",
                _("Nobody. Open and eat."),
                (
                    _for(GEMINI, 2, _("An app or a key, and it runs.")),
                    _for(HOSTED, 1, _("A key is enough here, too.")),
                ),
            ),
            Answer(
                "me",
                _("Me, and with pleasure."),
                (_for(GEMMA, 1, _("The first bowl at home takes a few minutes.")),),
            ),
        ),
    ),
    Question(
        "stove",
        _("What do you have to cook on?"),
        (
            Answer(
                "nothing",
                _("A browser, no more."),
                (
                    _for(GEMINI, 1, _("The restaurant brings its own stove.")),
                    _for(HOSTED, 1, _("Google's stove cooks the packet for you.")),
                    _out(GEMMA, _("Cooking at home takes a machine of your own.")),
                ),
            ),
            Answer(
                "small",
                _("A phone or a laptop."),
                (_for(GEMMA, 1, _("The small sizes run there.")),),
            ),
            Answer(
                "big",
                _("A large graphics card, or a Mac with plenty of memory."),
                (_for(GEMMA, 2, _("The large sizes run there.")),),
            ),
        ),
    ),
)


def recommend(answers: Mapping[str, str], sizes: Sequence[Fit] = ()) -> Advice:
    """The bowls for these answers (question id -> answer id; unanswered questions do not count).

    The bowl with the most points among those that no answer excludes; Gemini and Gemma at home together
    where both are allowed and close. `sizes` are fits on the reader's device, smallest model first.

    Raises:
        KitchenError: there is no such question or answer.
    """
    reasons = tuple(
        Reason(question, answer, rule)
        for question, answer in answers.items()
        for rule in _answer(question, answer).rules
    )
    scores = {bowl: sum(r.rule.points for r in reasons if r.rule.bowl == bowl) for bowl in BOWLS}
    out = {reason.rule.bowl for reason in reasons if reason.rule.excludes}
    allowed = sorted((bowl for bowl in BOWLS if bowl not in out), key=lambda bowl: -scores[bowl])
    bowls: tuple[Bowl, ...] = tuple(allowed[:1])
    pair = [bowl for bowl in allowed if bowl != HOSTED]
    together = len(pair) > 1 and abs(scores[GEMINI] - scores[GEMMA]) <= CLOSE
    if together and allowed[0] != HOSTED:
        bowls = tuple(pair)
    fitting = [size for size in sizes if size.verdict == FITS]
    size = fitting[-1] if fitting and GEMMA in bowls else None
    return Advice(bowls, scores, reasons, size)


def _answer(question: str, answer: str) -> Answer:
    known = {each.id: each for each in QUESTIONS}
    if question not in known:
        raise KitchenError(f"there is no question {question!r}: ask one of {', '.join(known)}")
    found = {each.id: each for each in known[question].answers}
    if answer not in found:
        raise KitchenError(f"there is no answer {answer!r} to {question!r}: give one of {', '.join(found)}")
    return found[answer]
