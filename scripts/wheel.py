"""The Python of the pages: Pyodide, our own wheels and the list of packages, packed for any static host.

Everything stands in one folder of the site whose name is the hash of what is in it, so that a browser may
keep it for good and never mixes two builds. Each file is packed with gzip, because not every host packs
WebAssembly; `demos/web/workers/python.js` unpacks it. Same inputs, same bytes.

    python -m scripts.wheel    # says what a reader's first use downloads

Optional, for who has the very CPython of this Pyodide (3.14; another one's bytecode is of no use to it) and
pyodide-build: our wheel with its bytecode. It starts little faster, so nothing here asks for it.

    gunzip --keep site/assets/python/*/two_bowls-*.whl.gz
    pyodide py-compile site/assets/python/*/two_bowls-*.whl

With `pip install pyodide-lock` (Python >= 3.12) tests/scripts/test_wheel.py reads our list by that, too.
"""

import base64
import csv
import dataclasses
import gzip
import hashlib
import io
import json
import pathlib
import zipfile
from collections.abc import Mapping
from typing import Any

from scripts import comics_wheel, fetch

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "node_modules" / "pyodide"
CACHE = ROOT / "build" / "python"
FOLDER = "assets/python"
VERSION = "0.1.0"
# What a page can ask of Python: a page names the one package that it starts with.
KITCHEN, COMICS = "two-bowls", "two-bowls-comics"
IMPORTS = {KITCHEN: ("demos",), COMICS: ("comics", "jinja2", "markupsafe", "budoux", "yaml")}
MODULES = ("demos/__init__.py", "demos/cell.py", "demos/kitchen/*.py")
# What a start reads of the npm package; the rest is for Node, for other bundlers, or in the way.
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")
LIST, LIBRARY_ZIP = "pyodide-lock.json", "python_stdlib.zip"
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclasses.dataclass(frozen=True)
class Runtime:
    """What goes into the site: the folder's path in it, its files, and the wheel of each package."""

    folder: str
    files: Mapping[str, bytes]
    wheels: Mapping[str, str]

    def size(self, package: str = KITCHEN) -> int:
        """What a first use of a package downloads, in bytes."""
        others = {f"{file}.gz" for name, file in self.wheels.items() if name != package}
        return sum(len(data) for name, data in self.files.items() if name not in others)

    def write(self, site: pathlib.Path) -> None:
        """Write the files into a built site."""
        for name, data in self.files.items():
            path = site / self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def runtime(
    root: pathlib.Path = ROOT, library: pathlib.Path = LIBRARY, cache: pathlib.Path = CACHE
) -> Runtime:
    """Everything that the pages need to run our packages, packed; what took long is kept in `cache`.

    Raises:
        fetch.FetchError: Python's library could not be compiled.
    """
    packed = {name: packed_once(library / name, cache) for name in RUNTIME}
    packed[LIBRARY_ZIP] = packed_once(library_zip(library, cache), cache)
    wheels = {KITCHEN: wheel(KITCHEN, kitchen(root)), COMICS: wheel(COMICS, comics_wheel.files(root))}
    packed |= {file: pack(data) for file, data in wheels.values()}
    shipped = json.loads((library / LIST).read_text("utf-8"))
    packed[LIST] = pack(json.dumps(listed(shipped, wheels), indent=1).encode())
    names = {package: file for package, (file, _) in wheels.items()}
    files = {f"{name}.gz": data for name, data in packed.items()}
    files["manifest.json"] = json.dumps(manifest(packed, names), indent=1).encode()
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return Runtime(f"{FOLDER}/{digest.hexdigest()[:12]}", files, names)


def manifest(packed: Mapping[str, bytes], wheels: Mapping[str, str]) -> dict[str, Mapping[str, str | int]]:
    """What the worker checks the files by: their bytes on the way, and the SHA-256 of each unpacked.

    Unpacked, because some hosts say "this is gzip" of every .gz, and then the browser unpacks it on the way.
    """
    sha256 = {name: hashlib.sha256(gzip.decompress(data)).hexdigest() for name, data in packed.items()}
    return {"wheels": wheels, "sizes": {name: len(data) for name, data in packed.items()}, "sha256": sha256}


def kitchen(root: pathlib.Path = ROOT) -> dict[str, bytes]:
    """The files of the calculators and the code cells."""
    paths = sorted(path for pattern in MODULES for path in root.glob(pattern))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def wheel(package: str, content: Mapping[str, bytes]) -> tuple[str, bytes]:
    """A wheel of our own, its file name and its bytes: pure Python by path, without any date."""
    name = package.replace("-", "_")
    info = f"{name}-{VERSION}.dist-info"
    files = dict(content)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {VERSION}\n".encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: scripts.wheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD").encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path, EPOCH), data)
    return f"{name}-{VERSION}-py3-none-any.whl", target.getvalue()


def listed(shipped: Mapping[str, Any], wheels: Mapping[str, tuple[str, bytes]]) -> dict[str, Any]:
    """Our own pyodide-lock.json: the shipped one, with our wheels as its only packages."""
    packages = {
        package: {
            "depends": [],
            "file_name": file,
            "imports": list(IMPORTS[package]),
            "install_dir": "site",
            "name": package.replace("-", "_"),
            "package_type": "package",
            "sha256": hashlib.sha256(data).hexdigest(),
            "tool": {},
            "unvendored_tests": False,
            "version": VERSION,
        }
        for package, (file, data) in wheels.items()
    }
    return {**shipped, "packages": packages}


def library_zip(library: pathlib.Path = LIBRARY, cache: pathlib.Path = CACHE) -> pathlib.Path:
    """Python's library with bytecode for what a start imports, made once for each Pyodide.

    Raises:
        fetch.FetchError: it could not be compiled.
    """
    script = ROOT / "scripts" / "bytecode.mjs"
    recipe = hashlib.sha256((library / "package.json").read_bytes() + script.read_bytes()).hexdigest()
    made = cache / f"library-{recipe[:12]}.zip"
    if not made.exists():
        cache.mkdir(parents=True, exist_ok=True)
        part = made.with_suffix(".part")
        node, _ = fetch.node_commands()
        if fetch.quietly([*node, str(script), str(library), str(part)]) != 0:
            raise fetch.FetchError(
                f"Python's library could not be compiled for the browser from {library}: see the words of "
                "Node above, delete node_modules, and run the same command again."
            )
        part.replace(made)
    return made


def pack(data: bytes) -> bytes:
    """Packed with gzip, without name or date."""
    return gzip.compress(data, compresslevel=9, mtime=0)


def packed_once(path: pathlib.Path, cache: pathlib.Path) -> bytes:
    """A large file, packed once."""
    data = path.read_bytes()
    kept = cache / f"{hashlib.sha256(data).hexdigest()[:12]}.gz"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_bytes(pack(data))
        part.replace(kept)
    return kept.read_bytes()


def _record(files: Mapping[str, bytes], own: str) -> str:
    """The RECORD of a wheel: every file with its hash and size, and itself without."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.writerow((name, f"sha256={digest}", len(data)))
    rows.writerow((own, "", ""))
    return text.getvalue()


def main() -> None:
    """Print what a first use downloads."""
    fetch.libraries()
    made = runtime()
    for name, data in made.files.items():
        print(f"{len(data):>10,}  {name}")
    for package in made.wheels:
        print(f"{made.size(package):>10,}  {made.folder} with {package}")


if __name__ == "__main__":
    main()
