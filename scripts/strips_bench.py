"""How long the comics take: all pictures cold, one line changed, ten times the strips, with Inkscape beside.

Everything runs in a copy of the project, so that no picture here is touched. `make bench` reports the rows.

    python -m scripts.strips_bench
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from scripts.builds import copied
from scripts.row import Row

PEER = "Inkscape, a command for each PNG"
GROWTH = 10
BAR = 3
# All pictures of the strips as SVG and PNG, then all that strips become (GIF, WebP, PDF, cards, pages): cold,
# and again after one line of one strip changed. Prints the seconds of each.
DRAWN = """
import pathlib, sys, time
from scripts import comics

def timed(work):
    begun = time.perf_counter()
    work()
    print(time.perf_counter() - begun)

timed(comics.pictures)
if "all" in sys.argv:
    timed(comics.build)
    strip = comics.STRIPS / "twins.yml"
    strip.write_text(strip.read_text("utf-8").replace("lean: 4}", "lean: 5}", 1), "utf-8")
    timed(comics.build)
"""


def grow(project: pathlib.Path, times: int) -> int:
    """Copy every strip, under ids of their own, until there are `times` as many; how many there are then."""
    folder = project / "comics" / "strips"
    files = sorted(folder.glob("*.yml"))
    for file in files:
        text = file.read_text("utf-8")
        for number in range(1, times):
            copy = text.replace(f"id: {file.stem}\n", f"id: {file.stem}-{number}\n", 1)
            (folder / f"{file.stem}-{number}.yml").write_text(copy, "utf-8")
    return times * len(files)


def rows() -> list[Row]:
    """The seconds of each, the peer's on the same pictures where it is installed."""
    with tempfile.TemporaryDirectory() as folder:
        project = copied(pathlib.Path(folder))
        cold, everything, changed = _drawn(project, "all")
        pictures = sorted((project / "dist" / "comics").glob("*/*.svg"))
        peer = inkscape(pictures)
        # Both again, and the faster of each counts: what else a machine does only ever adds.
        cold = min([cold, *_drawn(project)])
        peer = peer and min(peer, inkscape(pictures) or peer)
    with tempfile.TemporaryDirectory() as folder:
        project = copied(pathlib.Path(folder))
        strips = grow(project, GROWTH)
        grown = min(_drawn(project) + _drawn(project))
    name = f"all {len(pictures)} pictures, SVG and PNG, cold"
    first = Row("comics", f"{name}; Inkscape is not installed here", cold, "s")
    if peer is not None:
        first = Row("comics", name, cold, "s", PEER, peer, cold / peer, f"under 1/{BAR}", cold * BAR <= peer)
    return [
        first,
        Row("comics", "all files, cold", everything, "s"),
        Row("comics", "one line changed", changed, "s", "all files", everything, changed / everything),
        Row(
            "comics",
            f"{GROWTH} times the strips ({strips})",
            grown,
            "s",
            "all pictures",
            cold,
            grown / cold,
            f"at most {GROWTH}",
            grown <= GROWTH * cold,
        ),
    ]


def inkscape(pictures: list[pathlib.Path]) -> float | None:
    """Seconds that Inkscape takes for a PNG of each picture at our width; None where it is not installed."""
    program = shutil.which("inkscape")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder, "picture.png")
        options = ["--export-type=png", "--export-width=1600", f"--export-filename={target}"]
        # The first start of all fills its caches; who exports every day does not wait for that.
        subprocess.run([program, *options, str(pictures[0])], capture_output=True, check=True)
        begun = time.perf_counter()
        for picture in pictures:
            subprocess.run([program, *options, str(picture)], capture_output=True, check=True)
        return time.perf_counter() - begun


def _drawn(project: pathlib.Path, *options: str) -> list[float]:
    command = [sys.executable, "-c", DRAWN, *options]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    return [float(line) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    for row in rows():
        print(row)
