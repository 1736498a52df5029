"""What a reader sees of a text: without tags, code, link targets, addresses, heading ids and placeholders.

The gate compares words and numbers only there; everything else is compared as it stands.
"""

import html
import re

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
# Code and addresses take a place in the sentence, which one character keeps; tags and the like take none.
THING = "\ufffc"
THINGS = re.compile(r"<(code|kbd|pre|script|style)\b.*?</\1>|``.+?``|`[^`]+`|https?://[^\s)<>]+", re.DOTALL)
MARKS = re.compile(r"</?[a-z][^>]*>|(?<=\])\([^)\s]*\)|\{:? ?[#.][^}]*\}")


def seen(text: str) -> str:
    """The text without all that is not prose; placeholders stay."""
    return html.unescape(MARKS.sub("", THINGS.sub(THING, text)))


def words(text: str) -> str:
    """The same without placeholders, and with one per cent sign for two."""
    return PLACEHOLDER.sub(THING, seen(text)).replace("%%", "%")
