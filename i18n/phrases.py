"""Japanese may break between phrases, not inside them: `<wbr>` between BudouX phrases.

`<wbr>` and not a zero-width space, so that copying, searching and finding on the page see the bare text. The
style sheet sets `word-break: keep-all` where this is used. Other languages pass unchanged.
"""

import functools
import itertools
import re

import budoux

from i18n.languages import Language

# Tags, code, link targets, entities and attribute lists stay whole; only the text between them is broken.
WHOLE = re.compile(r"(<[^>]+>|`[^`]*`|\]\([^)]*\)|&\w+;|\*\*|\{:? ?#[^}]*\})")
HIRAGANA = re.compile(r"[ぁ-ん]")
# Words of our texts that BudouX takes apart: 味|見, 少し|ずつ, 独|自. Beginnings do for words that go on.
KEPT = re.compile(
    "味見|自分|持ち帰|記録|計算|舞台裏|自由奔放|結合中|ものがたり|まるごと|とびきり|ふたご|ふたり|ふた親|"
    "大よろこび|にこにこ|ぐつぐつ|これ見よがし|はしゃ|のせられ|ゆでた|どのくらい|はい、"
)
HEADING = re.compile(r"^(#{1,4} )(.+)$", re.MULTILINE)


@functools.cache
def _parser() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


def broken(text: str, language: Language) -> str:
    """The text with a `<wbr>` wherever a line may end."""
    if language.code != "ja":
        return text
    pieces = WHOLE.split(text)
    pieces[::2] = [" ".join(map(_phrases, piece.split(" "))) for piece in pieces[::2]]
    return "".join(pieces)


def _phrases(text: str) -> str:
    """BudouX phrases of a text without spaces, joined by `<wbr>`.

    Digits stay with what follows. A bracket holds on to the word before it and to the particle after it:
    Gemma（ジェンマ）と. Browsers break there all the same, so such a phrase is a box of its own.
    """
    phrases: list[str] = []
    for phrase in _parsed(text):
        before = phrases[-1][-1] if phrases else ""
        particle = before == "）" and HIRAGANA.match(phrase)
        if phrases and (phrase.startswith("（") or particle or before.isdigit()):
            phrases[-1] += phrase
        else:
            phrases.append(phrase)
    return "<wbr>".join(f'<span class="whole">{each}</span>' if "（" in each else each for each in phrases)


def _parsed(text: str) -> list[str]:
    """BudouX phrases, without breaks inside the words that are kept."""
    ends = itertools.accumulate(map(len, _parser().parse(text)))
    words = [found.span() for found in KEPT.finditer(text)]
    spots = [end for end in ends if not any(start < end < stop for start, stop in words)]
    return [text[start:end] for start, end in itertools.pairwise([0, *spots])]


def headings(markdown: str, language: Language) -> str:
    """A Markdown page with its headings broken."""
    return HEADING.sub(lambda found: found[1] + broken(found[2], language), markdown)
