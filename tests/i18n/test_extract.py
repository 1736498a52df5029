"""Every string is found where it stands, and a file that does not parse is named."""

import pytest

from i18n.errors import SiteError
from i18n.extract import from_babel, from_override, from_page, from_python, from_script


def test_every_string_has_its_file_line_and_area(project):
    found = {message.msgid: (message.file, message.line, message.area) for message in project.messages()}
    assert found == {
        "Tiny site": ("mkdocs.yml", 2, "theme"),
        "Search": ("docs/overrides/main.html", 1, "theme"),
        "A [page](../index.md) with `code`": ("docs/deep/page.md", 1, "pages"),
        "Home": ("docs/index.md", 2, "pages"),
        "Two bowls": ("docs/index.md", 5, "pages"),
        "It needs %(memory)s of memory.": ("docs/index.md", 7, "pages"),
        "R": ("docs/data/facts.yml", 2, "data"),
        "Time": ("docs/data/facts.yml", 3, "data"),
        "May 2025": ("docs/data/facts.yml", 3, "data"),
        "Ask": ("demos/web/a.js", 1, "demos"),
        "Tokens: %(tokens)s.": ("demos/web/a.js", 2, "demos"),
    }


def test_lines_are_trimmed_and_a_per_cent_sign_is_doubled():
    text = "\n{% trans %}\n  half\n  100% off\n{% endtrans %}\n"
    assert list(from_page(text, "a.md")) == [(2, "half 100%% off")]


def test_an_override_keeps_its_own_marks_apart_from_those_of_mkdocs():
    assert list(from_override('{{ _("theirs") }} [[ _("ours") ]]', "a.html")) == [(1, "ours")]


def test_scripts_and_python_modules_are_read_too():
    assert list(from_script('x;\nt("Ask")', "a.js")) == [(2, "Ask")]
    assert list(from_python('A = 1\nB = _("Panel")', "a.py")) == [(2, "Panel")]


def test_an_extractor_of_another_package_brings_notes_for_the_translator():
    def extractor(file, *_):
        yield 3, None, file.read().decode(), [f"in {file.name}"]

    assert list(from_babel(extractor)("NO!", "twins.yml")) == [(3, "NO!", ("in twins.yml",))]


def test_a_broken_template_is_named_with_its_line(project):
    project.replace("docs/index.md", "{% endtrans %} { #top }", "{#top}")
    with pytest.raises(SiteError) as caught:
        project.messages()
    assert str(caught.value) == (
        "docs/index.md:5: this template does not parse (Missing end of comment tag); fix that line."
    )


def test_a_string_that_is_not_a_literal_is_named_with_its_line():
    with pytest.raises(SiteError) as caught:
        list(from_page("\n{{ _(name) }}", "docs/a.md"))
    assert str(caught.value) == (
        "docs/a.md:2: this string is not one plain literal; write the text itself, without plural, and hand "
        "numbers in as placeholders."
    )


def test_broken_yaml_is_named_with_its_line(project):
    project.write("docs/data/facts.yml", "facts:\n  a: [1, 2\n  b: 3\n")
    with pytest.raises(SiteError) as caught:
        project.messages()
    assert str(caught.value) == (
        "docs/data/facts.yml:3: this is not YAML (did not find expected ',' or ']'); fix that line."
    )
