"""Extract every string, bring the catalogs up to date, and report what is missing and what is wrong.

python -m scripts.catalogs
"""

import pathlib
import sys

import typer
from babel.messages.catalog import Catalog
from rich.console import Console
from rich.table import Table

from comics import ComicError
from i18n import catalog, gate
from i18n.errors import SiteError
from i18n.extract import Message
from i18n.languages import TRANSLATED, Language
from scripts import texts

ROOT = pathlib.Path(__file__).resolve().parent.parent
app = typer.Typer(add_completion=False)
console = Console()


@app.command()
def main() -> None:
    """Extract strings, update the catalogs, report per area; exit 1 while the gate finds anything."""
    try:
        report = update(ROOT)
        findings = gate.check(ROOT, texts.messages(ROOT))
    except (SiteError, ComicError) as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    table = Table("language", "area", "translated", "fuzzy", "missing")
    for (language, area), counts in report.items():
        table.add_row(language, area, *map(str, counts))
    for finding in findings:
        console.print(finding, markup=False, emoji=False, highlight=False, soft_wrap=True)
    console.print(table)
    if findings:
        sys.exit(1)


def update(root: pathlib.Path) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Write the catalogs; (language, area) -> how many texts are translated, fuzzy, missing.

    Raises:
        SiteError: a source does not parse.
    """
    messages = texts.messages(root)
    report = {}
    for language in TRANSLATED:
        updated = catalog.update(catalog.load(root, language), messages, language)
        _write(root, language, updated)
        for area in dict.fromkeys(message.area for message in messages):
            here = [message for message in messages if message.area == area]
            report[language.code, area] = _counts(updated, here)
    return report


def _counts(updated: Catalog, messages: list[Message]) -> tuple[int, int, int]:
    entries = [entry for message in messages if (entry := updated.get(message.msgid))]
    missing = sum(not entry.string for entry in entries)
    fuzzy = sum(entry.fuzzy for entry in entries)
    return len(entries) - missing - fuzzy, fuzzy, missing


def _write(root: pathlib.Path, language: Language, updated: Catalog) -> None:
    path, data = catalog.path(root, language), catalog.dump(updated)
    if not path.exists() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    app()
