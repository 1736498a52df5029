"""Downloading a model from a stand-in for Hugging Face on this machine."""

import contextlib
import errno
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rich.console import Console
from typer.testing import CliRunner

from demos.server.local import menu
from scripts import download
from scripts.download import DownloadError
from tests.server.engines import until

MODEL, SHA = "org/tiny", "c0ffee" + 34 * "0"
FILES = {
    "config.json": b'{"model_type": "gemma4"}',
    "model.safetensors": bytes(range(256)) * 4000,
    "tokenizer.json": b"{}",
    "README.md": b"A card.",
    "pytorch_model.bin": b"the same again",
}


class Hub:
    """The routes that the hub's library asks, for one model."""

    def __init__(self) -> None:
        self.files = dict(FILES)
        self.status: tuple[int, str] | None = None
        self.gated = False
        self.breaks_after: int | None = None
        self.waits_after: int | None = None
        self.go_on = threading.Event()
        self.asked: list[tuple[str, str, str | None]] = []

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.split("?")[0]
        part = request.headers.get("Range")
        self.asked.append((request.command, path, part))
        name = path.partition(f"/resolve/{SHA}/")[2]
        if self.status:
            send(request, self.status[0], b"{}", {"X-Error-Code": self.status[1]})
        elif path == f"/api/models/{MODEL}/revision/main":
            send(request, 200, json.dumps({"id": MODEL, "sha": SHA}).encode())
        elif path == f"/api/models/{MODEL}/tree/{SHA}":
            tree = [
                {"type": "file", "path": each, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}  # noqa: S324
                for each, data in self.files.items()
            ]
            send(request, 200, json.dumps(tree).encode())
        elif self.gated:
            send(request, 403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif name in self.files:
            self.send_file(request, self.files[name], part)
        else:
            send(request, 404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def send_file(self, request: BaseHTTPRequestHandler, data: bytes, part: str | None) -> None:
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": SHA}
        start = int(re.match(r"bytes=(\d+)-", part)[1]) if part else 0
        if part:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        cut = self.breaks_after if len(data) > 1000 and request.command == "GET" else None
        if cut is not None:
            self.status = (503, "")  # from here on
        if self.waits_after and len(data) > 1000 and request.command == "GET":
            request.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(data[: self.waits_after])
            request.wfile.flush()
            self.go_on.wait(60)
            return
        send(request, 206 if part else 200, data[start:], headers, cut)


def send(
    request: BaseHTTPRequestHandler,
    status: int,
    data: bytes,
    headers: dict[str, str] | None = None,
    cut: int | None = None,
) -> None:
    """One reply; `cut` is how many bytes of it arrive."""
    request.send_response(status)
    for name, value in {**(headers or {}), "Content-Length": str(len(data))}.items():
        request.send_header(name, value)
    request.end_headers()
    if request.command == "GET":
        request.wfile.write(data[:cut])
        if cut is not None:
            request.wfile.flush()
            request.connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def serving(hub: Hub) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.answer(self)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def online(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _seconds: None)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)
    monkeypatch.setattr(download, "LARGE", 1000)


def fetch(hub: Hub, cache: pathlib.Path, model: str = MODEL) -> tuple[pathlib.Path, str]:
    """The folder, and what was said before the download began."""
    said = io.StringIO()
    with serving(hub) as endpoint:
        folder = download.download(model, endpoint, cache, Console(file=said, width=200))
    return folder, said.getvalue().strip()


def refused(hub: Hub, cache: pathlib.Path, model: str = MODEL) -> str:
    """The sentence."""
    with pytest.raises(DownloadError) as error:
        fetch(hub, cache, model)
    return str(error.value)


def fetched(hub: Hub) -> list[str]:
    """The files whose contents were asked for."""
    return [path for command, path, _ in hub.asked if command == "GET" and "/resolve/" in path]


def test_the_size_is_said_first_and_what_transformers_reads_is_fetched(tmp_path):
    folder, said = fetch(Hub(), tmp_path)
    assert said == "org/tiny: 1.0 MB in 4 files"
    assert {path.name for path in folder.iterdir()} == set(FILES) - {"pytorch_model.bin"}
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_what_was_downloaded_is_what_the_kitchen_finds(tmp_path, monkeypatch):
    folder, _ = fetch(Hub(), tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert menu.choose(MODEL, tmp_path).fetch(lambda _done, _step: None) == folder


def test_a_second_time_nothing_is_fetched_again(tmp_path):
    fetch(Hub(), tmp_path)
    hub = Hub()
    _, said = fetch(hub, tmp_path)
    assert said == "org/tiny: 1.0 MB in 4 files, 1.0 MB of them are here already"
    assert not fetched(hub)


def test_a_download_that_was_broken_off_goes_on_where_it_was(tmp_path, monkeypatch):
    broken = Hub()
    broken.breaks_after = 300_000
    assert refused(broken, tmp_path).startswith("Hugging Face answers with status 503: try again later")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(menu.UnknownModelError, match=r"download it first: make model MODEL=org/tiny$"):
        menu.choose(MODEL, tmp_path)
    hub = Hub()
    folder, _ = fetch(hub, tmp_path)
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    parts = [part for command, path, part in hub.asked if command == "GET" and path.endswith(".safetensors")]
    assert len(parts) == 1
    assert int(re.match(r"bytes=(\d+)-", parts[0])[1]) >= 300_000


# The same download in a process of its own, for somebody to end it.
DOWNLOADING = """
import pathlib, sys
from huggingface_hub import constants
from scripts import download
constants.DOWNLOAD_CHUNK_SIZE = download.LARGE = 1000
download.download("org/tiny", sys.argv[1], pathlib.Path(sys.argv[2]))
"""


def test_a_download_that_was_killed_goes_on_where_it_was(tmp_path):
    hub, cache = Hub(), tmp_path / "cache"
    hub.waits_after = 300_000
    root = pathlib.Path(__file__).parents[2]
    environment = {k: v for k, v in os.environ.items() if k != "HF_HUB_OFFLINE"}
    with serving(hub) as endpoint:
        command = [sys.executable, "-c", DOWNLOADING, endpoint, cache]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=root, env=environment) as process:
            until(lambda: sum(path.stat().st_size for path in cache.rglob("*.part")) >= 200_000)
            process.kill()
            hub.go_on.set()
    after = Hub()
    folder, _ = fetch(after, cache)
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    (part,) = [
        part for command, path, part in after.asked if command == "GET" and path.endswith(".safetensors")
    ]
    assert int(re.match(r"bytes=(\d+)-", part)[1]) >= 200_000


def test_what_arrived_damaged_is_removed_and_said(tmp_path):
    hub = Hub()
    part = tmp_path / "models--org--tiny" / "blobs"
    part.mkdir(parents=True)
    (part / f"{hashlib.sha256(FILES['model.safetensors']).hexdigest()}.part").write_bytes(b"not ours")
    assert refused(hub, tmp_path) == (
        "model.safetensors of org/tiny arrived damaged and is removed: run the same command again."
    )
    folder, _ = fetch(hub, tmp_path)
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b/c", "org/--", "", "org/ü"])
def test_a_name_that_cannot_be_one_is_one_sentence(tmp_path, name):
    hub = Hub()
    assert refused(hub, tmp_path, name) == (
        f"'{name}' is no name of a model: expected one like google/gemma-4-E2B-it."
    )
    assert not hub.asked


def test_a_model_that_is_not_there_is_one_sentence(tmp_path):
    assert refused(Hub(), tmp_path, "org/other") == (
        "There is no model 'org/other' at https://huggingface.co, or it is private: check the name."
    )


def test_a_gated_model_is_one_sentence(tmp_path):
    hub = Hub()
    hub.gated = True
    assert refused(hub, tmp_path) == (
        "org/tiny is given to people who accepted its terms: accept them at https://huggingface.co/org/tiny, "
        "say who you are with `hf auth login`, then run the same command again."
    )


def test_a_hub_that_is_down_is_one_sentence(tmp_path):
    hub = Hub()
    hub.status = (500, "")
    assert refused(hub, tmp_path) == (
        "Hugging Face answers with status 500: try again later, what is here is kept."
    )


def test_no_network_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        endpoint = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(DownloadError) as error:
        download.download(MODEL, endpoint, tmp_path)
    assert str(error.value) == (
        "Hugging Face cannot be reached (ConnectError): check the network, then run the same command again; "
        "what is here already is kept."
    )


def test_being_set_offline_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError) as error:
        download.download(MODEL, "http://127.0.0.1:1", tmp_path)
    assert str(error.value) == "HF_HUB_OFFLINE is set, so nothing is downloaded: unset it and try again."


def test_a_disk_that_is_too_small_is_known_before_anything_is_fetched(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=5 * 10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    hub = Hub()
    cache = tmp_path / "not" / "yet"
    assert refused(hub, cache) == (
        f"org/tiny needs 0.1 GB on the disk of {cache}, where 5.0 MB are free: make room there, or set "
        "HF_HOME to a folder on another disk."
    )
    assert not fetched(hub)


def test_a_disk_that_fills_up_meanwhile_is_one_sentence(tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device")
    assert download.explain(MODEL, full, tmp_path) == (
        f"The disk of {tmp_path} is full: make room, then run the same command again."
    )


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "cache").write_text("in the way")
    sentence = refused(Hub(), tmp_path / "cache")
    assert re.fullmatch(rf"{tmp_path}/cache/\S+ could not be written: Not a directory\.", sentence)


def test_a_model_without_safetensors_is_refused_before_anything_is_fetched(tmp_path):
    hub = Hub()
    del hub.files["model.safetensors"]
    assert refused(hub, tmp_path) == (
        "'org/tiny' has no safetensors among its files, so this kitchen cannot cook with it."
    )


def test_the_command_ends_with_the_sentence_or_with_what_to_do_next(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    result = CliRunner().invoke(download.app, ["a/b/c"])
    assert (result.exit_code, result.stderr.strip()) == (
        1,
        "'a/b/c' is no name of a model: expected one like google/gemma-4-E2B-it.",
    )
    with serving(Hub()) as endpoint:
        monkeypatch.setattr(download, "download", lambda model, real=download.download: real(model, endpoint))
        result = CliRunner().invoke(download.app, [MODEL])
    assert result.exit_code == 0
    assert result.stderr.strip().endswith("Cook with it: make serve MODEL=org/tiny")
