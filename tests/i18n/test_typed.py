"""A page that types a number that exists as a value of docs/data is told which id to quote."""

import datetime as dt
import re
import types

import pytest

from i18n import typed
from i18n.data import Value
from i18n.extract import Message
from i18n.marked_yaml import Text


def value(content, unit=""):
    return Value(value=content, unit=unit, sources=("maker",), checked=dt.date(2026, 11, 21))


@pytest.fixture
def book():
    """A book with one value of each kind; only what the check reads, since a whole one needs every table."""
    return types.SimpleNamespace(
        values={
            "memory": value(2.9, "gigabyte"),
            "tokens": value(1048576),
            "days": value(55),
            "abuse_days": value(55),
            "log_days": value(55),
            "kept_days": value(55),
            "shutdown": value(dt.date(2026, 12, 1)),
            "context": value("128K"),
            "total": value(5100000000, "count"),
            "discount": value(50, "percent"),
            "version": value("5.5.0"),
            "since": value(Text("May 2025")),
            "frames": value(1),
            "second": value(2),
        },
        prices=types.SimpleNamespace(
            prices=[types.SimpleNamespace(model="gemini-3.8-flash", input=0.75, output=14.0)]
        ),
        models=types.SimpleNamespace(
            gemma={"e2b": types.SimpleNamespace(label="E2B"), "a": types.SimpleNamespace(label="26B A1B")},
            gemini={"a": types.SimpleNamespace(label="Gemini 1 Argon")},
        ),
        benchmarks=types.SimpleNamespace(
            benchmarks={"a": types.SimpleNamespace(name="HLE 2")}, older={"b": "Gemma 2 2B"}
        ),
        devices=types.SimpleNamespace(devices={"a": types.SimpleNamespace(name="RTX 1 Ti")}),
    )


def in_a_text(project, book, text):
    """The figures found in a message, with the ids."""
    message = Message(text, "docs/a.md", 7, "pages")
    for page in (project.root / "docs").rglob("*.md"):
        page.unlink()
    pattern = r'docs/a.md:7: the figure "(.*)" is typed, but docs/data has it as (.*); quote it by its id.*'
    return [re.fullmatch(pattern, finding).groups() for finding in typed.check(project.root, [message], book)]


@pytest.mark.parametrize(
    ("text", "figure", "ids"),
    [
        ("It needs 2.9 GB.", "2.9", "memory"),
        ("It needs **2.9GB**", "2.9", "memory"),
        ("up to 1,048,576 tokens", "1,048,576", "tokens"),
        ("up to 1048576 tokens", "1048576", "tokens"),
        ("kept for 55 days", "55", "days, abuse_days, log_days and 1 more"),
        ("until December 1, 2026.", "December 1, 2026", "shutdown"),
        ("until 1 December 2026", "1 December 2026", "shutdown"),
        ("until December 1", "December 1", "shutdown"),
        ("until 2026-12-01", "2026-12-01", "shutdown"),
        ("a context of 128K", "128K", "context"),
        ("5.1B parameters", "5.1B", "total"),
        ("5.1 billion parameters", "5.1 billion", "total"),
        ("half of it (50%%)", "50%", "discount"),
        ("transformers 5.5.0", "5.5.0", "version"),
        ("$0.75 in", "$0.75", "gemini_3_8_flash_input"),
        ("$14.00 out", "$14.00", "gemini_3_8_flash_output"),
        ("$14 out", "$14", "gemini_3_8_flash_output"),
    ],
)
def test_a_figure_is_found_however_it_is_written(project, book, text, figure, ids):
    assert in_a_text(project, book, text) == [(figure, ids)]


@pytest.mark.parametrize(
    "text",
    [
        "two bowls in 2026",
        "1.5 bowls, 2.95 or 1,048,577 or 129K or 55.5",
        "E2B on a RTX 1 Ti with HLE 2, beside Gemini 1 Argon, Gemma 2 2B and 26B A1B",
        "`--days 55` at https://a.example/55 and [there](page-55.md) <b data-n='55'>%(days)s</b> { #in-55 }",
        "December 2, 2026 and 2025-12-01",
        "Q55_0, int55, A55",
    ],
)
def test_what_is_no_figure_of_the_data_passes(project, book, text):
    assert in_a_text(project, book, text) == []


def test_a_value_that_is_words_is_not_a_copy_of_itself(project, book):
    assert in_a_text(project, book, "May 2025") == []


def test_names_of_the_project_may_carry_a_number(project, book):
    assert in_a_text(project, book, "Apache 2.9") == [("2.9", "memory")]
    project.write("i18n/glossary/names.yml", "latin: []\nnumbered: ['Apache 2\\.\\d']\n")
    assert in_a_text(project, book, "Apache 2.9") == []


PAGE = """---
title: {{ _("55 days") | tojson }}
weight: 55
---
# Top { #in-55 }

{% trans %}55 days in a text are found there{% endtrans %} {# 55 #}
{{ number(55) }} <td data-n="55" {% if x == 55 %}class="a55"{% endif %}>shown: 55</td> `55` &#55;

```
55
```
<svg viewBox="0 0 55 55"><text>55</text></svg> <pre>55
55</pre> <!-- 55 -->
2. an item of [a list](days.md#n-55)
"""


def test_a_figure_in_a_template_is_named_with_its_line_and_the_ids(project, book):
    for page in (project.root / "docs").rglob("*.md"):
        page.unlink()
    project.write("docs/costs.md", PAGE)
    project.write("docs/parts/table.html", "<p>\n2.9 GB</p>")
    what_to_do = "quote it by its id, or write a small number as a word."
    days = "days, abuse_days, log_days and 1 more"
    assert typed.check(project.root, [], book) == [
        f'docs/costs.md:8: the figure "55" is typed, but docs/data has it as {days}; {what_to_do}',
        f'docs/parts/table.html:2: the figure "2.9" is typed, but docs/data has it as memory; {what_to_do}',
    ]
