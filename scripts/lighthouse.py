"""What Lighthouse says of the built site on a phone, from a local server that compresses as real hosts do.

Scores swing by several points on a busy machine, so each is the median of three runs (a demo page gets the
second and the third only where the first is below a bound); bytes and shifts do not. Lighthouse brings a
hundred other npm packages that only this needs: fetched into `build/` on demand. Readers' devices have a
Korean and a Japanese font; a machine without one measures shifts that nobody sees (on Debian:
`apt-get install fonts-noto-cjk`).

    python -m scripts.lighthouse
"""

import dataclasses
import functools
import gzip
import http.server
import json
import mimetypes
import os
import pathlib
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import brotli  # type: ignore[import-untyped]

from i18n.languages import LANGUAGES, Language
from scripts import fetch, site, unchanged

VERSION = "12.8.2"  # 13 asks for Node 22
FOLDER = unchanged.WORK / "lighthouse"
PAGES = {"home": "", "side by side": "side-by-side/", "the ramen story": "ramen-story/"}
DEMOS = (
    "costs",
    "myths",
    "your-words",
    "which-bowl",
    "your-kitchen",
    "toppings",
    "taste-test",
    "cook-in-this-tab",
    "comic-studio",
    "toppings-bar",
    "peek-into-the-pot",
    "same-recipe-twice",
)
RUNS = 3
CATEGORIES = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
HOME_KB = 400
MOST_SHIFT = 0.02
PACKED = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt")

Report = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Finding:
    """One figure of one page, the bound it should keep and whether it does."""

    name: str
    value: float
    unit: str
    goal: str
    ok: bool


class Host(http.server.SimpleHTTPRequestHandler):
    """A static host: compressed, cached for a day, its connections kept open."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""

    def do_GET(self) -> None:
        """Send a file, compressed where the browser takes it."""
        path = pathlib.Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        accepted = self.headers.get("Accept-Encoding", "")
        way = next((way for way in ("br", "gzip") if path.suffix in PACKED and way in accepted), "")
        body = _packed(path, way)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self.send_response(200)
        self.send_header("Content-Type", kind + ("; charset=utf-8" if path.suffix in PACKED else ""))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=86400")
        if way:
            self.send_header("Content-Encoding", way)
        self.end_headers()
        self.wfile.write(body)


@functools.cache
def _packed(path: pathlib.Path, way: str) -> bytes:
    data = path.read_bytes()
    if way == "br":
        return bytes(brotli.compress(data))
    return gzip.compress(data) if way == "gzip" else data


def measure(
    root: pathlib.Path,
    *,
    runs: int = RUNS,
    demos: Sequence[str] = DEMOS,
    languages: Iterable[Language] = LANGUAGES,
) -> list[Finding]:
    """Lighthouse on the pages of the site that is built in `root`; the medians of `runs` runs each.

    Raises:
        fetch.FetchError: Lighthouse or a Chromium could not be had, or Lighthouse did not finish.
    """
    command = [*fetch.node_commands()[0], str(installed())]
    found: list[Finding] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Host, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for language in languages:
            for name, path in PAGES.items():
                address = f"http://127.0.0.1:{server.server_port}/{language.prefix}{path}"
                reports = [_report(command, address) for _ in range(runs)]
                found += findings(f"{language.code} {name}", reports, home=not path)
            for name in demos:
                address = f"http://127.0.0.1:{server.server_port}/{language.prefix}{name}/"
                reports = [_report(command, address)]
                if not all(finding.ok for finding in findings(name, reports, home=False)):
                    reports += [_report(command, address) for _ in range(runs - 1)]
                found += findings(f"{language.code} {name}", reports, home=False)
    finally:
        server.shutdown()
        server.server_close()
    return found


def findings(page: str, reports: Sequence[Report], *, home: bool) -> list[Finding]:
    """The medians of a page's reports beside their bounds; bytes are bound on the home page."""
    found = []
    for category, least in CATEGORIES.items():
        value = statistics.median(100 * report["categories"][category]["score"] for report in reports)
        found.append(Finding(f"{page}: {category}", value, "", f"at least {least}", round(value) >= least))
    shift = statistics.median(_audit(report, "cumulative-layout-shift") for report in reports)
    found.append(Finding(f"{page}: shift", shift, "", f"at most {MOST_SHIFT}", shift <= MOST_SHIFT))
    if home:
        size = statistics.median(_audit(report, "total-byte-weight") for report in reports) / 1000
        found.append(Finding(f"{page}: transfer", size, "KB", f"at most {HOME_KB} KB", size <= HOME_KB))
    return found


def _audit(report: Report, name: str) -> float:
    return float(report["audits"][name]["numericValue"])


def installed() -> pathlib.Path:
    """Lighthouse's command-line script, fetched if it is not there.

    Raises:
        fetch.FetchError: npm could not fetch it.
    """
    script = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not script.is_file():
        _, npm = fetch.node_commands()
        FOLDER.mkdir(parents=True, exist_ok=True)
        package = f"lighthouse@{VERSION}"
        code = fetch.quietly(
            [*npm, "install", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", "--no-fund", package]
        )
        if code != 0:
            raise fetch.FetchError(
                f"Lighthouse could not be fetched: `npm install {package}` failed, see its message above. "
                "Connect to the network and run the same command again."
            )
    return script


def _report(command: Sequence[str], address: str) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder, "report.json")
        options = [
            address,
            "--quiet",
            "--output=json",
            f"--output-path={target}",
            f"--only-categories={','.join(CATEGORIES)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage",
        ]
        env = {**os.environ, "CHROME_PATH": fetch.chromium()}
        done = subprocess.run(
            [*command, *options], env=env, capture_output=True, text=True, check=False, timeout=180
        )
        if not target.is_file():
            raise fetch.FetchError(
                f"Lighthouse did not report on {address}: {done.stderr[-300:]!r}; run the same command again."
            )
        report: Report = json.loads(target.read_text("utf-8"))
        return report


def main() -> None:
    """Measure the site in site/, building it first if it is not current."""
    for finding in measure(site.build(strict=False)):
        verdict = "ok" if finding.ok else f"should be {finding.goal}"
        print(f"{finding.name:44} {finding.value:8.3f} {finding.unit:3} {verdict}")


if __name__ == "__main__":
    main()
