"""Each thing that is wrong with a translation is one sentence that says where and what to do."""

from i18n import gate

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
