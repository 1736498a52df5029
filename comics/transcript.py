"""A strip in words: the accessible name of each panel, and the transcript as HTML and Markdown."""

import html
from collections.abc import Callable

from comics import words
from comics.cast import NAMES
from comics.strip import Bubble, Panel, Strip

Translate = Callable[[str], str]


def msgids(strip: Strip) -> list[str]:
    """Every text, in English, that the pictures and the transcript of a strip need, in reading order."""
    texts = [strip.title, words.TRANSCRIPT, words.PANEL]
    for panel in strip.panels:
        texts += [panel.direction, panel.alt]
        for bubble in panel.bubbles:
            texts.append(bubble.text)
            if bubble.speaker:
                texts.append(NAMES[bubble.speaker])
            if bubble.kind == "think":
                texts.append(words.THINKING)
    return list(dict.fromkeys(texts))


def line(bubble: Bubble, translate: Translate) -> tuple[str, str]:
    """Who speaks (empty for a caption) and what, as the bubble says it."""
    if bubble.speaker is None:
        return "", translate(bubble.text)
    name = translate(NAMES[bubble.speaker])
    if bubble.kind == "think":
        name = translate(words.THINKING) % {"speaker": name}
    return name, translate(bubble.text)


def _spoken(bubble: Bubble, translate: Translate) -> str:
    speaker, text = line(bubble, translate)
    return f"{speaker}: {text}" if speaker else text


def heading(number: int, translate: Translate) -> str:
    """The name of a panel: its number."""
    return translate(words.PANEL) % {"number": number}


def label(panel: Panel, number: int, translate: Translate) -> str:
    """What a screen reader says in place of the picture: what is seen, then what is said."""
    spoken = " ".join(_spoken(bubble, translate) for bubble in panel.bubbles)
    return f"{heading(number, translate)}. {translate(panel.alt)} {spoken}".strip()


def plain(strip: Strip, translate: Translate) -> str:
    """All panels as one text, for the description of a picture."""
    return " ".join(label(panel, number, translate) for number, panel in enumerate(strip.panels, 1))


def as_html(strip: Strip, translate: Translate) -> str:
    """The transcript as an ordered list, one item for each panel, without line breaks."""
    items = []
    for panel in strip.panels:
        said = ""
        for bubble in panel.bubbles:
            speaker, text = line(bubble, translate)
            name = f"<b>{html.escape(speaker)}:</b> " if speaker else ""
            said += f"<p>{name}{html.escape(text)}</p>"
        items.append(f"<li><p><i>{html.escape(translate(panel.direction))}</i></p>{said}</li>")
    return f"<ol>{''.join(items)}</ol>"


def as_markdown(strip: Strip, translate: Translate) -> str:
    """The transcript as Markdown, to be published beside the pictures."""
    parts = [f"# {translate(strip.title)}"]
    for number, panel in enumerate(strip.panels, 1):
        parts += [f"## {heading(number, translate)}", f"*{translate(panel.direction)}*"]
        for bubble in panel.bubbles:
            speaker, text = line(bubble, translate)
            parts.append(f"**{speaker}:** {text}" if speaker else text)
    return "\n\n".join(parts) + "\n"
