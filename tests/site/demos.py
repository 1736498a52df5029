"""Every demo of the site: where it stands, how a keyboard works it, what shows that it worked.

`Table` lays one for a browser: a kitchen that answers as quickly or as slowly as a test wants, a small
packet, a counter for toppings, and a count of what the page orders of its Python.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

from i18n.languages import LANGUAGE
from tests.site.calculators import PATIENCE, reckoned, shown
from tests.site.loopback import FakeKitchen
from tests.site.stove import fake_stove
from tests.site.test_cook_in_this_tab import Packet
from tests.site.test_pot import tokens
from tests.site.test_toppings_bar import Counter

# A page that was loaded anew has forgotten both.
WATCH = """
  window.stayed = false;
  window.ordered = [];
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (order, ...rest) {
    if ((order?.module && order.name !== "stock") || order?.ask) ordered.push(order.name);
    return post.call(this, order, ...rest);
  };
"""
START = "host => { host.tabIndex = -1; host.focus(); host.removeAttribute('tabindex'); }"
FOCUSED = "target => Boolean(document.activeElement?.matches(target))"


@dataclass(frozen=True)
class Demo:
    """One demo. Selectors may hold `{code}`, the language."""

    tag: str
    path: str | dict[str, str]
    """Its page, or one for each language."""
    target: str
    """What Tab has to reach."""
    keys: tuple[str, ...]
    shows: str
    """What has words in it once it worked."""
    orders: Callable[["Table"], int]
    """How much it has asked for so far, of a kitchen, of Python or of the page itself."""
    each: int = 1
    """How much more that is after one use."""
    first: str = ""
    """What has to be pressed before, once a visit, if anything."""
    worker: bool = False
    """Whether one of its own stays as long as the page."""
    keeps: bool = False
    """Whether it shows just what the page came with."""
    rests: str = "ready"
    """Its state before and after a use."""
    streams: bool = False
    python: bool = False
    figures: str = ""
    """A field for which Python writes every figure anew."""
    within: str = ""
    """Where its keyboard begins, if that is not the element."""
    still: tuple[str, ...] = ()
    """What is there without scripts; all but the last are opened on the way."""
    absent: str = ""
    """What is there without a server, if the demo wants one."""

    @property
    def entry(self) -> str:
        """What there is to press or to fill in when the page has opened."""
        return self.first or self.target

    @property
    def workers(self) -> int:
        """How many it has once it was used."""
        return int(self.python or self.worker)

    def page(self, code: str) -> str:
        """Where it stands in a language."""
        return self.path if isinstance(self.path, str) else self.path[code]


@dataclass
class Table:
    """A page with everything that a demo may ask for."""

    page: Page
    kitchen: FakeKitchen
    packet: Packet = field(default_factory=lambda: Packet(silent=True))
    counter: Counter = field(init=False)

    def __post_init__(self) -> None:
        self.page.context.route("**/api/model/**", self.packet.answer)
        self.counter = Counter(self.page)
        self.counter.trains(4.0, 1.0)
        self.page.add_init_script(WATCH)

    def cooks(self, pieces: int) -> None:
        """Let the kitchen answer with so many tokens, however it is asked."""
        self.kitchen.streams(*["drop "] * pieces, delay=0.02)
        self.page.context.unroute("**/workers/wllama.js")
        stove = fake_stove(*["drop "] * pieces, pause_ms=20)
        self.page.context.route("**/workers/wllama.js", stove)
        chat, completion = self.kitchen.answer, tokens(self.kitchen, pieces)
        self.kitchen.answer = lambda handler: (chat if "/chat/" in handler.path else completion)(handler)

    def ordered(self) -> int:
        """What a worker was told to do, but for the stock of the studio, which it is given once."""
        return self.page.evaluate("ordered.length")

    def count(self, script: str) -> int:
        return self.page.evaluate(f"() => {script}")

    def element(self, demo: Demo) -> Locator:
        return self.page.locator(demo.tag)

    def controls(self, demo: Demo, code: str) -> Locator:
        return self.page.locator(demo.entry.format(code=code))

    def opened(self, demo: Demo, code: str) -> None:
        """Come to the page and wait until the demo can be used."""
        self.page.goto(f"{self.kitchen.url}/{LANGUAGE[code].prefix}{demo.page(code)}")
        self.rested(demo)

    def rested(self, demo: Demo) -> None:
        expect(self.element(demo)).to_have_attribute(
            "data-state", re.compile(rf"^({demo.rests})$"), timeout=PATIENCE
        )

    def pressed(self, demo: Demo, code: str) -> None:
        """Come to the demo's control with Tab, and press its keys."""
        target = demo.target.format(code=code)
        if demo.first and not self.page.locator(target).first.is_visible():
            self.reached(demo, demo.first)
            self.page.keyboard.press("Enter")
        expect(self.page.locator(target).first).to_be_visible()
        self.reached(demo, target)
        for key in demo.keys:
            self.page.keyboard.press(key)

    def reached(self, demo: Demo, target: str) -> None:
        """Come to a control of the demo with Tab."""
        expect(self.page.locator(target).first).to_be_visible()
        self.page.locator(demo.within or demo.tag).evaluate(START)
        for _ in range(60):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(FOCUSED, target):
                break
        else:
            raise AssertionError(f"60 times Tab did not reach {target} in {demo.tag}")

    def reckoned_alike(self, demo: Demo) -> None:
        """Have Python reckon what the page came with: it writes the very same."""
        element = self.element(demo)
        before = shown(element)
        element.locator(demo.figures).dispatch_event("input")
        reckoned(element)
        assert shown(element) == before

    def used(self, demo: Demo, code: str, *, settle: int = 0) -> None:
        """Use it once, and see that it worked, once, also after so many milliseconds."""
        shown = self.page.locator(demo.shows.format(code=code)).first
        told = shown.inner_text() if demo.keeps else None
        before = demo.orders(self)
        self.pressed(demo, code)
        self.begun(demo, before + demo.each)
        self.rested(demo)
        expect(shown).not_to_be_empty(timeout=PATIENCE)
        assert told is None or told == shown.inner_text(), f"{demo.tag} says something else than its page"
        self.page.wait_for_timeout(settle)
        found = demo.orders(self) - before
        assert found == demo.each, f"{demo.tag}: one use had {found} effects, not {demo.each}"

    def begun(self, demo: Demo, wanted: int) -> None:
        """Wait until the keys have had their effect."""
        end = time.monotonic() + PATIENCE / 1000
        while demo.orders(self) < wanted and time.monotonic() < end:
            self.page.wait_for_timeout(20)


def orders(table: Table) -> int:
    return len(table.kitchen.orders)


COST = {"en": "costs/", "ko": "your-kitchen/", "ja": "toppings/"}
BODY = "word-path article:not([hidden]) pre code"
DEMOS = (
    Demo(
        "taste-test", "taste-test/", "textarea", ("R", "Enter"), ".tt-text", orders,
        streams=True, still=("taste-test #open-kitchen",), absent="taste-test #open-kitchen",
    ),
    Demo(
        "cook-in-this-tab", "cook-in-this-tab/", "textarea", ("R", "Enter"), ".tt-text", Table.ordered,
        first="li .tt-main", worker=True, rests="idle|ready",
        still=("cook-in-this-tab .fallback dd code",), absent=".tab-file",
    ),
    Demo(
        "toppings-bar", "toppings-bar/", ".bar-lesson .tt-main", ("Enter",), ".bar-training[data-state=done]",
        lambda table: len(table.counter.wishes),
        still=("#recorded",), absent="#recorded",
    ),
    Demo(
        "token-pot", "peek-into-the-pot/", ".pot-main", ("Enter",), ".token", orders,
        streams=True, still=("token-pot tbody tr",), absent=".token",
    ),
    Demo(
        "same-recipe", "same-recipe-twice/", ".pot-main", ("Enter",), ".recipe-dishes li", orders, 3,
        streams=True, still=("#recorded td code",), absent="#recorded td code",
    ),
    Demo(
        "bowl-receipt", "costs/", "input[type=range]", ("ArrowRight",), "bowl-receipt [data-part=said]",
        Table.ordered, python=True, figures="#receipt-requests", rests="idle|ready",
        still=("bowl-receipt table",),
    ),
    Demo(
        "bowl-fit", "your-kitchen/", "#fit-tokens", ("ArrowUp",), "bowl-fit [data-part=said]",
        Table.ordered, python=True, figures="#fit-tokens", rests="idle|ready", still=("bowl-fit table",),
    ),
    Demo(
        "bowl-choice", "which-bowl/", "input[name=tasks]", ("ArrowDown",), "[data-part=reasons] li",
        Table.ordered, python=True, rests="idle|ready",
        still=("bowl-choice > details > summary", "#ask-words > summary", "#ask-words dd"),
    ),
    Demo(
        "code-cell", COST, ".cell-line button", ("Enter",), "code-cell samp",
        Table.ordered, python=True, keeps=True, rests="idle|ready", still=("code-cell samp",),
    ),
    Demo(
        "comic-studio", "comic-studio/", "[data-code={code}] textarea", ("Backspace",),
        "[data-code={code}] .studio-picture > svg", Table.ordered, python=True,
        still=(".studio-fallback summary", ".studio-fallback a[download]"),
    ),
    Demo(
        "word-path", "your-words/", "word-path input[type=text]", ("End", "?"), BODY,
        lambda table: table.count(f"document.querySelector('{BODY}').textContent.length"),
        still=("word-path article",),
    ),
    Demo(
        "bowl-quiz", "myths/", ".quiz-guess:has(.quiz-told:empty) button", ("Enter",), ".quiz-told",
        lambda table: table.count("document.querySelectorAll('.quiz-told:not(:empty)').length"),
        within="#quiz", still=("details.claim summary", "details.claim .verdict"),
    ),
)  # fmt: skip
