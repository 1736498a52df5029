"""Make `.venv` with the pinned packages a verb needs, and nothing when it is already there.

Runs on the reader's own Python before anything is installed, so: standard library only, and plain
enough for an older Python to get as far as the sentence that asks for a newer one.

    python3 scripts/setup.py site server
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENV = ROOT / ".venv"
PYTHON = ENV / "bin" / "python"
NEEDED = (3, 11)


def fingerprint() -> str:
    """The text of a stamp: it changes when the pins, the folder or the Python do."""
    pins = b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt"))
    return f"{ROOT} {sys.version_info[0]}.{sys.version_info[1]} {hashlib.sha256(pins).hexdigest()}"


def stop(sentence: str) -> None:
    """Say what is missing, in one sentence, and end."""
    sys.exit("\nTwo Bowls: " + sentence)


def run(arguments: list[str], sentence: str) -> None:
    """Run a step of the set-up; if it fails, the tool's own words stand above our sentence."""
    if subprocess.call(arguments, cwd=str(ROOT)) != 0:
        stop(sentence)


def main(extras: list[str]) -> None:
    """Install the project with these extras into `.venv`, once."""
    if sys.version_info < NEEDED:
        stop(
            f"Python 3.11 or newer is needed, but {sys.executable} is {sys.version_info[0]}."
            f"{sys.version_info[1]}. Install a newer one, or name it: make serve PYTHON=/path/to/python3.12"
        )
    stamps = [ENV / f".installed-{extra}" for extra in extras]
    if PYTHON.exists() and all(s.exists() and s.read_text() == fingerprint() for s in stamps):
        return
    if not PYTHON.exists():
        print("Making a Python environment in .venv", flush=True)
        run(
            [sys.executable, "-m", "venv", str(ENV)],
            f"could not make .venv with {sys.executable}. On Debian and Ubuntu the part that is missing is: "
            "apt-get install python3-venv",
        )
    names = ", ".join(extras)
    print(f"Installing pinned packages for: {names} (the first time takes a few minutes)", flush=True)
    os.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    target = f".[{','.join(extras)}]"
    run(
        [str(PYTHON), "-m", "pip", "install", "--constraint", "constraints.txt", "--editable", target],
        "the packages could not be installed: see pip's message above. Without a network this works only "
        "after a first successful run; nothing was lost, run the same command again.",
    )
    for stamp in stamps:
        stamp.write_text(fingerprint())


if __name__ == "__main__":
    main(sys.argv[1:])
