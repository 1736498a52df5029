"""List what the pages say that is older than its shelf life; `make check` prints it, and fails nothing.

python -m scripts.stale
"""

import datetime as dt
import pathlib

import typer
from rich.console import Console

from i18n import facts

ROOT = pathlib.Path(__file__).resolve().parent.parent
app = typer.Typer(add_completion=False)
console = Console()


@app.command()
def main() -> None:
    """List facts past their shelf life."""
    today = dt.datetime.now(tz=dt.UTC).date()
    sentences = facts.stale(facts.load(ROOT), today)
    for sentence in sentences or ["Every fact is within its shelf life."]:
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    app()
