"""The comics draw the same bytes in a browser's Python as here: in the real Pyodide, without native code."""

import hashlib
import importlib
import json
import pathlib
import pickle
import subprocess
import zipfile

import pytest

import comics
from comics import transcript
from scripts import fetch

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = pathlib.Path(__file__).with_name("pyodide.mjs")
# All that drawing needs, beside Python's own library.
MODULES = ("comics", "jinja2", "markupsafe", "budoux", "yaml")
LANGUAGES = ("en", "ko", "ja")


@pytest.fixture
def modules(tmp_path):
    """The packages as they are installed here, in one zip, without what was compiled from C."""
    target = tmp_path / "modules.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as shelf:
        for name in MODULES:
            folder = pathlib.Path(importlib.import_module(name).__file__).parent
            for file in sorted(folder.rglob("*")):
                if file.suffix in {".py", ".json", ".yml", ".j2"}:
                    shelf.write(file, pathlib.Path(name, file.relative_to(folder)))
    return target


@pytest.mark.timeout(120)
def test_every_strip_is_the_same_bytes_in_a_browsers_python(tmp_path, modules, faces, spoken):
    jobs = []
    for path in sorted((ROOT / "comics" / "strips").glob("*.yml")):
        strip = comics.load(path.read_text("utf-8"), path.name)
        for language in LANGUAGES:
            words = {msgid: spoken(language)(msgid) for msgid in transcript.msgids(strip)}
            face = faces[language]
            used = set("".join(words.values())) | {" "}
            # The browser gets numbers, not font files: those of the characters that the strip needs.
            numbers = comics.Typeface(
                face.name,
                face.units_per_em,
                {character: face.advances[character] for character in used if character in face.advances},
                {pair: value for pair, value in face.kerns.items() if set(pair) <= used},
            )
            jobs.append((strip, language, words, numbers))
    here = [
        hashlib.sha256(draw(strip, language, words.__getitem__, face).encode()).hexdigest()
        for strip, language, words, face in jobs
        for draw in (comics.figure, comics.sheet)
    ]
    (tmp_path / "jobs.pickle").write_bytes(pickle.dumps(jobs))
    node, _ = fetch.node_commands()
    pyodide = fetch.libraries() / "pyodide"
    command = [*node, str(SCRIPT), str(pyodide), str(modules), str(tmp_path / "jobs.pickle")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    platform, there = json.loads(done.stdout.splitlines()[-1])
    assert platform == "emscripten"
    assert len(there) == 2 * len(jobs) == 48
    assert there == here
