"""What the canary says about two builds of the same pages; Zensical itself is not needed to read that."""

import subprocess

import pytest
from typer.testing import CliRunner

from scripts import canary
from scripts.canary import Difference, compare, read, report

PAGE = """<!doctype html><html lang="{lang}"><head><title>{title}</title>
<link rel="canonical" href="https://example.org/ko/costs/">
<link rel="alternate " hreflang="en" href="../../costs/"></head>
<body><nav><a href="../">not compared</a></nav>
<article><h1 id="top">What it <wbr>costs</h1><p>{text} <a href="{link}">story</a>.</p>
<svg><title>a picture</title></svg><script>not text</script></article></body></html>"""
SAME = {"lang": "ko", "title": "Costs", "text": "One bowl,\n two bowls", "link": "../ramen-story/#top"}


def tree(folder, **pages):
    for name, changes in pages.items():
        path = folder / name / "index.html" if name != "home" else folder / "index.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PAGE.format(**{**SAME, **changes}), "utf-8")
    return read(folder)


def test_a_page_is_read_without_its_frame(tmp_path):
    page = tree(tmp_path, costs={})["costs/"]
    assert page.title == "Costs"
    assert page.language == "ko"
    assert page.headings == ["h1 #top"]
    assert page.text == "What it costs One bowl, two bowls story. a picture"
    assert page.links == ["ramen-story/#top"]
    assert page.alternates == ["en https://site.invalid/costs/"]
    assert page.canonical == "https://example.org/ko/costs/"


def test_trees_of_other_languages_inside_are_not_its_pages(tmp_path):
    tree(tmp_path / "ko", home={})
    assert sorted(tree(tmp_path, home={}, costs={})) == ["", "costs/"]


def test_the_same_pages_do_not_differ(tmp_path):
    here = tree(tmp_path / "a", home={}, costs={})
    there = tree(tmp_path / "b", home={}, costs={"text": "One bowl, two   bowls"})
    assert list(compare(here, there)) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"title": "Kosten"}, Difference("costs/", "title", "Costs", "Kosten")),
        ({"lang": "en"}, Difference("costs/", "language", "ko", "en")),
        (
            {"text": "One bowl, no bowls"},
            Difference(
                "costs/",
                "text",
                "One bowl, two bowls story. a picture",
                "One bowl, no bowls story. a picture",
            ),
        ),
        (
            {"link": "../../ramen-story/#top"},
            Difference(
                "costs/",
                "links",
                "1: ramen-story/#top",
                "1: https://site.invalid/ramen-story/#top",
            ),
        ),
    ],
)
def test_what_differs_is_named_with_both_sides(tmp_path, change, found):
    here = tree(tmp_path / "a", costs={})
    assert list(compare(here, tree(tmp_path / "b", costs=change))) == [found]


def test_a_missing_page_is_a_difference_on_either_side(tmp_path):
    here, there = tree(tmp_path / "a", home={}, costs={}), tree(tmp_path / "b", home={}, speed={})
    assert list(compare(here, there)) == [
        Difference("costs/", "page", "a page", "no page"),
        Difference("speed/", "page", "no page", "a page"),
    ]


def test_only_a_missing_page_or_another_text_is_grave(capsys):
    slight = [Difference("costs/", "links", "1: a", "1: b"), Difference("home", "canonical", "", "/")]
    assert not report({"ko": slight}, {"ko": 16})
    assert "Pages compared: 16. Differences: 2, grave ones: 0." in capsys.readouterr().out
    assert report({"ko": [*slight, Difference("costs/", "text", "two bowls", "one bowl")]}, {"ko": 16})
    said = capsys.readouterr().out
    assert "ko costs/: text: MkDocs has 'two bowls', Zensical has 'one bowl'." in said
    assert "Pages compared: 16. Differences: 3, grave ones: 1." in said


@pytest.fixture
def builders(tmp_path, monkeypatch):
    """Both builders, faked: MkDocs' tree is there, Zensical's has the text of `texts`."""
    texts = {"zensical": SAME["text"]}
    for language in canary.LANGUAGES:
        tree(tmp_path / "site" / language.prefix, home={}, costs={})
    monkeypatch.setattr(canary.site_builder, "build", lambda: tmp_path / "site")

    def build(staged, folder):
        tree(tmp_path / "other" / folder.name, home={}, costs={"text": texts["zensical"]})
        return tmp_path / "other" / folder.name

    monkeypatch.setattr(canary, "zensical", build)
    return texts


def test_the_command_succeeds_when_every_text_is_the_same(builders):
    result = CliRunner().invoke(canary.app)
    assert result.exit_code == 0, result.output


def test_the_command_fails_when_a_text_is_another_one(builders):
    builders["zensical"] = "Three bowls"
    assert CliRunner().invoke(canary.app).exit_code == 1


def test_zensicals_own_words_are_passed_on_when_it_fails(builders, monkeypatch, capsys):
    def fail(staged, folder):
        raise subprocess.CalledProcessError(1, "zensical", stderr="undefined value in main.html:21")

    monkeypatch.setattr(canary, "zensical", fail)
    monkeypatch.setattr(canary, "console", canary.Console(width=200))
    with pytest.raises(SystemExit):
        canary.main()
    assert "Zensical did not build English: undefined value in main.html:21" in capsys.readouterr().out
