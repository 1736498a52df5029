"""How long the site takes to build: in three languages, after one page changed, and with ten times the pages.

Each build runs in a copy of the project, in a process of its own, so that nothing here is touched and nothing
is known beforehand but the unpacked fonts. `make bench` reports the rows.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from scripts.row import Row

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What is made here or fetched, and what a build does not read.
LEFT = ("__pycache__", ".*", "build", "dist", "site", "node_modules", "tests")
KEPT = ("node_modules", "build/fonts", "build/typefaces")
GROWTH = 10
PEER = "mkdocs build, English alone"
# So many builds in a row, each after one page changed; prints the seconds of each.
BUILDS = """
import sys, time
from scripts import site

page = site.ROOT / "docs" / "taste-test.md"
for _ in range(int(sys.argv[1])):
    page.write_text(page.read_text("utf-8") + "\\nMore.\\n", "utf-8")
    begun = time.perf_counter()
    site.build(strict=False)
    print(time.perf_counter() - begun)
"""


def copied(folder: pathlib.Path, root: pathlib.Path = ROOT) -> pathlib.Path:
    """A copy of the project in `folder`, to be changed and built; libraries and unpacked fonts are links."""
    copy = folder / "project"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*LEFT))
    for name in KEPT:
        (root / name).mkdir(parents=True, exist_ok=True)
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).symlink_to(root / name)
    return copy


def grow(project: pathlib.Path, times: int) -> int:
    """Copy every page of the menu, so that it has `times` as many; how many it has then."""
    config = project / "mkdocs.yml"
    pages: list[str] = []

    def repeated(entry: re.Match[str]) -> str:
        page = project / "docs" / entry[2]
        names = [entry[2], *(f"{page.stem}-{number}.md" for number in range(1, times))]
        for name in names[1:]:
            shutil.copyfile(page, page.with_name(name))
        pages.extend(names)
        return "\n".join(f"{entry[1]}{name}" for name in names)

    menu = re.sub(r"^( +- )([\w-]+\.md)$", repeated, config.read_text("utf-8"), flags=re.MULTILINE)
    config.write_text(menu, "utf-8")
    return len(pages)


def rows() -> list[Row]:
    """The seconds of each build, beside those of the build that it grew from."""
    with tempfile.TemporaryDirectory() as folder:
        project = copied(pathlib.Path(folder))
        full, page = _built(project, 2)
        alone = _english_alone(project)
    with tempfile.TemporaryDirectory() as folder:
        project = copied(pathlib.Path(folder))
        pages = grow(project, GROWTH)
        (grown,) = _built(project, 1)
    return [
        Row("build", "three languages, all pages", full, "s", PEER, alone, full / alone),
        Row("build", "one page changed", page, "s", "all pages", full, page / full),
        Row("build", f"{GROWTH} times the pages ({pages})", grown, "s", "all pages", full, grown / full),
    ]


def _built(project: pathlib.Path, times: int) -> list[float]:
    """Seconds of a first build, and of others by the same process with one page changed."""
    command = [sys.executable, "-c", BUILDS, str(times)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    return [float(line) for line in done.stdout.splitlines()]


def _english_alone(project: pathlib.Path) -> float:
    """Seconds that MkDocs by itself takes for the pages that we staged in one language."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", "build/en/mkdocs.yml"]
    begun = time.perf_counter()
    subprocess.run(command, cwd=project, capture_output=True, check=True)
    return time.perf_counter() - begun
