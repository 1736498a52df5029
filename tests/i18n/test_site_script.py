"""When the site is built again, and when it is not."""

import datetime as dt
import shutil

import pytest
from typer.testing import CliRunner

from comics import ComicError
from i18n import catalog
from i18n.errors import SiteError
from i18n.languages import LANGUAGE
from scripts import site, texts, unchanged

DAY = dt.date(2026, 11, 21)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project root with one input."""
    (tmp_path / "mkdocs.yml").write_text("a")
    shutil.copytree(unchanged.ROOT / "docs" / "data", tmp_path / "docs" / "data")
    monkeypatch.setattr(site, "ROOT", tmp_path)
    monkeypatch.setattr(unchanged, "ROOT", tmp_path)
    monkeypatch.setattr(unchanged, "INPUTS", ("mkdocs.yml", "docs"))
    monkeypatch.setattr(site.fetch, "libraries", lambda: None)
    return tmp_path


def test_a_changed_new_or_renamed_input_changes_the_fingerprint(root):
    seen = {unchanged.fingerprint("", DAY)}
    (root / "mkdocs.yml").write_text("b")
    seen.add(unchanged.fingerprint("", DAY))
    (root / "docs/a.md").write_text("c")
    seen.add(unchanged.fingerprint("", DAY))
    (root / "docs/a.md").rename(root / "docs/b.md")
    seen.add(unchanged.fingerprint("", DAY))
    assert len(seen) == 4


def test_the_day_counts_only_when_the_data_changes_on_it(root):
    changes = dt.date(2026, 12, 1)
    days = [changes - dt.timedelta(days=2), changes - dt.timedelta(days=1), changes]
    before, still, after = (unchanged.fingerprint("", day) for day in days)
    assert before == still != after


def test_nothing_is_built_when_no_input_changed(root, monkeypatch):
    def never(_):
        raise AssertionError("the texts were read")

    today = dt.datetime.now(tz=dt.UTC).date()
    (root / "site").mkdir()
    state = unchanged.fingerprint("", today)
    (root / "site.sha256").write_text(state)
    monkeypatch.setattr(texts, "messages", never)
    assert site.build(site=root / "site", work=root) == root / "site"
    assert site.build(strict=False, site=root / "site", work=root) == root / "site"
    with pytest.raises(AssertionError, match="the texts were read"):
        site.build(address="https://example.org/", site=root / "site", work=root)


def test_a_build_with_findings_is_good_enough_for_a_lenient_one_only(root, monkeypatch):
    today = dt.datetime.now(tz=dt.UTC).date()
    (root / "site").mkdir()
    (root / "site.sha256").write_text(unchanged.fingerprint("", today) + unchanged.UNFINISHED)
    monkeypatch.setattr(texts, "messages", lambda _: [])
    monkeypatch.setattr(site.gate, "check", lambda *_: ["docs/a.md:100: the Korean text is missing."])
    assert site.build(strict=False, site=root / "site", work=root) == root / "site"
    with pytest.raises(SiteError, match="the Korean text is missing"):
        site.build(site=root / "site", work=root)


@pytest.fixture
def findings(root, monkeypatch):
    """A project whose gate finds something, and whose build ends right after it."""
    monkeypatch.setattr(texts, "messages", lambda _: [])
    monkeypatch.setattr(site.gate, "check", lambda *_: ["docs/a.md:100: the Korean text is missing."])

    def stop():
        raise SiteError("the build went on.")

    monkeypatch.setattr(site, "strips", stop)
    return root


def test_a_finding_of_the_gate_stops_the_build(findings):
    with pytest.raises(SiteError, match=r"^docs/a\.md:100: the Korean text is missing\.$"):
        site.build(site=findings / "site", work=findings)


def test_a_lenient_build_warns_and_goes_on(findings, capsys):
    with pytest.raises(SiteError, match="the build went on"):
        site.build(strict=False, site=findings / "site", work=findings)
    assert capsys.readouterr().err == "warning: docs/a.md:100: the Korean text is missing.\n"


@pytest.mark.parametrize("error", [SiteError("docs/a.md:1: wrong."), ComicError("twins: does not fit.")])
def test_the_command_says_one_sentence_and_no_traceback(monkeypatch, error):
    def fail(**_):
        raise error

    monkeypatch.setattr(site, "build", fail)
    result = CliRunner().invoke(site.app)
    assert result.exit_code == 1
    assert result.output.strip() == str(error)


def test_a_strip_that_is_not_all_translated_is_shown_in_english_with_a_mark():
    korean = LANGUAGE["ko"]
    translate = catalog.for_language(site.ROOT, korean)
    drawn = site.figure(korean, translate, "twins")
    assert 'lang="ko"' in drawn
    assert catalog.MARKER not in drawn
    shout = "NO!"
    assert translate(shout) != shout

    def one_is_missing(text):
        return catalog.MARKER + text if text == shout else translate(text)

    drawn = site.figure(korean, one_is_missing, "twins")
    assert 'lang="en"' in drawn
    assert shout in drawn
    assert f"{catalog.MARKER}The twins who are not twins" in drawn


def test_a_strip_that_does_not_exist_is_one_sentence():
    with pytest.raises(SiteError) as error:
        site.figure(LANGUAGE["en"], str, "nobody")
    assert str(error.value) == 'there is no strip "nobody" in comics/strips; draw it or correct the name.'
