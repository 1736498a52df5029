"""Download a model from Hugging Face into its cache, where `--model` finds it. Size first, then progress.

Stopped and started again, it goes on where it was, also within a file: huggingface_hub by itself begins a
file again, so the large ones are put into its cache here. Asks nothing; a model's terms stand on its page.

    python -m scripts.download google/gemma-4-E2B-it
"""

import errno
import hashlib
import pathlib
import re
import shutil
import sys
from typing import Annotated, Any

import filelock
import httpx2
import typer
from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url, snapshot_download
from huggingface_hub.errors import (
    DryRunError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    IncompleteSnapshotError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)
from huggingface_hub.file_download import http_get, repo_folder_name
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]
from rich.console import Console

app = typer.Typer(add_completion=False)
console = Console(stderr=True)
# What transformers reads; a repository may hold the same weights in other forms besides.
PATTERNS = ["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt", "*.md", "LICENSE*", "NOTICE*"]
HOST = "https://huggingface.co"
LARGE = 10**8
"""Bytes of a file from which on it is worth to go on with a part of it."""
SPARE = 10**8
"""Bytes of the disk that stay free."""


class DownloadError(Exception):
    """The model could not be had; the message is for the person at the terminal."""


@app.command()
def main(
    model: Annotated[str, typer.Argument(help="Its id on Hugging Face, google/gemma-4-E2B-it.")],
) -> None:
    """Download a model from Hugging Face: size first, then progress; started again, it goes on."""
    try:
        folder = download(model)
    except DownloadError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("Stopped: the same command goes on from here.")
        sys.exit(130)
    console.print(f"{model} is complete in {folder}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"Cook with it: make serve MODEL={model}", markup=False, highlight=False)


def download(
    model: str, endpoint: str | None = None, cache: pathlib.Path | None = None, console: Console = console
) -> pathlib.Path:
    """Make the cache hold a whole model.

    Args:
        model: its id.
        endpoint: of the hub; None for HF_ENDPOINT or Hugging Face itself.
        cache: None for HF_HUB_CACHE.
        console: hears the size.

    Returns:
        The folder with its files.

    Raises:
        DownloadError: it could not be had.
    """
    place = pathlib.Path(cache or constants.HF_HUB_CACHE)
    try:
        files = snapshot_download(
            model, cache_dir=place, endpoint=endpoint, allow_patterns=PATTERNS, dry_run=True
        )
        if not any(file.filename.endswith(".safetensors") for file in files):
            message = f"'{model}' has no safetensors among its files, so this kitchen cannot cook with it."
            raise DownloadError(message)
        missing = sum(file.file_size or 0 for file in files if file.will_download)
        whole = sum(file.file_size or 0 for file in files)
        here = f", {gigabytes(whole - missing)} of them are here already" if missing < whole else ""
        console.print(f"{model}: {gigabytes(whole)} in {len(files)} files{here}", highlight=False)
        check_disk(model, missing, place)
        for file in files:
            if file.will_download and LARGE < (file.file_size or 0) < constants.MAX_HTTP_DOWNLOAD_SIZE:
                fetch_large(model, file, place, endpoint)
        return pathlib.Path(
            snapshot_download(model, cache_dir=place, endpoint=endpoint, allow_patterns=PATTERNS)
        )
    except (OSError, ValueError, httpx2.HTTPError) as error:
        raise DownloadError(explain(model, error, place)) from error


def fetch_large(model: str, file: Any, place: pathlib.Path, endpoint: str | None) -> None:
    """Put a file's contents where the hub's library looks before it downloads; goes on with a part of it.

    Raises:
        DownloadError: what arrived is something else.
    """
    url = hf_hub_url(model, file.filename, revision=file.commit_hash, endpoint=endpoint)
    digest = get_hf_file_metadata(url, endpoint=endpoint).etag or ""
    if not re.fullmatch("[0-9a-f]{64}", digest):  # only of large files it is the SHA-256
        return
    blobs = place / repo_folder_name(repo_id=model, repo_type="model") / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    part = blobs / f"{digest}.part"
    with filelock.FileLock(f"{part}.lock"):
        if (blobs / digest).exists():
            return
        with part.open("ab") as opened:
            http_get(
                url,
                opened,
                resume_size=opened.tell(),
                headers=build_hf_headers(),
                expected_size=file.file_size,
                displayed_filename=file.filename,
            )
        with part.open("rb") as written:
            found = hashlib.file_digest(written, "sha256").hexdigest()
        if found != digest:
            part.unlink()
            message = (
                f"{file.filename} of {model} arrived damaged and is removed: run the same command again."
            )
            raise DownloadError(message)
        part.replace(blobs / digest)


def check_disk(model: str, needed: int, place: pathlib.Path) -> None:
    """See that the disk has room.

    Raises:
        DownloadError: it has not.
    """
    disk = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    free = shutil.disk_usage(disk).free
    if needed + SPARE > free:
        message = (
            f"{model} needs {gigabytes(needed + SPARE)} on the disk of {disk}, where {gigabytes(free)} are "
            "free: make room there, or set HF_HOME to a folder on another disk."
        )
        raise DownloadError(message)


def explain(model: str, error: BaseException, place: pathlib.Path) -> str:
    """What went wrong, in one sentence, and what to do."""
    # The hub's library wraps what it could not do without the network.
    if isinstance(error, DryRunError | IncompleteSnapshotError | LocalEntryNotFoundError) and error.__cause__:
        error = error.__cause__
    match error:
        case HFValidationError():
            said = f"'{model}' is no name of a model: expected one like google/gemma-4-E2B-it."
        case OfflineModeIsEnabled():
            said = "HF_HUB_OFFLINE is set, so nothing is downloaded: unset it and try again."
        case GatedRepoError():
            said = (
                f"{model} is given to people who accepted its terms: accept them at {HOST}/{model}, say who "
                "you are with `hf auth login`, then run the same command again."
            )
        case RepositoryNotFoundError():
            said = f"There is no model '{model}' at {HOST}, or it is private: check the name."
        case HfHubHTTPError():
            status = error.response.status_code
            said = f"Hugging Face answers with status {status}: try again later, what is here is kept."
        case OSError(errno=errno.ENOSPC):
            said = f"The disk of {place} is full: make room, then run the same command again."
        case OSError(filename=str(name)):
            said = f"{name} could not be written: {error.strerror}."
        case _:
            said = (
                f"Hugging Face cannot be reached ({type(error).__name__}): check the network, then run the "
                "same command again; what is here already is kept."
            )
    return said


def gigabytes(count: int) -> str:
    """Bytes as a person reads them."""
    return f"{count / 10**9:.1f} GB" if count >= 10**8 else f"{count / 10**6:.1f} MB"


if __name__ == "__main__":
    app()
