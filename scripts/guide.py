"""What pages say about choosing: which Gemma fits which machine, and which bowl an answer speaks for.

Reckoned by demos/kitchen from docs/data; here it is only chosen and written out for a language.
"""

import dataclasses

from demos.kitchen import choose, fit
from i18n import formatting
from i18n.catalog import Translate
from i18n.facts import Book
from i18n.languages import Language
from scripts import kitchen
from scripts.figures import Figures

PRECISION = "q4_0"
TOKENS = 8_192
# The pair whose figures are written out under the table.
EXAMPLE = ("rtx_4060", "gemma_12b")
MARKS = {fit.FITS: "yes", fit.TIGHT: "some", fit.NO: "no"}


@dataclasses.dataclass(frozen=True)
class Size:
    """A size of Gemma, and the memory it needs."""

    label: str
    memory: str
    cited: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Cell:
    """A verdict: its mark, its word, and the tokens per second to expect ("" where none can be reckoned)."""

    mark: str
    word: str
    rate: str


@dataclasses.dataclass(frozen=True)
class Machine:
    """A machine with one cell for each size."""

    name: str
    memory: str
    cited: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclasses.dataclass(frozen=True)
class Example:
    """One cell with every figure it is made of."""

    size: str
    machine: str
    weights: str
    context: str
    runtime: str
    total: str
    memory: str
    word: str
    share: str
    bandwidth: str
    read: str
    rate: str


@dataclasses.dataclass(frozen=True)
class Fits:
    """The table, its example, its formulas and what it leaves out."""

    precision: str
    tokens: str
    sizes: tuple[Size, ...]
    machines: tuple[Machine, ...]
    example: Example
    memory_formula: str
    speed_formula: str
    kept: str
    left_out: str


@dataclasses.dataclass(frozen=True)
class Said:
    """What an answer says about a bowl: for it, or that it is out."""

    bowl: str
    excludes: bool
    reason: str
    cited: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Answered:
    """An answer and what it says; nothing where it decides nothing."""

    id: str
    text: str
    said: tuple[Said, ...]


@dataclasses.dataclass(frozen=True)
class Asked:
    """A question and its answers."""

    id: str
    text: str
    answers: tuple[Answered, ...]


def fits(book: Book, language: Language, translate: Translate) -> Fits:
    """Every machine against every size, in four bits and with a context of a longer conversation.

    Raises:
        SiteError: a data file has a figure that cannot be, or lacks one.
    """
    figures = Figures(language, translate)
    models, devices = kitchen.gemma(book), kitchen.devices(book)
    size, device = models[EXAMPLE[1]], devices[EXAMPLE[0]]
    return Fits(
        precision=PRECISION.upper(),
        tokens=formatting.number(TOKENS, language),
        sizes=tuple(
            Size(
                model.name,
                figures.gigabytes(fit.memory(model, PRECISION, TOKENS).total),
                (f"{key}_{PRECISION}",),
            )
            for key, model in models.items()
        ),
        machines=tuple(
            Machine(
                name=device.name,
                memory=formatting.gigabytes(device.memory, language),
                cited=(f"{key}_memory",),
                cells=tuple(
                    _cell(fit.fit(device, model, PRECISION, TOKENS), figures) for model in models.values()
                ),
            )
            for key, device in devices.items()
        ),
        example=_example(fit.fit(device, size, PRECISION, TOKENS), figures),
        memory_formula=translate(fit.MEMORY_FORMULA),
        speed_formula=translate(fit.SPEED_FORMULA),
        kept=formatting.percent(100 * fit.KEPT_BY_SYSTEM, language),
        left_out=figures.listed(fit.LEFT_OUT),
    )


def questions(translate: Translate) -> list[Asked]:
    """The questions of the kitchen, with the bowl that each answer speaks for and why."""
    return [
        Asked(
            question.id,
            translate(question.text),
            tuple(
                Answered(
                    answer.id,
                    translate(answer.text),
                    tuple(
                        Said(
                            translate(choose.BOWLS[rule.bowl]),
                            rule.excludes,
                            translate(rule.reason),
                            rule.cited,
                        )
                        for rule in answer.rules
                    ),
                )
                for answer in question.answers
            ),
        )
        for question in choose.QUESTIONS
    ]


def _cell(found: fit.Fit, figures: Figures) -> Cell:
    return Cell(
        mark=MARKS[found.verdict],
        word=figures.translate(fit.VERDICTS[found.verdict]),
        rate=figures.span(found.speed.rate, figures.estimate) if found.speed else "",
    )


def _example(found: fit.Fit, figures: Figures) -> Example:
    memory, speed, language = found.memory, found.speed, figures.language
    if speed is None:
        raise ValueError(f"{found.model.name} has no speed on {found.device.name}: choose another example")
    read = fit.Range(
        speed.weight_bytes / fit.BANDWIDTH_GB, (speed.weight_bytes + speed.context_bytes) / fit.BANDWIDTH_GB
    )
    return Example(
        size=found.model.name,
        machine=found.device.name,
        weights=figures.gigabytes(memory.weights),
        context=formatting.gigabytes(round(memory.context, 1), language),
        runtime=figures.gigabytes(memory.runtime),
        total=figures.gigabytes(memory.total),
        memory=formatting.gigabytes(found.device.memory, language),
        word=figures.translate(fit.VERDICTS[found.verdict]),
        share=figures.span(
            fit.Range(100 * speed.share.low, 100 * speed.share.high),
            lambda value: formatting.number(round(value), language),
            lambda value: formatting.percent(round(value), language),
        ),
        bandwidth=figures.span(speed.bandwidth, figures.tenths),
        read=figures.gigabytes(read),
        rate=figures.span(speed.rate, figures.estimate),
    )
