"""One language of the tiny project, staged."""

import pathlib

import pytest
import yaml

from i18n import catalog, facts
from i18n.errors import SiteError
from i18n.facts import Quote
from i18n.languages import LANGUAGE
from i18n.phrases import broken
from i18n.stage import Stage


def staged(project, code="ko", **more):
    language = LANGUAGE[code]
    return Stage(
        root=project.root,
        folder=project.root / "build" / code,
        language=language,
        translate=catalog.for_language(project.root, language),
        book=facts.load(project.root),
        **more,
    )


def refusal(stage):
    with pytest.raises(SiteError) as caught:
        stage.write()
    return str(caught.value)


def test_a_page_is_rendered_in_its_language_with_its_facts(project):
    project.translate(It="메모리가 %(memory)s 필요해요.", Two="두 그릇")
    staged(project).write()
    page = (project.root / "build/ko/docs/index.md").read_text("utf-8")
    assert "# 두 그릇 { #top }" in page
    assert "메모리가 2.9GB 필요해요." in page


def test_the_way_home_and_to_the_root_fit_the_depth_of_the_page(project):
    project.translate()
    for code, home, root in (("en", "../../", "../../"), ("ko", "../../", "../../../")):
        staged(project, code).write()
        page = (project.root / f"build/{code}/docs/deep/page.md").read_text("utf-8")
        assert f"[home]({home}) [root]({root})" in page


def test_the_staged_config_is_translated_and_plain(project):
    project.translate(Tiny="작은 사이트")
    config = yaml.safe_load(staged(project).write().read_text("utf-8"))
    assert config["site_description"] == "작은 사이트"
    assert config["theme"] == {"name": "material", "language": "ko", "custom_dir": "overrides"}
    assert config["site_url"] == ""


def test_a_known_address_becomes_the_address_of_the_language(project):
    project.translate()
    stage = staged(project, address="https://example.org/bowls/")
    assert stage.config()["site_url"] == "https://example.org/bowls/ko/"


def test_overrides_are_rendered_and_the_marks_of_mkdocs_are_left(project):
    project.translate()
    staged(project).write()
    override = (project.root / "build/ko/overrides/main.html").read_text("utf-8")
    assert override == "<Search> {{ page.url }}"


def test_a_page_that_is_gone_leaves_nothing_behind(project):
    project.translate()
    staged(project).write()
    (project.root / "docs/deep/page.md").unlink()
    staged(project).write()
    assert not (project.root / "build/ko/docs/deep").exists()


def test_an_unknown_fact_is_named_with_the_line_of_the_page(project):
    project.translate()
    project.replace("docs/index.md", 'fact("memory")', 'fact("memmory")')
    assert refusal(staged(project, "en")) == (
        'docs/index.md:7: there is no fact "memmory" in docs/data/facts.yml; add it or correct the id.'
    )


def test_an_unknown_source_is_named_with_the_line_of_the_page(project):
    project.replace("docs/deep/page.md", "[home]", '{{ cite("memory", "nobody") }} [home]')
    assert 'deep/page.md:3: there is no fact "nobody"' in refusal(staged(project, "en"))


def test_an_unknown_name_in_a_page_is_one_sentence(project):
    project.replace("docs/deep/page.md", "[home]", "{{ nonsense }} [home]")
    assert refusal(staged(project, "en")) == (
        "docs/deep/page.md:3: this template does not render ('nonsense' is undefined); fix that line."
    )


def test_an_error_of_a_renderer_gets_the_line_that_asked_for_it(project):
    def strip(name):
        raise SiteError(f"there is no strip {name}.")

    project.replace("docs/deep/page.md", "[home]", '{{ strip("x") }} [home]')
    stage = staged(project, "en", renderers={"strip": strip})
    assert refusal(stage) == "docs/deep/page.md:3: there is no strip x."


def test_computed_values_are_quoted_like_facts(project):
    project.replace("docs/index.md", 'fact("memory")', 'fact("cost")')
    stage = staged(project, "en", quotes={"cost": Quote("$1", ("maker",))})
    stage.write()
    assert "It needs $1 of memory." in (project.root / "build/en/docs/index.md").read_text("utf-8")


def test_japanese_breaks_between_phrases_and_nobody_else_does():
    text = "今日はいい天気です。"
    assert broken(text, LANGUAGE["ja"]) == "今日は<wbr>いい<wbr>天気です。"
    assert broken(text, LANGUAGE["ko"]) == text


def test_phrases_leave_tags_code_and_links_whole():
    text = '<a href="今日はいい天気です">今日は</a>`今日はいい天気`[いい天気](今日はいい天気です)'
    kept = broken(text, LANGUAGE["ja"])
    assert '<a href="今日はいい天気です">' in kept
    assert "`今日はいい天気`" in kept
    assert "](今日はいい天気です)" in kept


def test_a_bracket_holds_on_to_the_word_before_and_the_particle_after():
    kept = broken("Gemma（ジェンマ）と袋麺", LANGUAGE["ja"])
    assert kept == '<span class="whole">Gemma（ジェンマ）と</span><wbr>袋麺'


def test_a_number_is_never_broken_nor_parted_from_its_unit():
    kept = broken("料金は2026年10月26日以降に変わります", LANGUAGE["ja"])
    assert "2026年10月26日" in kept


def test_a_stale_value_is_marked_where_it_is_cited_and_in_the_list(project):
    project.write(
        "docs/deep/page.md",
        """# {{ _("A") }} { #a }

{%- from "parts/marks.html" import marks with context %}
{{ fact("memory") }}{{ marks(cite("memory")) }} {{ marks(cite("maker")) }}

{% include "parts/sources.html" %}
""",
    )
    parts = pathlib.Path(__file__).parents[2] / "docs" / "parts"
    for name in ("marks.html", "sources.html"):
        project.write(f"docs/parts/{name}", (parts / name).read_text("utf-8"))
    staged(project, "en", stale={"memory": 365}).write()
    page = (project.root / "build/en/docs/deep/page.md").read_text("utf-8")
    assert (
        '2.9 GB<sup class="cite stale"><a href="#source-1" aria-label="Source 1, the value is older than 365 '
        'days: check the source" title="The maker">1*</a></sup>'
    ) in page
    assert '<sup class="cite"><a href="#source-1" aria-label="Source 1" title="The maker">1</a></sup>' in page
    assert "older than 365 days: check the source before you rely on it." in page


def test_a_stale_value_that_is_only_quoted_still_stands_in_the_list(project):
    project.write("docs/deep/page.md", '{{ fact("memory") }} {{ sources() | map(attribute="days") | list }}')
    staged(project, "en", stale={"memory": 365}).write()
    assert "2.9 GB [365]" in (project.root / "build/en/docs/deep/page.md").read_text("utf-8")
