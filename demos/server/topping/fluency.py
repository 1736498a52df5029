"""Whether an answer reads as something that a person would write, as far as a program can tell.

Not whether it is true, and not whether it is well put: whether it is in the language of the question and in
no other script, ends as a sentence ends, and says nothing twice. Knows texts alone.
"""

import re
import unicodedata

OWN = {"en": {"LATIN"}, "ko": {"HANGUL"}, "ja": {"HIRAGANA"}}
"""Scripts that an answer in a language cannot do without."""
BESIDE = {"en": set(), "ko": {"LATIN"}, "ja": {"KATAKANA", "KATAKANA-HIRAGANA", "CJK", "LATIN"}}
"""Scripts that may stand in it, too."""
ENDS = (".", "!", "?", "。", "！", "？")
CLOSING = "\"'”’)」』）"
AGAIN = re.compile(r"(.{6,})\s*\1", re.DOTALL)
SENTENCES = re.compile(r"(?<=[.!?。！？])\s*")


def fluent(answer: str, language: str) -> bool:
    """Whether an answer is whole sentences in a language, each once.

    Args:
        answer: the text.
        language: "en", "ko" or "ja".
    """
    scripts = {
        unicodedata.name(character, "NAMELESS").split()[0]
        for character in answer
        if unicodedata.category(character).startswith("L")
    }
    sentences = [each for each in SENTENCES.split(answer) if each]
    return (
        OWN[language] <= scripts <= OWN[language] | BESIDE[language]
        and answer.rstrip(CLOSING + " \n").endswith(ENDS)
        and not AGAIN.search(answer)
        and len(set(sentences)) == len(sentences)
    )
