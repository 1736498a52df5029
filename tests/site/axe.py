"""What axe-core finds on a page, one readable line for each element."""

import pathlib

from playwright.sync_api import Page

SCRIPT = pathlib.Path("node_modules/axe-core/axe.min.js").read_text("utf-8")


def findings(page: Page) -> str:
    """Run axe on the page as it is now; "" when it is clean."""
    page.evaluate(SCRIPT)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return "\n".join(
        f"{violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    )
