"""The languages of the site. English is the source; adding one is an entry here, a catalog and its fonts."""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Language:
    """A language of the site.

    `code` is the HTML `lang` and the folder of the catalog, `name` is what its speakers call it,
    `english` names it in messages to developers, `locale` is Babel's name for its number and date
    formats, and `prefix` is its folder under the site's root ("" or ending in "/").
    """

    code: str
    name: str
    english: str
    locale: str
    prefix: str


LANGUAGES: tuple[Language, ...] = (
    Language("en", "English", "English", "en_US", ""),
    Language("ko", "한국어", "Korean", "ko_KR", "ko/"),
    Language("ja", "日本語", "Japanese", "ja_JP", "ja/"),
)
LANGUAGE: Mapping[str, Language] = {language.code: language for language in LANGUAGES}
SOURCE: Language = LANGUAGES[0]
TRANSLATED: tuple[Language, ...] = LANGUAGES[1:]
