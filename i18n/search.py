"""What the search knows: words for each page, and the index that MkDocs wrote, divided in two.

Material fetches its index with each first page. Here that file keeps only the settings, and the texts go into
another that docs/assets/javascripts/workers/words.js fetches with the first word that somebody types.
"""

import json
import pathlib
from collections.abc import Mapping

from i18n import marked_yaml
from i18n.errors import SiteError

SETTINGS, TEXTS = "search/search_index.json", "search/texts.json"
WORDS = "docs/data/search.yml"


def words(root: pathlib.Path) -> Mapping[str, str]:
    """The words to find each page by, as English msgids separated by commas.

    Raises:
        SiteError: the file names a page that does not exist, or has another shape.
    """
    path = root / WORDS
    found = marked_yaml.parse(path.read_text("utf-8"), WORDS)["words"] if path.is_file() else {}
    for page in found:
        if not (root / "docs" / page).is_file():
            raise SiteError(f"{WORDS}: there is no page docs/{page}; correct the name or delete the line.")
    return {page: str(text) for page, text in found.items()}


def divide(site: pathlib.Path, words: Mapping[str, str]) -> None:
    """Divide the index of one built language tree; `words` by page, translated, go with the texts."""
    index = json.loads((site / SETTINGS).read_text("utf-8"))
    # Each page ends with its sources: they are about everything that the page cites, and so about nothing.
    texts = [entry for entry in index["docs"] if not entry["location"].endswith("#sources")]
    for entry in texts:
        page = entry["location"].rstrip("/") + ".md"
        if page in words:
            entry["words"] = [word.strip() for word in words[page].split(",")]
    (site / TEXTS).write_text(json.dumps(texts, ensure_ascii=False, separators=(",", ":")), "utf-8")
    (site / SETTINGS).write_text(json.dumps({**index, "docs": []}), "utf-8")
