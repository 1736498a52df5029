"""The key to the Gemini API: where it may come from, and that it appears nowhere."""

import json
import logging
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import sys
import traceback

import httpx
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from demos.server.api import restaurant
from demos.server.api.app import create_app
from demos.server.distant import key
from demos.server.distant.key import Key
from demos.server.errors import KitchenError
from demos.server.gemini import engine as gemini
from demos.server.gemini.budget import Budget
from demos.server.settings import Settings
from scripts import try_gemini
from tests.server import gemini_api
from tests.server.engines import aside, until
from tests.server.gemini_api import CUT, Api, Script, chunk, detail, error, event, ramen, stream, usage
from tests.server.restaurant import DAY, GEMMA, HYDROGEN, QUICK, SECRET

CHAT = "/v1/chat/completions"
ROOT = pathlib.Path(__file__).parents[2]
OTHER = "AIzaSy-the-other-one-0123456789abcdef"


@pytest.fixture
def api():
    with gemini_api.serving(SECRET) as stand_in:
        yield stand_in


def written(path: pathlib.Path, content: str, mode: int = 0o600) -> pathlib.Path:
    path.write_text(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("environ", "source"),
    [
        ({}, None),
        ({"GEMINI_API_KEY": ""}, None),
        ({"GEMINI_API_KEY": SECRET}, "GEMINI_API_KEY"),
        ({"GOOGLE_API_KEY": SECRET}, "GOOGLE_API_KEY"),
        ({"GEMINI_API_KEY": OTHER, "GOOGLE_API_KEY": SECRET}, "GOOGLE_API_KEY"),
        ({"GEMINI_API_KEY": SECRET, "GOOGLE_API_KEY": ""}, "GEMINI_API_KEY"),
    ],
)
def test_the_environment_names_the_key_by_the_sdks_own_rule(environ, source, monkeypatch):
    found = key.find(environ)
    assert (found.source if found else None) == source
    from google.genai import _api_client  # noqa: PLC0415 - the rule itself

    for name in key.VARIABLES:
        monkeypatch.setenv(name, environ.get(name, ""))
    assert _api_client.get_env_api_key() == (found.reveal() if found else None)


def test_a_file_that_is_named_goes_before_the_environment(tmp_path: pathlib.Path):
    file = written(tmp_path / "key", f" {SECRET}\n")
    found = key.find({"GOOGLE_API_KEY": OTHER}, file)
    assert found is not None
    assert (found.reveal(), found.source) == (SECRET, str(file))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: pathlib.Path, mode: int):
    file = written(tmp_path / "key", SECRET, mode)
    with pytest.raises(KitchenError) as caught:
        key.find({}, file)
    assert str(caught.value) == (
        f"The key file {file} can be read by others than its owner, found {mode:04o}, expected 0600: chmod "
        f"600 {file}"
    )


def test_a_file_that_is_none_is_refused(tmp_path: pathlib.Path):
    (tmp_path / "folder").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, sentence in [
        ("absent", "cannot be opened: No such file or directory."),
        ("folder", "is no file: name a file that holds the key alone."),
        ("pipe", "is no file: name a file that holds the key alone."),
    ]:
        with pytest.raises(KitchenError) as caught:
            key.find({}, tmp_path / name)
        assert str(caught.value) == f"The key file {tmp_path / name} {sentence}"


@pytest.mark.parametrize(
    "value", [" ", "short", "two words of it", "열쇠열쇠열쇠열쇠", f"{SECRET}\nX-Other: 1"]
)
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: pathlib.Path, value: str):
    sentence = (
        " holds no API key: expected one word of at least 8 ASCII characters, as AI Studio shows it, so copy "
        "the key once more."
    )
    with pytest.raises(KitchenError) as caught:
        key.find({"GEMINI_API_KEY": value})
    assert str(caught.value) == "GEMINI_API_KEY" + sentence
    file = written(tmp_path / "key", value)
    with pytest.raises(KitchenError) as caught:
        key.find({}, file)
    assert str(caught.value) == str(file) + sentence


def test_a_key_does_not_show_itself():
    secret = Key(SECRET, "GEMINI_API_KEY")
    assert repr(secret) == str(secret) == f"{secret}" == "Key(from GEMINI_API_KEY)"
    assert not hasattr(secret, "__dict__")
    assert secret.scrub(f"Consumer 'api_key:{SECRET}'") == "Consumer 'api_key:(hidden)'"
    frames = traceback.StackSummary.extract(traceback.walk_stack(None), capture_locals=True)
    mine = next(frame for frame in frames if frame.name == "test_a_key_does_not_show_itself")
    assert "Key(from GEMINI_API_KEY)" in str(mine.locals)
    assert SECRET not in str(mine.locals)


SUSPENDED = error(
    403,
    "PERMISSION_DENIED",
    f"Permission denied: Consumer 'api_key:{SECRET}' has been suspended.",
    detail("ErrorInfo", reason="CONSUMER_SUSPENDED", metadata={"containerInfo": f"api_key:{SECRET}"}),
)
NIGHTMARES = {
    "a good answer": ramen(),
    "a suspended key": SUSPENDED,
    "a quoted key": error(400, "INVALID_ARGUMENT", f"Field key={SECRET} is odd."),
    "a suspended key in the stream": Script([event(json.loads(SUSPENDED.pieces[0]))]),
    "no JSON": Script([f"data: {{{SECRET}\r\n\r\n".encode()]),
    "a cut": Script([event(chunk("half", counts=usage(7, 1))), CUT]),
    "a strange shape": stream({"candidates": [SECRET]}),
    "a redirect": Script([], 302, {"Location": "http://127.0.0.1:9/"}),
    "an overloaded house": error(503, "UNAVAILABLE", SECRET),
}


def test_the_key_appears_nowhere(
    api: Api,
    site: pathlib.Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    caplog.set_level(logging.DEBUG)
    for name in ("httpx2", "httpcore2", "google_genai", "asyncio", "demos", "uvicorn"):
        caplog.set_level(logging.DEBUG, logger=name)
    monkeypatch.setenv("GEMINI_API_KEY", SECRET)
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    secret = key.find(os.environ)
    assert secret is not None
    engines = gemini.engines(
        [HYDROGEN, GEMMA],
        secret,
        Budget(),
        address=api.address,
        patience=QUICK,
        today=lambda: DAY,
    )
    assert engines[0].wait_loaded(30).state == "ready"
    seen = []
    routes = [restaurant.router(engines, lambda: (), Settings())]
    client = TestClient(create_app(engines, Settings(), site, routes), base_url="http://localhost")
    for what, script in NIGHTMARES.items():
        for streamed in (True, False):
            api.scripts.clear()
            api.play(*[script] * QUICK.tries)
            body = {"messages": [{"role": "user", "content": "ramen?"}], "stream": streamed}
            reply = client.post(CHAT, json=body | {"model": HYDROGEN.id})
            seen.append(f"{what}: {reply.status_code} {reply.headers} {reply.text}")
    letter = client.post(restaurant.LETTER, json=body | {"model": HYDROGEN.id})
    seen.append(f"letter: {letter.raise_for_status().headers} {letter.text}")
    for path in ("/v1/models", "/api/kitchen", "/api/restaurant", "/health", "/metrics", "/v1/openapi.json"):
        reply = client.get(path)
        seen.append(f"{path}: {reply.headers} {reply.text}")
    seen += [repr(engines), repr(vars(engines[0])), repr(vars(engines[0]._line)), repr(engines[0].card)]
    for engine in engines:
        engine.close()
    until(lambda: engines[0].wait_closed(0.01))
    seen += [caplog.text, repr([vars(record) for record in caplog.records]), *capfd.readouterr()]
    assert [text for text in seen if SECRET in text] == []
    assert "국물이에요" in seen[0]  # all of it was really asked
    assert "does not accept the API key from GEMINI_API_KEY" in seen[2]
    assert "httpcore2" in caplog.text
    assert "ramen?" not in caplog.text
    for request in api.requests:
        header = request.headers.pop("x-goog-api-key")
        assert header == SECRET
        assert SECRET not in f"{request.path} {request.headers} {request.body}"


# Stands in for the built site and for Google's address; all the rest is the command.
RUN = """
import pathlib, sys
from demos.server.gemini import engine as gemini
from scripts import serve
folder, gemini.engines.__kwdefaults__["address"] = pathlib.Path(sys.argv.pop(1)), sys.argv.pop(1)
serve.built = lambda: folder
serve.app()
"""


def test_a_server_with_a_key_says_where_it_found_it_and_shows_it_to_nobody(site: pathlib.Path):
    secret = "AIzaSy-" + secrets.token_hex(16)
    quoted = error(400, "INVALID_ARGUMENT", f"Field key={secret} is odd.")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TWO_BOWLS")}
    environment |= {"GEMINI_API_KEY": secret, "GOOGLE_API_KEY": "", "COLUMNS": "300"}
    with gemini_api.serving(secret) as google, socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
        probe.close()
        flags = ["--port", port, "--no-open", "--model", HYDROGEN.id, "--log", "requests"]
        command = [sys.executable, "-c", RUN, str(site), google.address, *flags]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as process:
            try:
                with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                    until(lambda: healthy(client) or process.poll() is not None)
                    google.play(ramen(), quoted)
                    order = {"model": HYDROGEN.id, "messages": [{"role": "user", "content": "ramen?"}]}
                    asked = [client.post(CHAT, json=order) for _ in range(2)]
                    asked += [client.post(CHAT, json=order | {"model": "nobody"})]
                    asked += [client.post(restaurant.LETTER, json=order)]
                    paths = ("/", "/ko/", "/nowhere", "/metrics", "/api/kitchen", "/api/restaurant")
                    asked += [client.get(path) for path in paths]
                running = [read(file) for file in pathlib.Path("/proc").glob("[0-9]*/cmdline")]
                process.send_signal(signal.SIGINT)
                said, _ = process.communicate(timeout=30)
            finally:
                process.kill()
    seen = [said, *running, *(f"{reply.headers} {reply.text}" for reply in asked)]
    assert [text for text in seen if secret in text] == []
    assert [reply.status_code for reply in asked[:5]] == [200, 400, 404, 200, 200]
    assert any(google.address in line for line in running)  # the server's own is among them
    assert [request.headers["x-goog-api-key"] for request in google.requests] == [secret] * 2
    host = google.address.partition("//")[2]
    told = rf"{host} answers, too \(models: \d+; the key is from GEMINI_API_KEY\)\."
    assert re.search(f"^{told}$", said, re.MULTILINE)


def healthy(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def read(file: pathlib.Path) -> str:
    """What a file says, "" when its process has ended meanwhile."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def test_the_live_checks_run_against_the_stand_in(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GEMINI_API_KEY", SECRET)
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    said = [ramen(), ramen()]  # an answer, and one with thoughts
    said += [
        stream(chunk(text, "", "STOP", usage(7, 9))) for text in ("Red.", "Ramen.", "1 2", "1 2 3 4 5 6 ")
    ]
    said[4] = stream(chunk("1 2 3", "", "MAX_TOKENS", usage(7, 16)))
    missing = error(404, "NOT_FOUND", "models/gemini-0-nothing is not found.")
    api.play(*said, ramen(), ramen(), missing)
    result = aside(CliRunner().invoke, app_of(try_gemini.main), ["--address", api.address])
    lines = result.output.splitlines()
    assert [line.split(":")[0] for line in lines[1:-1]] == [f"ok      {name}" for name in try_gemini.CHECKS]
    assert result.exit_code == 0
    assert SECRET not in result.output
    assert lines[0] == f"Gemini 4 Hydrogen at {api.address}, with the key from GEMINI_API_KEY"


def test_a_live_check_that_fails_fails_the_command(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GEMINI_API_KEY", OTHER)
    result = aside(CliRunner().invoke, app_of(try_gemini.main), ["--address", api.address, "--budget", "1"])
    assert result.exit_code == 1
    assert "NOT SO  an answer streams: Failed(reason='Google does not accept the API key" in result.output


def test_without_a_key_the_command_says_where_one_goes(monkeypatch: pytest.MonkeyPatch):
    for name in key.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    result = aside(CliRunner().invoke, app_of(try_gemini.main), [])
    assert result.exit_code == 1
    assert result.output == "There is no API key: set GEMINI_API_KEY, or name a file with --key-file.\n"


def app_of(command):
    import typer  # noqa: PLC0415 - the command stands alone

    app = typer.Typer(add_completion=False)
    app.command()(command)
    return app
