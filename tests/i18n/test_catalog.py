"""What an edit of the English does to the translations, and what it does not."""

import dataclasses

import pytest

from i18n import catalog
from i18n.errors import SiteError
from i18n.languages import LANGUAGE, SOURCE
from scripts import site, texts


def fuzzy(made):
    return [entry.id for entry in made if entry.id and entry.fuzzy]


def missing(made):
    return [entry.id for entry in made if entry.id and not entry.string]


def test_nothing_changed_means_not_a_byte_changes(project):
    project.translate()
    before = catalog.path(project.root, LANGUAGE["ko"]).read_bytes()
    project.update()
    assert catalog.path(project.root, LANGUAGE["ko"]).read_bytes() == before


def test_a_moved_line_changes_nothing_in_the_catalog(project):
    project.translate()
    before = catalog.path(project.root, LANGUAGE["ja"]).read_bytes()
    project.replace("docs/index.md", "# {% trans", "\n\n\n# {% trans")
    project.update()
    assert catalog.path(project.root, LANGUAGE["ja"]).read_bytes() == before


def test_a_changed_sentence_makes_exactly_its_own_string_fuzzy(project):
    project.translate()
    project.replace("docs/index.md", "of memory.", "of your memory.")
    for made in project.update().values():
        assert fuzzy(made) == ["It needs %(memory)s of your memory."]
        assert missing(made) == []
        entry = made.get("It needs %(memory)s of your memory.")
        assert entry.string == "<It needs %(memory)s of memory.>"
        assert list(entry.previous_id) == ["It needs %(memory)s of memory."]


def test_fuzzy_stays_fuzzy_until_somebody_says_otherwise(project):
    project.translate()
    project.replace("docs/index.md", "of memory.", "of your memory.")
    project.update()
    assert fuzzy(project.update()["ko"]) == ["It needs %(memory)s of your memory."]


def test_a_new_string_is_never_fuzzy_however_much_it_resembles_another(project):
    project.translate()
    project.replace("docs/index.md", "\n{% trans memory", "\n{{ _('Two bowls!') }}\n\n{% trans memory")
    made = project.update()["ko"]
    assert fuzzy(made) == []
    assert missing(made) == ["Two bowls!"]


def test_a_string_of_one_file_does_not_become_the_translation_of_another(project):
    project.translate()
    project.replace("docs/index.md", "{% trans %}Two bowls{% endtrans %}", "Plain")
    project.replace("docs/deep/page.md", "[home]", "{{ _('Two bowls more') }} [home]")
    made = project.update()["ko"]
    assert fuzzy(made) == []
    assert missing(made) == ["Two bowls more"]


def test_a_rewritten_sentence_is_missing_and_its_old_text_is_gone(project):
    project.translate()
    project.replace("docs/index.md", "Two bowls", "Something else entirely")
    made = project.update()["ko"]
    assert missing(made) == ["Something else entirely"]
    assert made.get("Two bowls") is None


def test_notes_for_translators_reach_the_catalog(project):
    message = project.messages()[0]
    noted = type(message)(message.msgid, message.file, message.line, message.area, ("keep it short",))
    made = catalog.update(catalog.Catalog(locale="ko"), [noted], LANGUAGE["ko"])
    assert b"#. keep it short" in catalog.dump(made)


def test_english_comes_back_as_it_is(project):
    assert catalog.for_language(project.root, SOURCE)("Two bowls") == "Two bowls"


def test_a_missing_or_fuzzy_text_shows_as_english_with_a_mark(project):
    project.translate(Home=None)
    project.replace("docs/index.md", "of memory.", "of your memory.")
    project.update()
    translate = catalog.for_language(project.root, LANGUAGE["ko"])
    assert translate("Two bowls") == "<Two bowls>"
    assert translate("Home") == "[en] Home"
    assert translate("It needs %(memory)s of your memory.") == "[en] It needs %(memory)s of your memory."


def test_a_broken_catalog_is_named_with_its_line(project):
    path = catalog.path(project.root, LANGUAGE["ko"])
    path.parent.mkdir(parents=True)
    path.write_text('msgid "a"\nnonsense\n', "utf-8")
    with pytest.raises(
        SiteError, match=r"^i18n/locale/ko/LC_MESSAGES/messages\.po:\d+: this is not a catalog"
    ):
        catalog.load(project.root, LANGUAGE["ko"])


REAL = texts.messages(site.ROOT)
# Every so many of the real texts with enough words that one more is a small change.
SAMPLE = [message for message in REAL if len(message.msgid.split()) > 5][::60]


def updated(messages):
    """The real Korean catalog, brought up to date with these messages."""
    return catalog.update(catalog.load(site.ROOT, LANGUAGE["ko"]), messages, LANGUAGE["ko"])


@pytest.mark.parametrize("message", SAMPLE, ids=lambda message: f"{message.file}:{message.line}")
def test_any_sentence_of_the_site_makes_exactly_its_own_string_fuzzy(message):
    before = updated(REAL)
    changed = dataclasses.replace(message, msgid=f"{message.msgid} Really.")
    after = updated([changed if each is message else each for each in REAL])
    assert set(fuzzy(after)) - set(fuzzy(before)) == (
        {changed.msgid} if before[message.msgid].string else set()
    )
    assert after[changed.msgid].string == before[message.msgid].string
    for each in REAL:
        if each is not message:
            assert after[each.msgid].string == before[each.msgid].string


@pytest.mark.parametrize("message", SAMPLE, ids=lambda message: f"{message.file}:{message.line}")
def test_no_new_text_of_the_site_is_born_with_the_translation_of_its_likeness(message):
    new = dataclasses.replace(message, msgid=f"{message.msgid} Really.")
    after = updated([*REAL, new])
    assert not after[new.msgid].string
    assert not after[new.msgid].fuzzy
