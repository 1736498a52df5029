"""No page and no demo asks another host for anything, unless a button that says so is pressed.

The page fixture sees to that in every browser test; test_pages opens all that is folded away on every page,
test_every_demo uses every demo, both in each language. Here is that it would be seen.
"""

import pytest
from playwright.sync_api import Page

from tests.site.conftest import Complaints

ELSEWHERE = "http://localhost:1/seen.png"
IMAGE = f"() => {{ new Image().src = '{ELSEWHERE}' }}"
WORKER = f"() => {{ new Worker(URL.createObjectURL(new Blob([`fetch('{ELSEWHERE}')`]))) }}"


@pytest.mark.parametrize("script", [IMAGE, WORKER], ids=["page", "worker"])
def test_what_is_asked_of_another_host_is_a_complaint(
    page: Page, static_server: str, complaints: Complaints, script: str
) -> None:
    complaints.expected = (ELSEWHERE, "ERR_", "Failed to fetch", "Content Security Policy")
    page.goto(f"{static_server}/taste-test/")
    assert complaints.found == []
    with page.context.expect_event("request", lambda request: request.url == ELSEWHERE):
        page.evaluate(script)
    assert f"request to another origin: {ELSEWHERE}" in complaints.found
