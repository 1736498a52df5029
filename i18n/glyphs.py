"""Which characters the built pages of one language show, and in which slices a font had best be sent.

Three sets per page are read off its HTML: all characters, those in the display face and those in bold; which
elements these are, DISPLAY and BOLD say, after the style sheets. Knows nothing of font files: i18n/fonts.py
cuts them.
"""

import dataclasses
import html.parser
import json
import pathlib
import re
import string
from collections import Counter
from collections.abc import Mapping

ALWAYS = frozenset(string.printable.strip() + " \u00a0–—‘’“”…·×•¥€°、。「」！？・〜")
# Tags and classes.
DISPLAY = frozenset(["h1", "h2", "h3", "h4", "th", "legend", "display", "md-header__title", "strip-title"])
BOLD = frozenset(
    ["strong", "b", "th", "dt", "summary", "button", "for", "command-name", "ramen-label", "stale"]
) | {"tastings", "md-tabs__link", "md-nav__link", "md-nav__title", "md-select__link"}
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
ESCAPED = re.compile(r"\\u([0-9a-f]{4})")
FEW = 24  # characters: a slice that small is not worth a request of its own


@dataclasses.dataclass(frozen=True)
class Shown:
    """The characters of one page."""

    text: frozenset[str]
    display: frozenset[str] = frozenset()
    bold: frozenset[str] = frozenset()


class _Reader(html.parser.HTMLParser):
    """Collects the characters of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.text: set[str] = set()
        self.display: set[str] = set()
        self.bold: set[str] = set()
        self._open: list[tuple[str, bool, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        for value in values.values():
            self.text.update(value or "")
        self.bold.update(values.get("data-label") or "")
        if tag not in VOID:
            names = {tag, *(values.get("class") or "").split()}
            _, display, bold = self._open[-1] if self._open else ("", False, False)
            self._open.append((tag, display or bool(names & DISPLAY), bold or bool(names & BOLD)))

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        self.text.update(data)
        # Scripts too: the words that the theme shows by script are JSON in the page, non-ASCII escaped.
        self.text.update(chr(int(code, base=16)) for code in ESCAPED.findall(data))
        _, display, bold = self._open[-1] if self._open else ("", False, False)
        if display:
            self.display.update(data)
        if bold:
            self.bold.update(data)


def of_site(site: pathlib.Path) -> dict[str, Shown]:
    """Every page of one built language by its path; the words of the demos count as a page of their own."""
    pages = {}
    for page in sorted(site.rglob("*.html")):
        reader = _Reader()
        reader.feed(page.read_text("utf-8"))
        name = page.relative_to(site).as_posix()
        pages[name] = Shown(*map(_printable, (reader.text, reader.display, reader.bold)))
    for strings in sorted(site.glob("assets/demos/strings.json")):
        words = "".join(json.loads(strings.read_text("utf-8")).values())
        pages[strings.relative_to(site).as_posix()] = Shown(
            _printable(set(words)), bold=_printable(set(words))
        )
    return pages


def slices(pages: Mapping[str, frozenset[str]], home: str) -> dict[str, frozenset[str]]:
    """The characters of all pages in disjoint sets, by name, the empty ones left out.

    "always": the Latin letters, figures and marks of any text. "home": what else the home page shows.
    "shared": what several other pages show. The rest under the name of the one page that shows it, so that no
    other page has to fetch it.
    """
    always, first = ALWAYS, pages.get(home, frozenset()) - ALWAYS
    if len(first) < FEW:
        always, first = always | first, frozenset()
    others = {name: characters - always - first for name, characters in pages.items() if name != home}
    counts = Counter(character for characters in others.values() for character in characters)
    own = {
        name: frozenset(each for each in characters if counts[each] == 1)
        for name, characters in others.items()
    }
    own = {name: characters for name, characters in own.items() if len(characters) >= FEW}
    shared = frozenset(counts).difference(*own.values())
    if len(shared) < FEW:
        always, shared = always | shared, frozenset()
    found = {"always": always, "home": first, "shared": shared, **own}
    return {name: characters for name, characters in found.items() if characters}


def _printable(characters: set[str]) -> frozenset[str]:
    return frozenset(each for each in characters if each.isprintable() or each == "\u00a0")
