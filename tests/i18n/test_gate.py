"""Each thing that is wrong with a translation is one sentence that says where and what to do."""

import dataclasses

import pytest

from i18n import gate
from i18n.errors import SiteError
from i18n.languages import LANGUAGE

KO = "i18n/locale/ko/LC_MESSAGES/messages.po"


def korean(project):
    """The findings of the Korean catalog; the Japanese one has the same."""
    findings = gate.check(project.root, project.messages())
    assert [finding for finding in findings if "Japanese" in finding]
    return [finding for finding in findings if "Korean" in finding]


def about(where, msgid, what):
    return f'{where}: the Korean text for "{msgid}" {what}'


def test_a_complete_catalog_passes(project):
    project.translate(Ask="물어보기")
    assert gate.check(project.root, project.messages()) == []


def test_a_missing_text_is_named(project):
    project.translate(Home="")
    wanted = f"is missing; run make i18n and fill in its msgstr in {KO}."
    assert korean(project) == [about("docs/index.md:2", "Home", wanted)]


def test_without_any_catalog_every_text_is_missing(project):
    assert len(korean(project)) == len(project.messages())


def test_a_fuzzy_text_is_named(project):
    project.translate()
    project.replace("docs/index.md", "of memory.", "of your memory.")
    project.update()
    wanted = (
        f"is fuzzy, because the English changed; correct its msgstr in {KO} and delete the word fuzzy "
        "above it."
    )
    assert korean(project) == [about("docs/index.md:7", "It needs %(memory)s of your memory.", wanted)]


def test_another_placeholder_is_named(project):
    project.translate(It="메모리가 %(ram)s 필요해요.")
    wanted = f"has the placeholders %(ram)s, the English has %(memory)s; make them the same in {KO}."
    assert korean(project) == [about("docs/index.md:7", "It needs %(memory)s of memory.", wanted)]


def test_a_lone_per_cent_sign_is_named(project):
    project.translate(Two="100% 그릇")
    wanted = f"has a lone % in {KO}; write %% for a per cent sign."
    assert korean(project) == [about("docs/index.md:5", "Two bowls", wanted)]


def test_code_and_links_have_to_be_carried_over(project):
    project.translate(A="`cod`가 있는 [쪽](../other.md)")
    subject = ("docs/deep/page.md:1", "A [page](../index.md) with `code`")
    assert korean(project) == [
        about(*subject, f"has other inline code than the English; make them the same in {KO}."),
        about(*subject, f"has other link targets than the English; make them the same in {KO}."),
    ]


def test_a_heading_id_inside_a_text_has_to_be_carried_over(project):
    project.replace("docs/index.md", "Two bowls{% endtrans %} { #top }", "Two bowls { #top }{% endtrans %}")
    project.translate(Two="두 그릇 { #위 }")
    wanted = f"has other heading ids than the English; make them the same in {KO}."
    assert korean(project) == [about("docs/index.md:5", "Two bowls { #top }", wanted)]


def test_html_tags_have_to_be_carried_over(project):
    project.replace("docs/index.md", "Two bowls", "Two <b>bowls</b>")
    project.translate(Two="두 그릇")
    wanted = f"has other HTML tags than the English; make them the same in {KO}."
    assert korean(project) == [about("docs/index.md:5", "Two <b>bowls</b>", wanted)]


def test_other_bold_or_italic_marks_are_named(project):
    project.replace("docs/index.md", "Two bowls", "Two **fine** *bowls*")
    project.translate(Two="**멋진** **두** *그*릇*이*에요")
    subject = ("docs/index.md:5", "Two **fine** *bowls*")
    assert korean(project) == [
        about(*subject, f"has other bold marks than the English; make them the same in {KO}."),
        about(*subject, f"has other italic marks than the English; make them the same in {KO}."),
    ]


def test_another_number_is_named(project):
    project.replace("docs/index.md", "Two bowls", "Two bowls of Gemma 4")
    project.translate(Two="Gemma 3 두 그릇")
    wanted = f"has the numbers 3, the English has 4; make them the same in {KO}."
    assert korean(project) == [about("docs/index.md:5", "Two bowls of Gemma 4", wanted)]


def test_a_number_that_the_english_spells_out_may_stand_in_digits(project):
    project.translate(Two="라면 2그릇")
    assert gate.check(project.root, project.messages()) == []


def test_a_space_at_the_end_or_a_double_one_is_named(project):
    wanted = f"has a space too many; remove it in {KO}."
    for text in ("두 그릇 ", " 두 그릇", "두  그릇"):
        project.translate(Two=text)
        assert korean(project) == [about("docs/index.md:5", "Two bowls", wanted)]


def test_a_text_that_is_still_english_is_named_and_one_of_names_is_not(project):
    project.write("i18n/glossary/names.yml", "latin: [Home]\nnumbered: []\n")
    project.translate(Two="Two bowls", Home="Home")
    wanted = f"is still the English; translate it in {KO}."
    assert korean(project) == [about("docs/index.md:5", "Two bowls", wanted)]


RULES = """only_names_in_latin: false
pairs: ["()"]
terms:
  - { term: "bowls?", wanted: [그릇, 라면] }
forbidden:
  - { form: 라멘, instead: 라면, why: the picture would break, unless: Japan }
"""


def with_rules(project, text, rules=RULES):
    """What the gate says of this translation of "Two bowls" under these rules for Korean."""
    project.write("i18n/glossary/names.yml", "latin: [Gemma]\nnumbered: []\n")
    project.write("i18n/glossary/ko.yml", rules)
    project.translate(Two=text)
    start = 'docs/index.md:5: the Korean text for "Two bowls" '
    found = gate.check(project.root, project.messages())
    return [finding.removeprefix(start) for finding in found if finding.startswith(start)]


def test_a_term_of_the_glossary_that_is_not_used_is_named(project):
    assert with_rules(project, "라면") == []
    assert with_rules(project, "두 사발") == [
        'does not say 그릇 or 라면 for the English "bowls"; use the word of i18n/glossary/ko.yml in '
        + KO
        + "."
    ]


def test_a_forbidden_word_is_named_with_its_reason(project):
    assert with_rules(project, "라멘 그릇") == [f'says "라멘" (the picture would break); write 라면 in {KO}.']


def test_a_forbidden_word_passes_where_the_english_calls_for_it(project):
    project.replace("docs/index.md", "Two bowls", "Two bowls from Japan")
    assert with_rules(project, "라멘 그릇") == []
    assert gate.check(project.root, project.messages()) == []


def test_a_bracket_without_its_other_half_is_named(project):
    for text, mark in (("그릇 (둘", "("), ("그릇) 둘(", ")")):
        assert with_rules(project, text) == [
            f"has a {mark} without its other half; complete the pair in {KO}."
        ]


def test_english_words_left_in_a_text_are_named_and_names_are_not(project):
    rules = RULES.replace("false", "true")
    assert with_rules(project, "Gemma 그릇, [E](x)") == [
        f"has other link targets than the English; make them the same in {KO}."
    ]
    assert with_rules(project, "Gemma bowls의 hot 그릇", rules) == [
        'has the English "bowls", "hot"; translate it, or allow it in i18n/glossary/names.yml, in ' + KO + "."
    ]


def test_a_text_may_be_said_differently_on_purpose(project):
    rules = RULES + "free:\n  - { text: Two bowls, why: a joke }\n"
    assert with_rules(project, "그릇 4개", rules) == []
    project.replace("docs/index.md", "Two bowls", "Three bowls")
    project.translate(Three="그릇")
    assert gate.check(project.root, project.messages()) == [
        'i18n/glossary/ko.yml: there is no text "Two bowls" any more; delete it from that file or correct it.'
    ]


def test_a_glossary_of_another_shape_is_named_with_its_line(project):
    project.translate()
    project.write("i18n/glossary/ko.yml", "forbidden:\n  - { form: '(', instead: a, why: b }\n")
    with pytest.raises(SiteError) as caught:
        gate.check(project.root, project.messages())
    assert str(caught.value) == (
        "i18n/glossary/ko.yml:2: forbidden.0.form is wrong (( is not a regular expression: missing ), "
        "unterminated subpattern at position 0); correct it."
    )


def test_one_language_can_be_checked_alone(project):
    assert {
        finding.partition(" text for ")[0].rpartition(" ")[2]
        for finding in gate.check(project.root, project.messages(), [LANGUAGE["ja"]])
    } == {"Japanese"}


def test_italics_may_be_left_out_because_not_every_script_has_them(project):
    project.replace("docs/index.md", "Two bowls", "Two *fine* bowls")
    for text in ("멋진 두 그릇", "*멋진* 두 그릇"):
        project.translate(Two=text)
        assert gate.check(project.root, project.messages()) == []


def test_a_bubble_need_not_say_the_word_of_the_glossary(project):
    project.write("i18n/glossary/ko.yml", RULES)
    project.translate(Two="두 사발, 라멘")
    bubbles = [dataclasses.replace(message, area="comics") for message in project.messages()]
    assert gate.check(project.root, bubbles) == [
        about("docs/index.md:5", "Two bowls", f'says "라멘" (the picture would break); write 라면 in {KO}.')
    ]


def test_a_figure_that_a_page_types_is_found_before_the_translations(project):
    project.replace("docs/index.md", "Two bowls", "It needs 2.9 GB")
    assert gate.check(project.root, project.messages(), [])[0].startswith(
        'docs/index.md:5: the figure "2.9" is typed, but docs/data has it as memory; quote it by its id, or '
    )


def test_words_for_the_search_box_may_be_spelt_as_readers_spell_them(project):
    project.write("i18n/glossary/ko.yml", RULES)
    project.translate(Two="라멘, 4 (")
    words = [dataclasses.replace(message, area="search") for message in project.messages()]
    assert gate.check(project.root, words) == []
    project.translate(Two="")
    words = [dataclasses.replace(message, area="search") for message in project.messages()]
    assert "is missing" in gate.check(project.root, words)[0]
