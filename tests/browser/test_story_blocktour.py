"""The officer in the block: few taps and speech on a phone, without JavaScript, and back again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.domain.actor import ROLE_NAMES, Role
from tests.browser.steps import check_errors, check_page, enter_as, leave, words

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 720}
MOST_TAPS = 10
SAID = "Air mati sejak tiga hari, kami minum dari ember mandi bersama semua orang di kamar ini."
WARNING = (
    "Complaints about officers go to the confidential channel."
    " After saving you cannot open it again."
)
NUMBER = re.compile(r"KEL-\w{4}-\w{4}")


class Thumb:
    """Taps, and counts them."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, *places: Locator) -> None:
        for place in places:
            place.click()
            self.taps += 1


def button(page: Page, text: str) -> Locator:
    return page.locator("main").get_by_role("button", name=words(text), exact=True).last


def choose(page: Page, group: str, answer: str) -> Locator:
    fieldset = page.get_by_role("group", name=words(group))
    return fieldset.get_by_text(words(answer), exact=True)


def tell(page: Page, category: str, thumb: Thumb) -> None:
    """Go from the home of the room to the check page, block C kept."""
    page.goto("/block-tours")
    thumb.tap(page.get_by_role("link", name=words("Record complaint")))
    if not page.locator("input[name=block]:checked").count():
        page.get_by_text("C", exact=True).click()  # once a shift
    page.locator("#cell").type("12")
    thumb.taps += 2
    thumb.tap(button(page, "Continue"))
    thumb.tap(page.locator(".tile").get_by_text(category, exact=True))
    page.locator("#words").fill(SAID)
    thumb.tap(
        choose(page, "Is anyone hurt, forced or in danger?", "No"),
        choose(page, "Are you safe tonight?", "Yes"),
        button(page, "Continue"),
    )


def number_on(page: Page) -> str:
    found = NUMBER.search(page.locator(".reference").inner_text())
    assert found
    return found[0]


def test_a_complaint_is_told_decided_and_its_answer_brought_back(
    without_javascript: Page,
) -> None:
    page, thumb = without_javascript, Thumb()
    page.set_viewport_size(PHONE)

    enter_as(page, ROLE_NAMES[Role.BLOCK_OFFICER])
    tell(page, "Air dan kamar", thumb)
    expect(page.locator("dl.pairs")).to_contain_text(SAID)
    thumb.tap(button(page, "Save"))
    number = number_on(page)
    check_page(page)
    assert thumb.taps <= MOST_TAPS

    sort_and_answer(page, number)
    leave(page)
    enter_as(page, ROLE_NAMES[Role.PRISON_HEAD])
    page.goto(f"/block-tours/cases/{number}/decision")
    button(page, "Decide like this").click()
    bring(page, number)

    expect(page.get_by_role("status")).to_contain_text(words("Noted: the answer has arrived."))


def sort_and_answer(page: Page, number: str) -> None:
    leave(page)
    enter_as(page, ROLE_NAMES[Role.TOUR_COORDINATOR])
    page.goto(f"/block-tours/cases/{number}/triage")
    page.locator("#kind").select_option("air_kamar/air_bersih")
    button(page, "Sort").click()
    page.get_by_role("link", name=words("Write answer")).click()
    page.get_by_text(words("Granted"), exact=True).click()
    page.locator("#sentence").fill("Air mengalir lagi mulai besok pagi.")
    button(page, "Check").click()
    button(page, "Send to be decided").click()


def bring(page: Page, number: str) -> None:
    leave(page)
    enter_as(page, ROLE_NAMES[Role.BLOCK_OFFICER])
    page.goto("/block-tours/answers")
    page.locator("main").get_by_role("link", name=number, exact=True).click()
    expect(page.locator("main")).to_contain_text("Air mengalir lagi")
    page.get_by_text(words("Met, answer read aloud"), exact=True).click()
    page.get_by_text(words("Yes, said it in own words"), exact=True).click()
    page.get_by_text(words("Thumb print"), exact=True).click()
    button(page, "Save").click()


def test_a_complaint_about_an_officer_closes_itself(without_javascript: Page) -> None:
    page = without_javascript
    page.set_viewport_size(PHONE)

    enter_as(page, ROLE_NAMES[Role.BLOCK_OFFICER])
    tell(page, "Petugas", Thumb())
    expect(page.locator(".notice")).to_contain_text(words(WARNING))
    button(page, "Continue").click()
    button(page, "Save").click()
    number = number_on(page)

    answer = page.goto(f"/block-tours/answers/{number}")
    assert answer is not None
    assert answer.status == 404
    leave(page)
    enter_as(page, ROLE_NAMES[Role.COMPLAINTS_CUSTODIAN])
    page.goto(f"/block-tours/cases/{number}")
    expect(page.locator("main")).to_contain_text(SAID)


def test_a_look_over_the_shoulder_costs_no_word(page: Page) -> None:
    page.set_viewport_size(PHONE)
    enter_as(page, ROLE_NAMES[Role.BLOCK_OFFICER])
    tell(page, "Makanan", Thumb())

    button(page, "Hide").click()
    assert SAID not in page.locator("body").inner_text()
    button(page, "Back").click()

    expect(page.locator("dl.pairs")).to_contain_text(SAID)


def test_a_wrong_room_is_said_in_words_and_nothing_typed_is_lost(page: Page) -> None:
    page.set_viewport_size(PHONE)
    enter_as(page, ROLE_NAMES[Role.BLOCK_OFFICER])
    page.goto("/block-tours/capture")
    hints = page.locator("p.hint[id]").count()
    page.get_by_text("C", exact=True).click()
    page.locator("#cell").fill("77")
    page.locator("#who").fill("Jaya Meranti")

    button(page, "Continue").click()

    said = words("Block %(block)s has rooms %(first)d to %(last)d.")
    rooms = {"block": "C", "first": 1, "last": 24}
    expect(page.locator("#cell-error")).to_contain_text(said % rooms)
    check_errors(page, typed={"cell": "77", "who": "Jaya Meranti"}, hints=hints)
