"""What the comics need to be drawn in a browser: our package, and the pure Python of the ones it imports.

Those are taken as they are installed here, without what was compiled from C, and bring their licences.
"""

import importlib
import importlib.metadata
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
# These read strip and font files, or write other pictures, and lean on native code.
LEFT_OUT = frozenset({"export.py", "extract.py", "fontfile.py", "loading.py"})
# By package: the distribution that brings it, and which of its files drawing needs.
OTHERS = {
    "jinja2": ("jinja2", ("*.py",)),
    "markupsafe": ("markupsafe", ("*.py",)),
    "budoux": ("budoux", ("*.py", "skip_nodes.json", "models/ja.json")),
    "yaml": ("pyyaml", ("*.py",)),
}


def files(root: pathlib.Path = ROOT) -> dict[str, bytes]:
    """Every file of the wheel by its path."""
    ours = [path for path in sorted(root.glob("comics/*.py")) if path.name not in LEFT_OUT]
    found = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in [*ours, *sorted(root.glob("comics/art/*"))]
    }
    for package, (distribution, patterns) in OTHERS.items():
        folder = pathlib.Path(str(importlib.import_module(package).__file__)).parent
        for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
            found[f"{package}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
        found[f"{package}/LICENSE"] = _licence(distribution).encode()
    return found


def _licence(distribution: str) -> str:
    """The text of a package's licence, which its wheel has to bring.

    Raises:
        FileNotFoundError: the installed package has none.
    """
    listed = importlib.metadata.files(distribution) or []
    for file in listed:
        if file.name.startswith("LICENSE") and file.parent.name == "licenses":
            return file.read_text("utf-8")
    raise FileNotFoundError(f"{distribution} is installed without its licence")
