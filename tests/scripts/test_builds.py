"""The copy of the project that builds are timed in, and how it grows."""

import pytest

from scripts import builds


@pytest.fixture
def root(tmp_path):
    """A project of three pages, with what must not be copied beside them."""
    files = {
        "mkdocs.yml": "nav:\n  - index.md\n  - Story:\n      - tale.md\n      - myths.md\nplugins: []\n",
        "docs/index.md": "home",
        "docs/tale.md": "tale",
        "docs/myths.md": "myths",
        "node_modules/a/index.js": "js",
        "build/site.sha256": "stamp",
        "build/fonts/a.ttf": "font",
        "tests/test_a.py": "",
        ".git/config": "",
        "scripts/__pycache__/a.pyc": "",
    }
    for name, text in files.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "root"


def test_a_copy_has_the_sources_and_links_to_what_is_slow_to_make(root, tmp_path):
    copy = builds.copied(tmp_path, root)
    assert (copy / "docs/tale.md").read_text() == "tale"
    assert (copy / "build/fonts/a.ttf").read_text() == "font"
    assert (copy / "node_modules").is_symlink()
    assert sorted(path.name for path in copy.iterdir()) == [
        "build",
        "docs",
        "mkdocs.yml",
        "node_modules",
        "scripts",
    ]
    assert not list(copy.rglob("site.sha256"))
    assert not list(copy.rglob("__pycache__"))


def test_a_grown_project_has_every_page_so_many_times_in_the_menu_and_nothing_else(root, tmp_path):
    copy = builds.copied(tmp_path, root)
    assert builds.grow(copy, 3) == 9
    assert (copy / "mkdocs.yml").read_text() == (
        "nav:\n  - index.md\n  - index-1.md\n  - index-2.md\n  - Story:\n      - tale.md\n      - tale-1.md\n"
        "      - tale-2.md\n      - myths.md\n      - myths-1.md\n      - myths-2.md\nplugins: []\n"
    )
    assert (copy / "docs/myths-2.md").read_text() == "myths"
    assert (root / "mkdocs.yml").read_text().count(".md") == 3


def test_each_row_stands_beside_the_build_that_it_grew_from(monkeypatch, tmp_path):
    seconds = {2: [10.0, 8.0], 1: [60.0]}
    monkeypatch.setattr(builds, "copied", lambda folder: folder)
    monkeypatch.setattr(builds, "grow", lambda project, times: 16 * times)
    monkeypatch.setattr(builds, "_built", lambda project, times: seconds[times])
    monkeypatch.setattr(builds, "_english_alone", lambda project: 2.0)
    assert [(row.name, row.value, row.peer, row.peer_value, row.ratio) for row in builds.rows()] == [
        ("three languages, all pages", 10.0, "mkdocs build, English alone", 2.0, 5.0),
        ("one page changed", 8.0, "all pages", 10.0, 0.8),
        ("10 times the pages (160)", 60.0, "all pages", 10.0, 6.0),
    ]
