"""Finds figures that a page types although they stand in docs/data: a copy that stays when the figure moves.

It looks at every English text and at what page templates show outside of texts. Code, addresses, attributes
and ids are left alone, and so are names that carry a number (i18n/glossary/names.yml, labels in docs/data).
"""

import datetime as dt
import pathlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from i18n import facts, glossary, prose, templates
from i18n.data import Value
from i18n.extract import Message
from i18n.facts import Book
from i18n.figures import MONTHS
from i18n.languages import SOURCE
from i18n.marked_yaml import Text

TEMPLATES = ("docs/**/*.md", "docs/parts/*.html")
MONTH = "|".join(MONTHS)
DATE = re.compile(
    rf"(?P<iso>\d{{4}}-\d\d-\d\d)|(?P<month>{MONTH}) (?P<day>\d{{1,2}})(?:, (?P<year>\d{{4}}))?"
    rf"|(?P<day_first>\d{{1,2}}) (?P<month_then>{MONTH})(?: (?P<year_last>\d{{4}}))?"
)
NUMBER = re.compile(
    r"(?<![\w.,/:-])\$?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*)"
    r"(?P<unit>[KMB%](?!\w)| (?:thousand|million|billion)\b)?(?=[GMKT]i?B\b|(?![\w:/]|[.,]\d|-\w))"
)
WORDS = {" thousand": 10**3, " million": 10**6, " billion": 10**9}
# What a template does not show as text of its own: its head, pictures, comments, fences, list numbers.
UNSEEN = re.compile(
    r"\A---\n.*?\n---\n|<(svg|script|style|pre|code)\b.*?</\1>|<!--.*?-->|^(```+|~~~+).*?^\2|</?[a-zA-Z][^>]*>"
    r"|^ *\d+\. |`[^`\n]+`|\]\([^)\n]*\)|\{:? ?[#.][^}\n]*\}|https?://[^\s)<>]+|&#?\w+;",
    re.DOTALL | re.MULTILINE,
)
SHOWN = 3


def check(root: pathlib.Path, messages: Iterable[Message], book: Book) -> list[str]:
    """A sentence for every typed figure, in source order.

    Raises:
        SiteError: i18n/glossary/names.yml has another shape.
    """
    known = _Known(book)
    names = _names(root, book)
    texts = [message for message in messages if message.msgid not in known.words]
    seen = [(message.file, message.line, prose.words(message.msgid)) for message in texts]
    for pattern in TEMPLATES:
        for path in sorted(root.glob(pattern)):
            file = path.relative_to(root).as_posix()
            lines = _shown(path.read_text("utf-8")).splitlines()
            seen += [(file, number, " ".join(line.split())) for number, line in enumerate(lines, 1)]
    return [
        f'{file}:{line}: the figure "{typed}" is typed, but docs/data has it as {_listed(ids)}; quote it by '
        "its id, or write a small number as a word."
        for file, line, text in seen
        for typed, ids in known.typed(names.sub(prose.THING, text.replace("*", "")))
    ]


class _Known:
    """The figures of docs/data by the ways to type them."""

    def __init__(self, book: Book) -> None:
        self.words: set[str] = set()
        self._numbers: Mapping[str, list[str]] = defaultdict(list)
        self._dates: Mapping[tuple[int, int, int | None], list[str]] = defaultdict(list)
        for key, value in book.values.items():
            self._add(key, value)
        for row in book.prices.prices:
            key = re.sub(r"\W", "_", row.model)
            self._numbers[_plain(row.input)].append(f"{key}_input")
            self._numbers[_plain(row.output)].append(f"{key}_output")

    def _add(self, key: str, value: Value) -> None:
        content = value.value
        if isinstance(content, dt.date):
            for year in (content.year, None):
                self._dates[content.month, content.day, year].append(key)
        elif isinstance(content, Text):
            self.words.add(content)
        else:
            forms = {str(content) if isinstance(content, str) else _plain(content)}
            forms.add(facts.written(value, SOURCE, str).replace(",", "").strip("$"))
            for form in forms:
                self._numbers[form].append(key)

    def typed(self, text: str) -> Iterator[tuple[str, list[str]]]:
        """Every figure that a text types, and the ids that have it."""
        for found in DATE.finditer(text):
            if ids := self._dates.get(_day(found)):
                yield found[0], ids
        for found in NUMBER.finditer(DATE.sub(prose.THING, text)):
            digits, unit = found["digits"].replace(",", ""), found["unit"] or ""
            if unit in WORDS:
                forms = {_plain(Decimal(digits) * WORDS[unit])}
            elif unit or digits.count(".") > 1:  # 128K, 50%, version 5.5.0
                forms = {digits + unit}
            else:
                forms = {digits, _plain(Decimal(digits))}
            if ids := [key for form in sorted(forms) for key in self._numbers.get(form, ())]:
                yield found[0], list(dict.fromkeys(ids))


def _plain(number: float | Decimal) -> str:
    return format(Decimal(str(number)).normalize(), "f")


def _day(found: re.Match[str]) -> tuple[int, int, int | None]:
    if found["iso"]:
        year, month, day = map(int, found["iso"].split("-"))
        return month, day, year
    written = found["year"] or found["year_last"]
    name, number = found["month"] or found["month_then"], found["day"] or found["day_first"]
    return MONTHS.index(name) + 1, int(number), int(written) if written else None


def _names(root: pathlib.Path, book: Book) -> re.Pattern[str]:
    """Names that carry a number: those of names.yml and every label in docs/data, the longest first."""
    labels = {
        *(size.label for size in book.models.gemma.values()),
        *(model.label for model in book.models.gemini.values()),
        *(benchmark.name for benchmark in book.benchmarks.benchmarks.values()),
        *(device.name for device in book.devices.devices.values()),
        *book.benchmarks.older.values(),
    }
    given = [pattern.pattern for pattern in glossary.names(root).numbered]
    parts = [*given, *map(re.escape, sorted(labels, key=len, reverse=True))]
    return re.compile("|".join(rf"(?<![\w.])(?:{part})(?!\w)" for part in parts) or "(?!)")


def _shown(text: str) -> str:
    """A page template with only what it shows outside of Jinja, every line where it was."""
    lines: list[str] = []
    within = False
    for _, kind, piece in templates.environment(templates.PAGE).lex(text):
        if kind == "name" and piece in {"trans", "endtrans"}:
            within = piece == "trans"
        lines.append(piece if kind == "data" and not within else re.sub(r"[^\n]", " ", piece))
    return UNSEEN.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), "".join(lines))


def _listed(ids: list[str]) -> str:
    more = len(ids) - SHOWN
    return ", ".join(ids[:SHOWN]) + (f" and {more} more" if more > 0 else "")
