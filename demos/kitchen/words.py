"""Texts of the kitchen that a reader sees: marked here, translated by whoever shows them."""


def _(msgid: str) -> str:
    """Mark a text for the catalogs; returns it as it is."""
    return msgid


RANGE = _("%(low)s–%(high)s")
