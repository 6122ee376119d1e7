"""A release: written by one, approved by another, read by a journalist without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from portal.kernel import clock
from tests.browser.steps import (
    DESK,
    PHONE,
    check_errors,
    check_keyboard,
    check_page,
    check_sizes,
    enter_as,
    leave,
    words,
)

pytestmark = pytest.mark.browser
TITLE = "Perpustakaan Lapas dibuka setiap hari"
BODY = "Perpustakaan dibuka **setiap hari**.\n\n- 1.200 buku\n- 40 kursi"
CONTACT = "Humas (contoh), 0811-0000-0000, setiap hari 07.00–21.00 WIB"
MOST_BYTES = 50_000


def test_a_release_goes_from_the_writer_over_a_second_person_to_a_journalist(
    page: Page, axe: Callable[[], None], without_javascript: Page
) -> None:
    number = _write(page, axe)
    leave(page)
    enter_as(page, "Head of prison")
    _state_contact(page)
    _approve(page, axe, number)

    _read(without_javascript)


def test_the_public_pages_serve_everyone(page: Page, axe: Callable[[], None]) -> None:
    page.goto("/")
    home = page.url
    for link in (None, "Archive", "Facts and figures", "Corrections"):
        if link:
            page.goto(home)
            page.get_by_role("link", name=words(link), exact=True).first.click()
        check_page(page)
        axe()
        check_sizes(page)
        check_keyboard(page)


def _write(page: Page, axe: Callable[[], None]) -> str:
    """Write a text, see it as readers would, keep it and submit it; return its number."""
    enter_as(page, "Press editor")
    page.goto("/newsroom")
    axe()
    page.get_by_role("link", name=words("Write a text")).click()
    check_page(page)
    page.get_by_role("button", name=words("Save the draft")).click()
    check_errors(page)
    page.get_by_label(words("Title")).fill(TITLE)
    page.get_by_label(words("Summary")).fill("Perpustakaan dibuka setiap hari, 1.200 buku.")
    page.get_by_label(words("Text"), exact=True).fill(BODY)
    page.get_by_role("button", name=words("See a preview")).click()
    expect(page.locator("article strong")).to_have_text("setiap hari")
    page.get_by_role("button", name=words("Save the draft")).click()
    axe()
    page.get_by_role("button", name=words("Submit for approval")).click()
    expect(page.get_by_role("link", name=words("Read and decide"))).to_have_count(0)
    return page.url.rsplit("/", 1)[1]


def _state_contact(page: Page) -> None:
    page.goto("/register/facts/contact.press/new")
    page.locator("#value").fill(CONTACT)
    page.locator("#as_of").fill(clock.today("Asia/Jakarta").isoformat())
    page.locator("#source").fill("Humas")
    page.get_by_role("button", name=words("Save")).click()


def _approve(page: Page, axe: Callable[[], None], number: str) -> None:
    page.goto(f"/newsroom/{number}")
    page.get_by_role("link", name=words("Read and decide")).click()
    check_page(page)
    axe()
    check_sizes(page)
    page.get_by_role("button", name=words("Approve this text")).click()
    expect(page).to_have_url(f"/newsroom/{number}")


def _read(page: Page) -> None:
    """Find the contact at once, and the release in one tap, on a phone without scripts."""
    page.set_viewport_size(PHONE)
    sizes: list[int] = []
    kinds: set[str] = set()

    def weigh(answer: Response) -> None:
        sizes.append(len(answer.body()))
        kinds.add(answer.request.resource_type)

    page.on("response", weigh)
    page.goto("/")
    call = page.locator("aside a[href^='tel:']")
    expect(call).to_be_in_viewport()  # the contact is one tap away
    assert call.get_attribute("href") == "tel:+6281100000000"
    page.get_by_role("link", name=TITLE).click()
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("article li")).to_have_count(2)
    expect(page.locator("aside a[href^='tel:']")).to_be_in_viewport()
    assert max(sizes) <= MOST_BYTES
    assert kinds <= {"document", "other"}  # no sheet, no script; the icon a browser looks for
    page.set_viewport_size(DESK)
