"""llama.cpp for a browser tab: wllama's script and its WebAssembly, packed for any static host.

Like the pages' Python (`scripts.wheel`), it stands once in the site, in a folder named by what is in it.
`demos/web/workers/wllama.js` fetches it when a reader cooks in the tab, and not before.
"""

import hashlib
import pathlib

from scripts import wheel

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "node_modules" / "@wllama" / "wllama" / "esm"
CACHE = ROOT / "build" / "wllama"
FOLDER = "assets/wllama"
SCRIPT, WASM = "index.min.js", "wasm/wllama.wasm"


def runtime(library: pathlib.Path = LIBRARY, cache: pathlib.Path = CACHE) -> wheel.Runtime:
    """The files; the WebAssembly is packed once and kept in `cache`."""
    files = {
        "index.js": (library / SCRIPT).read_bytes(),
        "wllama.wasm.gz": wheel.packed_once(library / WASM, cache),
    }
    digest = hashlib.sha256(b"".join(files.values())).hexdigest()
    return wheel.Runtime(f"{FOLDER}/{digest[:12]}", files, wheels={})
