"""The packet and the restaurant side by side: the real embedded Gemma, and the Gemini API's stand-in."""

import json
import pathlib
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from demos.server.distant.hosted import Usage, usd
from i18n.languages import LANGUAGE, LANGUAGES
from scripts import restaurant as menu
from tests.server import gemini_api
from tests.server.gemini_api import HANG, Script, chunk, event, ramen, usage
from tests.server.restaurant import SECRET
from tests.site import axe
from tests.site.conftest import Complaints
from tests.site.house import ANSWER_MS, BOOK, DAY, MODELS, Guest, House, opened_house

pytestmark = pytest.mark.timeout(600)  # the first start on a machine converts the model before it answers
HYDROGEN, GEMMA = MODELS
every_language = pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
RATES = {"KRW": BOOK.value("exchange_krw").value, "JPY": BOOK.value("exchange_jpy").value}


@pytest.fixture
def house(site: pathlib.Path, kitchen: str):
    with opened_house(site, kitchen, budget_usd=5) as found:
        yield found


def amounts(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*\.?\d*", text)]


@every_language
def test_nothing_leaves_before_a_yes_and_then_both_bowls_fill(page: Page, house: House, code: str) -> None:
    guest = Guest(page, house.url, code)
    guest.asks()
    expect(guest.consent).to_be_visible()
    refused = guest.consent.locator("pre").inner_text()
    guest.says(yes=False)
    guest.sees(guest.packet, "done")
    guest.sees(guest.restaurant, "stopped")
    unsent = guest.restaurant.locator(".tt-answer details:has(.tt-letter)")
    assert unsent.get_attribute("open") is None
    unsent.locator("summary").click()
    expect(unsent.locator("pre")).to_have_text(refused)
    assert house.api.requests == []
    assert guest.figure(guest.table, "left").endswith(("0.", "0。"))

    house.api.play(ramen(usage(120_000, 9, 40_000)))
    guest.asks()
    expect(guest.consent.locator(".tt-terms")).to_contain_text("55")
    assert axe.findings(page) == ""
    shown = guest.consent.locator("pre").inner_text()
    address = guest.consent.locator(".tt-address").inner_text()
    guest.says(yes=True)
    for bowl in (guest.packet, guest.restaurant):
        guest.sees(bowl, "done")
    expect(unsent).to_be_hidden()
    (request,) = house.api.requests
    assert gemini_api.camel(json.loads(shown)) == request.body
    assert address == f"POST https://{house.api.address.partition('//')[2]}{request.path}"
    size = int(request.headers["content-length"])
    assert amounts(guest.figure(guest.restaurant, "sent")) == [size]
    assert amounts(guest.figure(guest.packet, "sent")) == [0]
    expect(guest.table.locator("[data-figure=left]")).to_contain_text(f"{size:,}")  # asked for afterwards
    expect(guest.restaurant.locator(".tt-text")).to_have_text("라면은 국물이에요. 🍜")
    guest.restaurant.locator(".tt-thought summary").click()
    expect(guest.restaurant.locator(".tt-musing")).to_have_text("Noodles.")
    assert amounts(guest.figure(guest.restaurant, "in")) == [120_000]
    assert amounts(guest.figure(guest.restaurant, "out")) == [40_009, 40_000]
    price = HYDROGEN.price(DAY)
    assert price is not None
    cost = usd(Usage(120_000, 9, 40_000), price)
    for name, times in (("cost", 1), ("thousand", 1000)):
        dollars, won, yen = amounts(guest.figure(guest.restaurant, name))
        assert dollars == pytest.approx(cost * times, abs=0.005)
        assert won == pytest.approx(cost * times * RATES["KRW"], abs=0.5)
        assert yen == pytest.approx(cost * times * RATES["JPY"], abs=0.5)
    assert amounts(guest.figure(guest.packet, "cost")) == [0, 0, 0]
    expect(guest.table.locator(".tt-verdict")).to_contain_text("0.48")
    assert str(BOOK.sources["exchange"].date.year) in guest.table.locator(".tt-verdict + p").inner_text()
    expect(guest.table.locator("[data-figure=purse]")).not_to_be_empty()
    assert axe.findings(page) == ""

    guest.asks()  # once a session is enough
    guest.sees(guest.restaurant, "done")
    expect(guest.table).to_have_attribute("data-state", "ready", timeout=ANSWER_MS)
    assert len(house.api.requests) == 2


@pytest.mark.parametrize(
    ("code", "stop", "again"),
    [("en", "Stop", "Once more"), ("ko", "멈추기", "한 번 더"), ("ja", "止める", "もう一度聞く")],
)
def test_stop_keeps_both_texts_and_one_bowl_can_be_cooked_again(
    page: Page, house: House, code: str, stop: str, again: str
) -> None:
    house.api.play(Script([event(chunk("Half a ", counts=usage(7, 3))), HANG]))
    guest = Guest(page, house.url, code)
    guest.asks("List all the numbers from 1 to 500, separated by commas.", tokens=512)
    guest.says(yes=True)
    expect(guest.restaurant.locator(".tt-text")).to_have_text("Half a")
    expect(guest.packet.locator(".tt-text")).not_to_be_empty(timeout=ANSWER_MS)
    guest.table.get_by_role("button", name=stop, exact=True).click()
    for bowl in (guest.packet, guest.restaurant):
        guest.sees(bowl, "stopped")
        expect(bowl.locator(".tt-text")).not_to_be_empty()
    assert house.api.left.wait(5), "the request to the API was not closed"
    written = guest.packet.locator(".tt-text").inner_text()
    guest.restaurant.get_by_role("button", name=again, exact=True).click()
    guest.sees(guest.restaurant, "done")
    expect(guest.restaurant.locator(".tt-text")).to_have_text("라면은 국물이에요. 🍜")
    assert house.api.requests[0].body == house.api.requests[1].body
    assert guest.packet.locator(".tt-text").inner_text() == written


def test_what_goes_wrong_at_the_restaurant_stays_there_and_the_key_shows_nowhere(
    page: Page, house: House, complaints: Complaints
) -> None:
    complaints.expected = ("400", "401", "403", "429", "502", "503")
    seen: list[str] = []
    page.on("response", lambda response: seen.append(f"{response.url} {response.headers}"))
    guest = Guest(page, house.url)
    alert = guest.restaurant.get_by_role("alert")

    house.api.key = "the key was revoked meanwhile"
    guest.asks("What is ramen?")
    guest.says(yes=True)
    expect(alert).to_have_text(
        "Google does not accept the API key. Make a new one in AI Studio and start the server again."
    )
    guest.sees(guest.packet, "done")
    house.api.key = SECRET
    house.api.play(gemini_api.quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"))
    guest.restaurant.get_by_role("button", name="Retry").click()
    expect(alert).to_contain_text("has used up its requests to this model")
    house.api.play(Script([event(chunk("Half", counts=usage(7, 1))), gemini_api.CUT]))
    guest.restaurant.get_by_role("button", name="Retry").click()
    expect(alert).to_contain_text("The connection broke in the middle of the answer.")
    expect(guest.restaurant.locator(".tt-text")).to_have_text("Half")
    guest.restaurant.get_by_role("button", name="Retry").click()
    guest.sees(guest.restaurant, "done")
    told = [page.request.get(f"{house.url}{path}").text() for path in ("/api/restaurant", "/metrics")]
    assert [text for text in [*seen, *told, page.content()] if SECRET in text] == []


def test_a_spent_budget_stops_the_restaurant_before_it_is_asked(
    page: Page, site: pathlib.Path, kitchen: str, complaints: Complaints
) -> None:
    complaints.expected = ("402",)
    with opened_house(site, kitchen, budget_usd=0) as house:
        guest = Guest(page, house.url)
        guest.asks()
        guest.says(yes=True)
        expect(guest.restaurant.get_by_role("alert")).to_contain_text("does not fit into what the server may")
        guest.sees(guest.packet, "done")
        assert house.api.requests == []
        expect(guest.table.locator("[data-figure=purse]")).to_have_text(
            "The server may still spend $0.00 of $0.00 on the restaurant."
        )


@every_language
def test_without_a_key_the_door_shows_the_letter_and_the_packet_answers(
    page: Page, site: pathlib.Path, kitchen: str, code: str
) -> None:
    models = menu.menu(BOOK, BOOK.models.checked)[:1]
    with opened_house(site, kitchen, key=False, models=models) as house:
        page.goto(f"{house.url}/{LANGUAGE[code].prefix}your-words/")
        line, _, told = page.locator("[data-way=restaurant] pre").text_content().strip().partition("\n")
        guest = Guest(page, house.url, code)
        sign = guest.restaurant.locator(".tt-sign")
        expect(sign).to_contain_text("GEMINI_API_KEY=... make serve")
        guest.table.locator("textarea").first.fill("What is miso?")
        sign.locator("summary").click()
        expect(sign.locator("pre")).to_contain_text("What is miso?")
        written = json.loads(sign.locator("pre").inner_text())
        address = sign.locator(".tt-address").inner_text()
        # The page about words shows the very letter, with a question of its own.
        path, asked = line.removeprefix("POST "), json.loads(told.partition("\n\n")[2])
        assert address == f"POST https://generativelanguage.googleapis.com{path}"
        asked["contents"][0]["parts"][0]["text"] = "What is miso?"
        assert written == asked
        guest.asks("What is ramen?")
        guest.sees(guest.packet, "done")
        expect(sign.locator("pre")).to_contain_text("What is ramen?")
        expect(guest.restaurant.locator(".tt-answer")).to_have_count(0)
        assert guest.figure(guest.table, "left").endswith(("0.", "0。"))


def test_pictures_turns_rules_and_thinking_go_along_and_all_of_it_can_be_kept(  # noqa: PLR0915
    page: Page, house: House, tmp_path: pathlib.Path
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    photo = tmp_path / "bowl.png"
    Image.new("RGB", (2000, 1000), "orange").save(photo)
    setup = "prompt=What+is+it%3F&system=Be+brief.&seed=7&who=restaurant&thinking=high"
    link = f"#taste?{setup}&restaurant={GEMMA.id}"
    guest = Guest(page, house.url, fragment=link)
    page.locator("input[type=file]").set_input_files(photo)
    expect(guest.table.locator(".tt-thumb")).to_be_visible()
    guest.table.locator(".tt-main").first.click()
    expect(guest.consent).to_contain_text("has no paid tier")
    expect(guest.consent.locator("pre")).to_contain_text("your picture")
    guest.says(yes=True)
    guest.sees(guest.restaurant, "done")
    (first,) = house.api.requests
    assert (first.model, first.version) == (GEMMA.id, "v1beta")
    assert first.body["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    picture, words = first.body["contents"][0]["parts"]
    assert picture["inlineData"]["mimeType"] == "image/jpeg"
    assert words == {"text": "What is it?"}
    assert first.body["generationConfig"]["seed"] == 7
    assert first.body["generationConfig"]["thinkingConfig"]["thinkingLevel"] == "HIGH"
    assert amounts(guest.figure(guest.restaurant, "cost")) == [0, 0, 0]
    expect(guest.packet.locator(".tt-answer")).to_have_attribute("data-state", "resting")

    guest.table.get_by_role("button", name="Without the picture").click()
    guest.table.get_by_label("Go on with the conversation").check()
    guest.asks("And then?")
    guest.says(yes=True)  # these words go without a picture, which was not asked before
    expect(guest.restaurant.locator(".tt-status").last).to_contain_text("complete")
    expect(guest.restaurant.locator("details").filter(has_text="Said before")).to_be_visible()
    roles = [turn["role"] for turn in house.api.requests[-1].body["contents"]]
    assert roles == ["user", "model", "user"]

    guest.table.get_by_role("button", name="Change it and ask again").click()
    guest.asks("And before that?")
    expect(guest.table).to_have_attribute("data-state", "ready")
    turns = [turn["parts"][-1]["text"] for turn in house.api.requests[-1].body["contents"]]
    assert [turns[0], turns[-1], len(turns)] == ["What is it?", "And before that?", 3]
    assert page.evaluate("document.documentElement.scrollWidth") == 360

    guest.table.get_by_label("Seed").evaluate("box => box.value = 8")  # written, and not asked
    kept = guest.keeps("Markdown").read_text("utf-8")
    for words in (
        "> And before that?",
        GEMMA.name,
        "라면은 국물이에요. 🍜",
        "- Seed: 7",
        "- House rules: Be brief.",
    ):
        assert words in kept
    assert "Seed: 8" not in kept

    guest.table.get_by_label("The packet alone").check()
    guest.table.get_by_label("Go on with the conversation").uncheck()
    guest.table.get_by_label("Thinking").evaluate("box => box.value = ''")  # the packet cannot
    guest.asks("What is miso?")
    guest.sees(guest.packet, "done")
    expect(guest.restaurant.locator(".tt-older")).to_have_text(
        "Not asked this time. It answered: And before that?"
    )
    expect(guest.packet.locator(".tt-older")).to_be_hidden()
    head, packet, restaurant = guest.keeps("Markdown").read_text("utf-8").split("\n## ")
    assert "miso" not in head
    assert re.findall("^> .+|^- Seed.+", packet, re.MULTILINE) == ["> What is miso?", "- Seed: 8"]
    assert re.findall("^> .+|^- Seed.+", restaurant, re.MULTILINE) == ["> And before that?", "- Seed: 7"]
    with Image.open(guest.keeps("a picture")) as card:
        assert (card.format, card.width) == ("PNG", 1200)
        assert card.convert("RGB").getextrema() != ((255, 255), (248, 248), (236, 236))
