"""What a page may ask for: a name, examples and how long to train; and the recipe that becomes of it.

Types are pydantic's business; sizes are checked here, so that each limit has a sentence and a code.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import FailFast, Field

from demos.server.errors import WishError
from demos.server.fields import Model, Text
from demos.server.topping import kept

EXAMPLES = (4, 64)
STEPS = (4, 200)
LONGEST_QUESTION, LONGEST_ANSWER = 200, 300
"""Characters, white space at the ends left out."""
BATCH = 8
BYTES_OF_BATCH = 2400
"""Of text in UTF-8: some 600 tokens in the languages of this house."""
RATES = (1e-3, 4e-3)
WAY = 16e-3
"""Rate times steps, between the rates: 8 steps at 2e-3 learn eight examples and forget little else."""


class Example(Model):
    """A question and the answer that is wished for."""

    question: Annotated[Text, Field(description=f"1 to {LONGEST_QUESTION} characters.")]
    answer: Annotated[Text, Field(description=f"1 to {LONGEST_ANSWER} characters.")]

    def pair(self) -> tuple[str, str]:
        """Question and answer as they are learnt: in one line."""
        return " ".join(self.question.split()), " ".join(self.answer.split())


class Wish(Model):
    """A topping that somebody wants."""

    name: Annotated[
        Text, Field(description="Letters and digits of any script; 'house' and 'base' are taken.")
    ]
    examples: Annotated[list[Example], Field(description=f"{EXAMPLES[0]} to {EXAMPLES[1]}."), FailFast()]
    steps: Annotated[int, Field(description=f"{STEPS[0]} to {STEPS[1]}, up to {BATCH} examples each.")] = 8

    def checked(self) -> tuple[str, list[tuple[str, str]], int]:
        """The name in its normal form, the pairs, and the steps.

        Raises:
            WishError: the name is none, or a number or a length is outside its limits.
            ConflictError: the name is the house's own.
        """
        name = kept.checked(self.name)
        least, most = EXAMPLES
        if not least <= len(self.examples) <= most:
            message = f"A topping takes {least} to {most} examples, not {len(self.examples)}."
            raise WishError(message, param="examples", code="bad_example_count")
        pairs = [example.pair() for example in self.examples]
        for number, texts in enumerate(pairs):
            for field, text, longest in zip(
                ("question", "answer"), texts, (LONGEST_QUESTION, LONGEST_ANSWER), strict=True
            ):
                if not 1 <= len(text) <= longest:
                    message = (
                        f"The {field} of example {number + 1} has {len(text)} characters, not 1 to {longest}."
                    )
                    raise WishError(message, param=f"examples[{number}].{field}", code="bad_example_length")
        least, most = STEPS
        if not least <= self.steps <= most:
            raise WishError(
                f"A topping takes {least} to {most} steps, not {self.steps}.", param="steps", code="bad_steps"
            )
        return name, pairs, self.steps


def recipe(pairs: Sequence[tuple[str, str]], steps: int) -> dict[str, Any]:
    """The fields of `training.Recipe` for examples and about so many steps: whole rounds of them all.

    The fewer the steps, the higher the rate. Nothing is left out of a question and nothing stands
    before it: there is too little to learn from as it is. Long examples go fewer at a time: the memory of a
    step grows with its tokens, by more than a megabyte each.
    """
    longest = max(len(f"{question}{answer}".encode()) for question, answer in pairs)
    batch = max(1, min(BATCH, BYTES_OF_BATCH // longest))
    rounds = max(1, round(steps / math.ceil(len(pairs) / batch)))
    rate = min(max(WAY / steps, RATES[0]), RATES[1])
    return {"rate": rate, "epochs": rounds, "batch": batch, "chatter": 0.0, "blur": 0.0}


def steps_of(pairs: Sequence[tuple[str, str]], recipe: Mapping[str, Any]) -> int:
    """How many steps a recipe takes."""
    return math.ceil(len(pairs) / int(recipe["batch"])) * int(recipe["epochs"])
