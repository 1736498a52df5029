"""The command: what it refuses at once, what it imports before the first page, how it ends."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
from typer.testing import CliRunner

from demos.server.api import listen
from demos.server.errors import UnknownModelError
from demos.server.local import menu
from demos.server.settings import Settings
from scripts import serve

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize("port", ["0", "70000", "abc", "-1", "80.5", "", "８０００", "100000"])
def test_a_wrong_port_is_one_sentence(port):
    with pytest.raises(listen.PortError) as caught:
        listen.reserve(port)
    assert str(caught.value) == (
        f"'{port}' is not a port: give a whole number from 1 to 65535, for example make serve PORT=8123"
    )


def test_a_taken_port_is_one_sentence_that_names_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(listen.PortError) as caught:
            listen.reserve(str(port))
    assert (
        str(caught.value) == f"Port {port} is taken by another program: use another one, make serve PORT=8123"
    )


def test_a_reserved_port_is_on_this_machine_only_and_nobody_else_gets_it():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with listen.reserve(str(port)) as reserved:
        assert reserved.getsockname() == ("127.0.0.1", port)
        with pytest.raises(listen.PortError):
            listen.reserve(str(port))


def test_a_site_that_cannot_be_built_is_one_sentence(monkeypatch):
    from scripts import site, unchanged  # noqa: PLC0415 - the command imports them late, too

    def fail(*, strict):
        raise site.SiteError("docs/index.md:3: this is broken; mend it.")

    monkeypatch.setattr(site, "build", fail)
    monkeypatch.setattr(unchanged, "found", lambda *_, **__: False)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    result = CliRunner().invoke(serve.app, ["--port", str(port), "--no-open"])
    assert (result.exit_code, result.stderr.strip()) == (1, "docs/index.md:3: this is broken; mend it.")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "nobody/nothing",
            "There is no model 'nobody/nothing' here: it is neither a folder nor an already",
        ),
        ("~nobody-of-this-name", "There is no model '~nobody-of-this-name' here"),
        (300 * "a", "There is no model 'aaa"),
        ("not a / valid id", "There is no model 'not a / valid id' here"),
        ("{empty}", "The folder {empty} holds no model: config.json is missing. Use MODEL=embedded instead."),
    ],
)
def test_an_unknown_model_is_one_sentence(tmp_path, name, sentence):
    with pytest.raises(UnknownModelError) as caught:
        menu.choose(name.format(empty=tmp_path), tmp_path)
    assert str(caught.value).startswith(sentence.format(empty=tmp_path))


@pytest.mark.parametrize("arguments", [["--port", "abc"], ["--model", "nobody/nothing"]])
def test_what_cannot_be_done_ends_with_the_sentence_and_no_traceback(arguments):
    result = CliRunner().invoke(serve.app, arguments)
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1
    assert "Traceback" not in result.output


def test_nothing_slow_is_imported_before_the_first_page():
    script = "import sys, demos.server.api.app, demos.server.local.engine, scripts.serve, scripts.site;"
    script += "print('torch' in sys.modules, 'transformers' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert found.stdout == "False False\n"


@pytest.mark.parametrize(
    ("platform", "variables", "screen"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_browser_is_opened_only_where_there_is_a_screen(monkeypatch, platform, variables, screen):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert serve.has_screen() is screen


# Stands in for the built site, which these tests must not depend on.
RUN = """
import pathlib, sys
from scripts import serve
folder = pathlib.Path(sys.argv.pop(1))
serve.built = lambda: folder
serve.app()
"""


def test_a_start_with_nothing_to_build_loads_nothing_that_builds():
    code = (
        "import sys; from scripts import serve, unchanged; unchanged.found = lambda *_, **__: True; "
        "assert serve.built() == unchanged.SITE; "
        "print({'mkdocs', 'comics', 'torch', 'transformers'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_pages_while_the_model_loads_and_ends_quietly_on_ctrl_c(gemma4_folder, site, number):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", RUN, site, "--port", str(port), "--model", gemma4_folder, "--no-open"]
    environment = {**os.environ, "COLUMNS": "200"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            assert first_page(address).startswith("<h1>Two bowls")
            assert httpx.get(f"{address}/health").status_code == 503
            process.send_signal(number)
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode in {0, -signal.SIGTERM}
    assert re.sub(r"\s+", " ", said).strip() == f"Two Bowls is served on {address}/ (stop with Ctrl-C)"


def first_page(address: str) -> str:
    """The home page, as soon as it is there."""
    end = time.monotonic() + 60
    while True:
        try:
            return httpx.get(address, timeout=60).text
        except httpx.ConnectError:
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.mark.parametrize(("token", "opened"), [(None, ["http://127.0.0.1:8000/"]), ("open sesame", [])])
def test_a_token_is_printed_and_never_handed_to_a_browser_on_its_command_line(
    monkeypatch, capsys, token, opened
):
    seen = []
    monkeypatch.setattr(serve.webbrowser, "open", seen.append)
    monkeypatch.setattr(serve, "has_screen", lambda: True)
    serve.announce(Settings(token=token, open=True), [], serve.Progress(disable=True))
    assert seen == opened
    assert ("#token=open sesame" in capsys.readouterr().err) is bool(token)
