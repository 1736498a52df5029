"""The set-up that runs before anything is installed: its stamps, and what it says when a step fails."""

import importlib.util
import pathlib
import types

import pytest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts" / "setup.py"


@pytest.fixture
def setup(tmp_path, monkeypatch) -> types.ModuleType:
    """The script as a module, pointed at an empty project; commands are noted instead of run."""
    spec = importlib.util.spec_from_file_location("two_bowls_setup", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]")
    (tmp_path / "constraints.txt").write_text("torch==1")
    module.ROOT, module.ENV, module.PYTHON = tmp_path, tmp_path / ".venv", tmp_path / ".venv/bin/python"
    module.commands = []
    module.codes = {}

    def call(arguments, cwd):
        step = "venv" if "venv" in arguments else "pip"
        module.commands.append(arguments)
        if step == "venv":
            module.PYTHON.parent.mkdir(parents=True)
            module.PYTHON.touch()
        return module.codes.get(step, 0)

    monkeypatch.setattr(module, "subprocess", types.SimpleNamespace(call=call))
    return module


def test_the_first_run_makes_the_environment_and_installs_the_extras_with_the_pins(setup):
    setup.main(["site", "server"])
    venv, pip = setup.commands
    assert venv[1:3] == ["-m", "venv"]
    assert pip[-1] == ".[site,server]"
    assert pip[pip.index("--constraint") + 1] == "constraints.txt"


def test_the_second_run_does_nothing_and_so_needs_no_network(setup):
    setup.main(["site", "server", "test"])
    setup.commands.clear()
    setup.main(["site", "server"])
    setup.main(["site"])
    assert setup.commands == []


def test_a_changed_pin_installs_again(setup):
    setup.main(["site"])
    (setup.ROOT / "constraints.txt").write_text("torch==2")
    setup.commands.clear()
    setup.main(["site"])
    assert len(setup.commands) == 1


def test_an_old_python_is_told_what_it_is_and_how_to_name_a_newer_one(setup, monkeypatch):
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(setup.sys, "executable", "/usr/bin/python3")
    with pytest.raises(SystemExit) as stopped:
        setup.main(["site"])
    assert str(stopped.value) == (
        "\nTwo Bowls: Python 3.11 or newer is needed, but /usr/bin/python3 is 3.9. "
        "Install a newer one, or name it: make serve PYTHON=/path/to/python3.12"
    )


def test_a_python_without_venv_names_the_missing_package(setup):
    setup.codes["venv"] = 1
    with pytest.raises(SystemExit, match=r"could not make \.venv with .*: apt-get install python3-venv"):
        setup.main(["site"])


def test_a_failed_install_is_one_sentence_and_is_tried_again_next_time(setup):
    setup.codes["pip"] = 1
    with pytest.raises(SystemExit) as stopped:
        setup.main(["site"])
    assert str(stopped.value) == (
        "\nTwo Bowls: the packages could not be installed: see pip's message above. Without a network this "
        "works only after a first successful run; nothing was lost, run the same command again."
    )
    setup.codes.clear()
    setup.commands.clear()
    setup.main(["site"])
    assert len(setup.commands) == 1
