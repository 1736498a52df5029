"""Examples that a reader copies: their models exist and are not past their end."""

import ast
import datetime as dt
import pathlib
import subprocess

import pytest

from i18n import examples, facts
from i18n.errors import SiteError
from scripts import site, texts

ROOT = pathlib.Path(__file__).parents[2]
DAY = dt.date(2026, 11, 22)
BOOK = facts.load(ROOT)
MODELS = """checked: 2026-11-21
gemma: {}
gemini:
  old:
    label: Old
    id: gemini-1-old
    stage: stable
    released: 2026-01-01
    deprecated: 2026-10-08
    shutdown: 2026-12-01
    sources: [maker]
  tried: { label: T, id: gemini-1-tried, stage: preview, released: 2026-02-01, sources: [maker] }
  good:
    label: Good
    id: gemini-1-good
    stage: stable
    released: 2026-03-01
    free_tier: true
    sources: [maker]
"""
ELSE = 'use a stable model, or quote the id with fact("...") where the text is about its end.'
COMMAND = """commands:
  ask: {{ title: !t A, language: console, needs: !t B, lines: ["ask %({key}_id)s"] }}
"""


@pytest.fixture
def project(project):
    project.write("docs/data/models.yml", MODELS)
    return project


def outdated(project, day):
    return examples.outdated(project.root, facts.load(project.root), day)


@pytest.mark.parametrize(
    ("key", "day", "trouble"),
    [
        ("old", DAY, "gemini-1-old, which shuts down on 2026-12-01"),
        ("old", dt.date(2026, 12, 1), "gemini-1-old, which was shut down on 2026-12-01"),
        ("tried", DAY, "gemini-1-tried, which is a preview"),
    ],
)
def test_a_command_with_a_model_that_is_not_stable_is_one_sentence(project, key, day, trouble):
    project.write("docs/data/commands.yml", COMMAND.format(key=key))
    assert outdated(project, day) == [
        f"docs/data/commands.yml: ask names {trouble}; use a stable model, gemini-1-good, for example."
    ]


def test_a_page_that_types_the_id_of_a_model_that_is_gone_is_one_sentence(project):
    project.write("docs/deep/page.md", "# A\n\nCall `gemini-1-old` or `gemini-1-good`.\n")
    assert outdated(project, DAY) == [
        f"docs/deep/page.md:3: this line names gemini-1-old, which shuts down on 2026-12-01; {ELSE}"
    ]


def test_a_page_that_types_an_unknown_id_is_one_sentence(project):
    project.write("docs/deep/page.md", "Call `gemini-9-ultra`, or google/gemma-4-9B.\n")
    assert outdated(project, DAY) == [
        f"docs/deep/page.md:1: this line names {name}, which is not in docs/data/models.yml; {ELSE}"
        for name in ("gemini-9-ultra", "gemma-4-9B")
    ]


def test_a_page_may_quote_the_id_of_a_model_that_is_gone(project):
    project.write("docs/deep/page.md", 'It was {{ fact("old_id") }}.\n')
    assert outdated(project, DAY) == []


def test_an_example_whose_model_is_deprecated_ends_the_build(tmp_path, monkeypatch):
    docs = tmp_path / "docs" / "data"
    docs.mkdir(parents=True)
    for path in (ROOT / "docs" / "data").glob("*.yml"):
        text = path.read_text("utf-8").replace("%(gemini_38_flash_id)s", "%(gemini_35_flash_id)s")
        (docs / path.name).write_text(text, "utf-8")
    monkeypatch.setattr(site, "ROOT", tmp_path)
    monkeypatch.setattr(site.fetch, "libraries", lambda: None)
    monkeypatch.setattr(texts, "messages", lambda _: [])
    monkeypatch.setattr(site.gate, "check", lambda *_: [])
    sentence = "gemini names gemini-3.5-flash, which is deprecated since 2026-10-08; use a stable model, "
    with pytest.raises(SiteError, match=sentence):
        site.build(site=tmp_path / "site", work=tmp_path / "work")


def test_no_example_of_the_site_is_outdated():
    assert examples.outdated(ROOT, BOOK, DAY) == []


@pytest.mark.parametrize("key", BOOK.commands)
def test_every_example_parses(key):
    text = BOOK.lines(key)
    if BOOK.commands[key].language == "python":
        ast.parse(text)
    else:
        subprocess.run(["bash", "-n", "-c", text], check=True)
