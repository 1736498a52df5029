"""Where the texts of the project stand, in the order of the catalogs."""

import pathlib

from comics.extract import extract as from_strip
from i18n.extract import (
    Message,
    Source,
    extract,
    from_babel,
    from_override,
    from_page,
    from_python,
    from_script,
)
from i18n.marked_yaml import marked as from_yaml

SOURCES = (
    Source("theme", "mkdocs.yml", from_yaml),
    Source("theme", "docs/overrides/**/*.html", from_override),
    Source("pages", "docs/**/*.md", from_page),
    Source("pages", "docs/parts/*.html", from_page),
    Source("search", "docs/data/search.yml", from_yaml),
    Source("data", "docs/data/*.yml", from_yaml),
    Source("comics", "comics/strips/*.yml", from_babel(from_strip)),
    Source("comics", "comics/*.py", from_python),
    Source("demos", "demos/web/**/*.js", from_script),
    Source("demos", "demos/kitchen/*.py", from_python),
)


def messages(root: pathlib.Path) -> list[Message]:
    """Every text of the project.

    Raises:
        SiteError: a source does not parse.
        comics.ComicError: a strip is wrong.
    """
    return extract(root, SOURCES)


def demo_words(root: pathlib.Path) -> list[Message]:
    """The texts that browser code shows, also those that a page has too."""
    return extract(root, [source for source in SOURCES if source.area == "demos"])
