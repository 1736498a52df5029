"""The model's text in the page: Markdown while it grows, whole characters, and nothing that acts."""

import pytest
from playwright.sync_api import Page, expect

from tests.site.loopback import FakeKitchen
from tests.site.visitor import asked, opened


def test_network_chunks_may_end_inside_a_character(page: Page, fake_kitchen: FakeKitchen) -> None:
    fake_kitchen.streams("라면은 ", "맛있어요 🍜 ", "ラーメンは美味しい", step=5)
    element = opened(page, fake_kitchen.url)
    asked(element)
    expect(element.locator(".tt-text")).to_have_text("라면은 맛있어요 🍜 ラーメンは美味しい")


HOSTILE = (
    "<img src=https://evil.example/a.png onerror=alert(1)>\n\n",
    "<script>fetch('https://evil.example/b')</script>\n\n",
    "![picture](https://evil.example/c.png) <iframe src=https://evil.example/d></iframe>\n\n",
    "[press](javascript:alert(1)) [data](data:text/html,x) [site](https://evil.example/e)\n\n",
    "# Not the page's heading\n\n",
    "<style>body{display:none}</style><b id=form style='background:url(//evil.example/f)'>x\n\n",
    "<svg onload=alert(1)><use href='https://evil.example/g#x'></svg>",
)


def test_hostile_model_text_is_only_text(page: Page, fake_kitchen: FakeKitchen) -> None:
    fake_kitchen.streams(*HOSTILE)
    page.on("dialog", lambda dialog: pytest.fail(f"model text opened a dialog: {dialog.message}"))
    element = opened(page, fake_kitchen.url)
    before = page.locator("h1").count()
    asked(element)
    expect(element.get_by_text("Answer complete.")).to_be_visible()
    answer = element.locator(".tt-text")
    expect(answer).to_contain_text("<script>fetch('https://evil.example/b')</script>")
    inside = answer.evaluate(
        """node => [...node.querySelectorAll("*")].map(
          n => [n.localName, ...[...n.attributes].map(a => `${a.name}=${a.value}`)].join(" "))"""
    )
    link = "a href=https://evil.example/e target=_blank rel=noopener noreferrer nofollow"
    assert set(inside) == {"p", "strong", link}
    assert page.locator("h1").count() == before
    page.wait_for_timeout(300)  # a request would be on its way by now; the page fixture looks


def test_code_is_coloured_when_the_answer_is_complete_and_stays_text(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    code = "def cook(n):\n    return '<img src=x onerror=alert(1)>' * n"
    fake_kitchen.streams(f"```python\n{code}\n```\n\n```nonsense\nfor x in y\n```")
    page.on("dialog", lambda dialog: pytest.fail(f"model text opened a dialog: {dialog.message}"))
    element = opened(page, fake_kitchen.url)
    asked(element)
    expect(element.locator(".hljs-keyword").first).to_have_text("def")
    python, nonsense = element.locator("pre > code").all()
    expect(python).to_have_text(code)
    assert set(python.evaluate("node => [...node.querySelectorAll('*')].map(n => n.localName)")) == {"span"}
    assert nonsense.evaluate("node => node.children.length") == 0


MARKDOWN = """Intro *one* **two** `three`

1. first
2. second

   still second

- a
- b

> quoted
lazily

| a | b |
|---|---|
| 1 | 2 |

```js
let x = 1;

let y = 2;
```

Setext
======

last <b>raw</b> & text
"""


def test_text_nested_deeper_than_the_parser_goes_is_shown_as_it_is(
    page: Page, fake_kitchen: FakeKitchen
) -> None:
    nested = ">" * 20_000 + " deep"
    fake_kitchen.streams(nested)
    element = opened(page, fake_kitchen.url)
    asked(element)
    expect(element.get_by_text("Answer complete.")).to_be_visible()
    expect(element.locator(".tt-text")).to_have_text(nested)


def test_growing_markdown_ends_as_the_same_html_as_all_at_once(page: Page, fake_kitchen: FakeKitchen) -> None:
    opened(page, fake_kitchen.url)
    grown, whole = page.evaluate(
        """async (text) => {
          const module = new URL("../assets/demos/page/markdown.js", document.baseURI);
          const { MarkdownStream } = await import(module.href);
          const [grown, whole] = [document.createElement("div"), document.createElement("div")];
          const stream = new MarkdownStream(grown);
          for (const character of text) { stream.push(character); stream.end(); }
          const once = new MarkdownStream(whole);
          once.push(text); once.end();
          return [grown.innerHTML, whole.innerHTML].map((html) => html.replace(/\\n+/g, "\\n"));
        }""",
        MARKDOWN,
    )
    assert grown == whole
    assert "<table>" in whole
    assert "<ol>" in whole


def test_a_long_answer_repaints_only_its_last_block(page: Page, fake_kitchen: FakeKitchen) -> None:
    fake_kitchen.streams("First block.\n\n", *("word " for _ in range(60)), delay=0.01)
    element = opened(page, fake_kitchen.url)
    asked(element)
    expect(element.locator(".tt-text p")).to_have_count(2)
    first = element.locator(".tt-text p").first.element_handle()
    expect(element.get_by_text("Answer complete.")).to_be_visible()
    assert first.evaluate("node => node.isConnected"), "the settled block was drawn again"
