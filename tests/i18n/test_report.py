"""What `make i18n` writes and says."""

import pytest
from typer.testing import CliRunner

from i18n import catalog
from i18n.languages import LANGUAGE
from scripts import catalogs, texts


@pytest.fixture
def run(project, monkeypatch):
    """The command, run on the tiny project."""
    monkeypatch.setattr(catalogs, "ROOT", project.root)
    monkeypatch.setattr(texts, "messages", lambda _: project.messages())
    monkeypatch.setenv("COLUMNS", "120")
    return lambda: CliRunner().invoke(catalogs.app)


def rows(output):
    """The cells of the table by language and area."""
    lines = [
        [cell.strip() for cell in line.strip("│ ").split("│")] for line in output.splitlines() if "│" in line
    ]
    return {(line[0], line[1]): tuple(map(int, line[2:])) for line in lines}


def test_the_report_counts_per_language_and_area(project, run):
    project.translate(Home="")
    project.replace("docs/index.md", "of memory.", "of your memory.")
    result = run()
    assert result.exit_code == 1
    found = rows(result.output)
    assert found["ko", "pages"] == found["ja", "pages"] == (2, 1, 1)
    assert found["ko", "theme"] == (2, 0, 0)
    assert {area for _, area in found} == {"theme", "pages", "data", "demos"}


def test_every_finding_of_the_gate_is_said_before_the_table(project, run):
    project.translate(Two="**두 그릇**")
    said = run().output
    assert said.startswith(
        'docs/index.md:5: the Korean text for "Two bowls" has other bold marks than the English; '
    )
    assert said.index("bold marks") < said.index("language")


def test_complete_catalogs_are_written_and_said_to_be_so(project, run):
    project.translate()
    before = catalog.path(project.root, LANGUAGE["ko"]).read_bytes()
    result = run()
    assert result.exit_code == 0
    assert all(fuzzy == missing == 0 for _, fuzzy, missing in rows(result.output).values())
    assert catalog.path(project.root, LANGUAGE["ko"]).read_bytes() == before


def test_a_source_that_does_not_parse_is_one_sentence(project, run):
    project.replace("docs/index.md", "{% endtrans %} { #top }", "{#top}")
    result = run()
    assert result.exit_code == 1
    assert result.output.strip() == (
        "docs/index.md:5: this template does not parse (Missing end of comment tag); fix that line."
    )
