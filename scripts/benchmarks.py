"""What pages say about benchmarks: docs/data/benchmarks.yml as a bar chart (SVG) and as the rows of a table.

The chart and the table come from the same rows. A model without a figure has no bar and an empty cell.
"""

import dataclasses
import html
from collections.abc import Iterator, Mapping

from i18n import formatting
from i18n.facts import Book
from i18n.languages import Language
from i18n.marked_yaml import Text

WIDTH = 360
LABELS = 118
BARS = 196
ROW = 20
THICK = 13
HEAD = 24
GAP = 12


@dataclasses.dataclass(frozen=True)
class Column:
    """A model of the table. `family` is gemini or gemma."""

    key: str
    label: str
    family: str


@dataclasses.dataclass(frozen=True)
class Test:
    """A row of the table: `cited` are the ids of its values, one for each bowl that has any."""

    key: str
    name: str
    about: Text
    note: Text | None
    scores: Mapping[str, float]
    cited: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Overview:
    """Everything that the page needs, for one language."""

    book: Book
    language: Language

    @property
    def shared(self) -> list[Test]:
        """The tests on which both bowls have a figure."""
        return [test for test in self._tests() if len(test.cited) > 1]

    @property
    def alone(self) -> list[Test]:
        """The tests on which only one bowl has."""
        return [test for test in self._tests() if len(test.cited) == 1]

    @property
    def columns(self) -> list[Column]:
        """The models of the shared tests, the largest Gemma first, without the older ones."""
        return [column for column in self.all_columns if column.key not in self.book.benchmarks.older]

    @property
    def all_columns(self) -> list[Column]:
        """Every model that has a figure somewhere."""
        models, older = self.book.models, self.book.benchmarks.older
        found = {key for test in self.book.benchmarks.benchmarks.values() for key in test.scores}
        return [
            *(
                Column(key, model.label, "gemini")
                for key, model in reversed(models.gemini.items())
                if key in found
            ),
            *(Column(key, f"Gemma 4 {size.label}", "gemma") for key, size in reversed(models.gemma.items())),
            *(Column(key, label, "gemma") for key, label in older.items()),
        ]

    @property
    def charted(self) -> list[Column]:
        """The models of the chart: every Gemini, and the largest and the smallest Gemma."""
        gemma = [column for column in self.columns if column.family == "gemma"]
        return [
            column for column in self.columns if column.family == "gemini" or column in (gemma[0], gemma[-1])
        ]

    def chart(self, title: str) -> str:
        """The shared tests as horizontal bars from 0 to 100, wide enough for a phone."""
        parts: list[str] = []
        said: list[str] = []
        y = 0
        for test in self.shared:
            bars = [column for column in self.charted if column.key in test.scores]
            parts.append(f'<text font-weight="700" x="0" y="{y + THICK}">{html.escape(test.name)}</text>')
            y += HEAD
            foot = y + ROW * len(bars) - (ROW - THICK)
            parts.append(f'<path d="M{LABELS} {y}V{foot}" stroke="currentColor" stroke-opacity=".5"/>')
            for column in bars:
                parts.append(self._bar(column, test.scores[column.key], y))
                y += ROW
            y += GAP
            figures = ", ".join(f"{column.label} {self._written(test.scores[column.key])}" for column in bars)
            said.append(f"{test.name}: {figures}.")
        return (
            f'<svg class="chart" viewBox="0 0 {WIDTH} {y - GAP}" role="img" '
            'aria-labelledby="benchmark-title benchmark-figures" fill="currentColor" font-size="12">'
            f'<title id="benchmark-title">{html.escape(title)}</title>'
            f'<desc id="benchmark-figures">{html.escape(" ".join(said))}</desc>'
            f"{''.join(parts)}</svg>"
        )

    def _bar(self, column: Column, score: float, y: int) -> str:
        length = round(score * BARS / 100, 1)
        middle = y + THICK - 2
        return (
            f'<text x="{LABELS - 6}" y="{middle}" text-anchor="end">{html.escape(column.label)}</text>'
            f'<rect class="chart-{column.family}" x="{LABELS}" y="{y}" width="{length}" height="{THICK}" '
            'rx="3"/>'
            f'<text x="{LABELS + length + 5:.1f}" y="{middle}">{self._written(score)}</text>'
        )

    def _written(self, score: float) -> str:
        return formatting.number(score, self.language)

    def _tests(self) -> Iterator[Test]:
        for key, test in self.book.benchmarks.benchmarks.items():
            cited = [
                next((f"{model}_{key}" for model in test.scores if model.startswith(family)), "")
                for family in ("gemini", "gemma")
            ]
            yield Test(key, test.name, test.about, test.note, test.scores, tuple(filter(None, cited)))
