"""A two-page project with one data file of each kind, small enough to read in a test.

The real site is there for the tests that look at the result.
"""

import pathlib

import pytest

from i18n import catalog
from i18n.extract import Message, Source, extract, from_override, from_page, from_script
from i18n.languages import LANGUAGE, TRANSLATED
from i18n.marked_yaml import marked

FILES = {
    "mkdocs.yml": """site_name: Tiny
site_description: !t Tiny site
nav: [index.md, deep/page.md]
theme: {name: material}
""",
    "docs/index.md": """---
title: {{ _("Home") | tojson }}
---

# {% trans %}Two bowls{% endtrans %} { #top }

{% trans memory=fact("memory") %}It needs {{ memory }} of memory.{% endtrans %}
""",
    "docs/deep/page.md": """# {% trans %}A [page](../index.md) with `code`{% endtrans %} { #page }

[home]({{ home }}) [root]({{ root }})
""",
    "docs/assets/a.css": "",
    "docs/overrides/main.html": "[[ _('Search') ]] {{ page.url }}",
    "docs/data/facts.yml": """facts:
  memory: { name: !t R, value: 2.9, unit: gigabyte, sources: [maker], checked: 2026-11-21, confidence: high }
  month: { name: !t Time, value: !t "May 2025", sources: [maker], checked: 2026-11-21, confidence: high }
""",
    "docs/data/sources.yml": """sources:
  maker: { title: The maker, url: "https://example.org/a", checked: 2026-11-21 }
""",
    "docs/data/prices.yml": "checked: 2026-11-21\nprices: []\n",
    "docs/data/models.yml": "checked: 2026-11-21\ngemma: {}\ngemini: {}\n",
    "docs/data/benchmarks.yml": "checked: 2026-11-21\nolder: {}\nbenchmarks: {}\n",
    "docs/data/speeds.yml": "checked: 2026-11-21\nspeeds: {}\n",
    "docs/data/devices.yml": "checked: 2026-11-21\ndevices: {}\n",
    "docs/data/electricity.yml": "checked: 2026-11-21\nelectricity: {}\n",
    "docs/data/commands.yml": "commands: {}\n",
    "docs/data/myths.yml": "myths: []\n",
    "docs/data/demos.yml": "demos: []\n",
    "docs/data/comparison.yml": "rows: []\n",
    "docs/data/starters.yml": "starters: []\ntastes: []\n",
    "docs/data/seasonings.yml": "seasonings: []\n",
    "docs/data/tastings.yml": "tastings: []\n",
    "docs/data/pots.yml": "pots: []\n",
    "docs/data/recipes.yml": "recipes: []\n",
    "demos/web/a.js": 't("Ask");\nconst a = t("Tokens: %(tokens)s.", { tokens });\n',
}
SOURCES = (
    Source("theme", "mkdocs.yml", marked),
    Source("theme", "docs/overrides/*.html", from_override),
    Source("pages", "docs/**/*.md", from_page),
    Source("data", "docs/data/*.yml", marked),
    Source("demos", "demos/web/*.js", from_script),
)


class Project:
    """The tiny project: change a file, extract, translate."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def messages(self) -> list[Message]:
        return extract(self.root, SOURCES)

    def translate(self, **changed: str | None) -> None:
        """Fill both catalogs: every text is "<msgid>" in angle brackets, or as given by its first word."""
        for language in TRANSLATED:
            made = catalog.update(catalog.load(self.root, language), self.messages(), language)
            for entry in made:
                if entry.id:
                    first = str(entry.id).split()[0]
                    entry.string = (changed[first] or "") if first in changed else f"<{entry.id}>"
            path = catalog.path(self.root, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(catalog.dump(made))

    def update(self) -> dict[str, catalog.Catalog]:
        """What `make i18n` does, per language code."""
        made = {}
        for language in TRANSLATED:
            made[language.code] = catalog.update(catalog.load(self.root, language), self.messages(), language)
            catalog.path(self.root, language).write_bytes(catalog.dump(made[language.code]))
        return made


@pytest.fixture
def project(tmp_path: pathlib.Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(params=["en", "ko", "ja"])
def language(request: pytest.FixtureRequest):
    return LANGUAGE[request.param]
