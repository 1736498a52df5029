"""Words that the comics put on a page, marked for Babel's Python extractor."""


def _(msgid: str) -> str:
    """Mark a text for translation; it is translated where it is shown."""
    return msgid


TRANSCRIPT = _("Read the strip as text")
PANEL = _("Panel %(number)s")
THINKING = _("%(speaker)s (thinking)")
