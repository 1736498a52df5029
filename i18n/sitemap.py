"""The sitemap of each language, with the same page in the other languages, and robots.txt that names them.

Written after the build and not as a template of the theme, which not every builder renders. A site that does
not know its address has nothing to say here: what MkDocs wrote stays, and demos/server answers with its own.
"""

import pathlib
from xml.sax.saxutils import escape

from i18n.languages import LANGUAGES, SOURCE, Language

SCHEMA = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'


def write(site: pathlib.Path, language: Language, address: str) -> None:
    """Write sitemap.xml of one built language tree, and the root's robots.txt; `address` ends in "/"."""
    (site / "sitemap.xml.gz").unlink(missing_ok=True)
    if not address:
        return
    pages = sorted(path.parent.relative_to(site).as_posix() + "/" for path in site.rglob("index.html"))
    entries = "\n".join(_entry(page.removeprefix("./"), language, address) for page in pages)
    (site / "sitemap.xml").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {SCHEMA}>\n{entries}\n</urlset>\n', "utf-8"
    )
    if language == SOURCE:
        maps = "\n".join(f"Sitemap: {address}{each.prefix}sitemap.xml" for each in LANGUAGES)
        (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\n{maps}\n", "utf-8")


def _entry(page: str, language: Language, address: str) -> str:
    links = [(each.code, address + each.prefix + page) for each in LANGUAGES] + [
        ("x-default", address + page)
    ]
    alternates = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(link)}"/>' for code, link in links
    )
    return f"<url><loc>{escape(address + language.prefix + page)}</loc>{alternates}</url>"
