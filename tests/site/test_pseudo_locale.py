"""A fourth language is an entry in the language list, a catalog and a font choice, and its long words fit.

The language is made (tests/site/pseudo.py) and built beside English by the real command, in a copy of the
project. Its pages are opened on the narrowest phone. Every text grows by 40 %, except what a comic's bubbles
say: a bubble has the size that its picture leaves, so its text grows as far as it fits.
"""

import functools
import pathlib
import subprocess
import sys

import pytest
from playwright.sync_api import Page

from i18n import gate, glossary
from scripts import builds, texts
from tests.site import pseudo
from tests.site.loopback import Files, serving

# Whichever comes first waits for the build.
pytestmark = pytest.mark.timeout(400)

NARROWEST = {"width": 360, "height": 740}
# Text that is cut off on purpose: the header of Material shows as much of a title as fits.
CUT_ON_PURPOSE = ".md-header__topic, .md-header__topic *, .md-nav *"
CLIPPED = """exempt => {
  const found = [];
  const words = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  for (const element of document.body.querySelectorAll('*')) {
    if (!words(element) || element.matches(exempt) || !element.checkVisibility()) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || element.closest('svg, [aria-hidden=true]')) continue;
    const range = document.createRange();
    range.selectNodeContents(element);
    for (let up = element; up !== document.documentElement; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (/auto|scroll/.test(style.overflowX)) break;
      if (!/hidden|clip/.test(style.overflowX + style.overflowY)) continue;
      const room = up.getBoundingClientRect(), text = range.getBoundingClientRect();
      if (room.width < 2 || room.height < 2) break; // for screen readers only
      if (text.right > room.right + 1 || text.left < room.left - 1 || text.bottom > room.bottom + 1) {
        found.push(element.textContent.trim().slice(0, 60));
        break;
      }
    }
  }
  return found;
}"""


@pytest.fixture(scope="session")  # not "module": pytest sorts browser tests apart, and it takes a minute
def project(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A copy of the project with the fourth language in it, built."""
    copy = builds.copied(tmp_path_factory.mktemp("fourth"))
    pseudo.add(copy)
    done = subprocess.run(
        [sys.executable, "-m", "scripts.site"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return copy


def test_every_word_is_longer_and_accented_and_the_rest_is_as_it_was() -> None:
    text = "Take **two** [ramen](a.md), `make` %(count)s&nbsp;E2B: <b class='x'>No</b>! { #id }"
    longer = "Táákéé **twööö** [ráámééñ](a.md), `make` %(count)s&nbsp;E2B: <b class='x'>Ñöö</b>! { #id }"
    assert pseudo.accented(text) == longer


def test_the_gate_passes_the_fourth_language(project: pathlib.Path) -> None:
    assert gate.check(project, texts.messages(project), [pseudo.LANGUAGE]) == []
    assert glossary.load(project, pseudo.LANGUAGE).rules == glossary.Rules()


def test_long_words_neither_overflow_nor_are_cut_off_on_the_narrowest_phone(
    page: Page, project: pathlib.Path
) -> None:
    page.set_viewport_size(NARROWEST)
    tree = project / "site" / pseudo.LANGUAGE.prefix
    addresses = [path.relative_to(tree).parent.as_posix() for path in sorted(tree.rglob("index.html"))]
    wrong = []
    with serving(functools.partial(Files, directory=project / "site")) as server:
        for address in addresses:
            page.goto(f"{server.url}/{pseudo.LANGUAGE.prefix}{address}/")
            # What is far from the screen has a guessed height until it comes near.
            page.add_style_tag(content="* { content-visibility: visible !important }")
            if (wide := page.evaluate("document.documentElement.scrollWidth")) != NARROWEST["width"]:
                wrong.append(f"{address} is {wide} px wide")
            wrong += [f"{address} cuts off {text!r}" for text in page.evaluate(CLIPPED, CUT_ON_PURPOSE)]
    assert len(addresses) == len(list((project / "docs").rglob("*.md")))
    assert wrong == []


def test_the_languages_lead_to_each_other(project: pathlib.Path) -> None:
    for prefix, code, way in (("", "fr", "./fr/"), ("fr/", "en", "./../")):
        page = (project / "site" / prefix / "index.html").read_text("utf-8")
        assert f'href="{way}" hreflang="{code}" lang="{code}"' in page
        assert f'rel="alternate " hreflang="{code}"' in page
