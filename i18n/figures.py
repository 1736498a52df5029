"""Numbers in a text: those that a translation has to keep, and those that it may write for a word.

English says "a million tokens" or "half a minute" where Korean and Japanese readers expect 100만 and 30秒, so
a number that the English spells out may stand in digits; any other that comes or goes is a mistake.
"""

import re
import unicodedata

from i18n import prose

NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*")
WORD = re.compile(r"[A-Za-z]+")
UNITS = WORD.findall(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
TENS = WORD.findall("twenty thirty forty fifty sixty seventy eighty ninety")
MONTHS = WORD.findall("January February March April May June July August September October November December")
SPELLED: dict[str, set[int]] = {
    **{word: {number} for number, word in enumerate(UNITS, 1)},
    **{word: {10 * number} for number, word in enumerate(TENS, 2)},
    **{word: {number} for number, word in enumerate(MONTHS, 1)},
    **{key: {1} for key in ["a", "an", "per", "each", "every", "single", "once", "first"]},
    **{key: {2} for key in ["second", "twice", "both", "pair"]},
    "zero": {0},
    "third": {3},
    "dozen": {12},
    "half": {2, 6, 30},
    "quarter": {3, 4, 15},
}
# A million is 100 times ten thousand, the step in which Korean and Japanese count.
FACTORS = {"hundred": 100, "thousand": 1000, "million": 100, "billion": 10}


def numbers(text: str) -> set[str]:
    """The numbers that a reader sees, in plain digits: "1,048,576" and "１０４８５７６" are the same."""
    plain = unicodedata.normalize("NFKC", prose.words(text))
    return {found.replace(",", "") for found in NUMBER.findall(plain)}


def spelled(text: str) -> set[str]:
    """The numbers that an English text says in words, as another language may write them."""
    found: set[int] = set()
    factors = {1}
    tens = 0
    for word in WORD.findall(prose.words(text)):
        values = SPELLED.get(word) or SPELLED.get(word.lower(), set())
        found |= values
        found |= {tens + value for value in values if tens}
        tens = min(values) if word.lower() in TENS else 0
        if (factor := FACTORS.get(word.lower().removesuffix("s"))) is not None:
            factors.add(factor)
            found.add(factor)
    return {str(value * factor) for value in found for factor in factors}


def same(source: str, target: str) -> bool:
    """Whether a translation has the numbers of the English, and no others that the English does not say."""
    wanted, found = numbers(source), numbers(target)
    return wanted <= found and found - wanted <= spelled(source)
