"""Whether the site was built from what is here now: soon said, without loading what builds it.

Knows the names of the inputs and what the data says of a day, and nothing else.
"""

import datetime as dt
import hashlib
import pathlib

from i18n import facts

ROOT = pathlib.Path(__file__).resolve().parent.parent
SITE = ROOT / "site"
WORK = ROOT / "build"
INPUTS = (
    "mkdocs.yml",
    "docs",
    "i18n",
    "comics",
    "demos/web",
    "demos/kitchen",
    "demos/server/local/prompt.py",
    "demos/server/topping",
    "demos/cell.py",
    "scripts",
    "package-lock.json",
    "constraints.txt",
)
STAMP = "site.sha256"
UNFINISHED = " with findings"


def fingerprint(address: str, today: dt.date) -> str:
    """The state of every input. Of the day only what the data says of it counts.

    Raises:
        SiteError: a data file has another shape.
    """
    digest = hashlib.sha256(f"{address} {facts.on(facts.load(ROOT), today)}".encode())
    for name in INPUTS:
        top = ROOT / name
        for path in sorted([top] if top.is_file() else top.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def found(state: str, *, strict: bool, site: pathlib.Path = SITE, work: pathlib.Path = WORK) -> bool:
    """Whether `site` was built from inputs of this `fingerprint`; if not `strict`, with findings at most."""
    good_enough = {state} if strict else {state, state + UNFINISHED}
    stamp = work / STAMP
    return site.is_dir() and stamp.is_file() and stamp.read_text("utf-8") in good_enough


def note(state: str, *, finished: bool, work: pathlib.Path = WORK) -> None:
    """Note what the site was built from, and whether nothing was found wrong with it."""
    (work / STAMP).write_text(state if finished else state + UNFINISHED, "utf-8")
