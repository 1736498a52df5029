"""What axe-core finds on a page, one readable line for each element."""

import pathlib
from collections.abc import Sequence

from playwright.sync_api import Page

SCRIPT = pathlib.Path("node_modules/axe-core/axe.min.js").read_text("utf-8")


COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that look at colours: all that another light can break, at half the time."""


def findings(page: Page, rules: Sequence[str] = ()) -> str:
    """Run axe on the page as it is now, all its rules or some; "" when it is clean."""
    page.evaluate(SCRIPT)
    only = {"runOnly": list(rules)} if rules else {}
    found = page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"], **only})
    return "\n".join(
        f"{violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    )
