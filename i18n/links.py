"""Marks the links that leave the site, `rel="external"`, in the built pages of one language.

Material's script makes every address absolute, so a style sheet cannot tell the two kinds apart by then: on
paper only the ones that leave are written out (print.css).
"""

import pathlib
import re

LEAVING = re.compile(r'<a (?![^>]*\brel=)(?=[^>]*\bhref="https?://)')


def mark(site: pathlib.Path) -> None:
    """Mark the links of every page below `site`."""
    for page in site.rglob("*.html"):
        page.write_text(LEAVING.sub('<a rel="external" ', page.read_text("utf-8")), "utf-8")
