"""The lines that pages quote from the project's own files."""

import pathlib

import pytest

from i18n.errors import SiteError
from scripts import excerpts

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def test_an_excerpt_has_the_lines_asked_for_without_their_common_indentation(tmp_path):
    (tmp_path / "a.yml").write_text("top:\n    bubbles:\n      - {text: <b>}\n    direction: left\n")
    assert excerpts.lines(tmp_path, "a.yml", "bubbles:", 2) == "bubbles:\n  - {text: &lt;b&gt;}"


def test_a_strip_that_a_page_quotes_is_quoted_with_its_words():
    assert "speaker: cat" in excerpts.lines(ROOT, "comics/strips/twins.yml", "bubbles:", 4)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SiteError, match=r"^there is no file a\.yml to quote; correct the name\.$"):
        excerpts.lines(tmp_path, "a.yml", "x")


def test_a_text_that_no_line_holds_is_named(tmp_path):
    (tmp_path / "a.yml").write_text("b\n")
    with pytest.raises(SiteError, match=r'^no line of a\.yml holds "x"; quote another one\.$'):
        excerpts.lines(tmp_path, "a.yml", "x")
