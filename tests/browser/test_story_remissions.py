"""Case staff ask why a date is what it is; the registrar takes an export over."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.remissions.rules import sample
from tests.browser.steps import (
    PHONE,
    check_errors,
    check_keyboard,
    check_page,
    check_sizes,
    enter_as,
    words,
)

pytestmark = pytest.mark.browser
PERSON_BYTES = 40_000


def sound(page: Page, axe: Callable[[], None]) -> None:
    """Look at a page as everyone meets it."""
    check_page(page)
    axe()
    check_keyboard(page)
    check_sizes(page)


def test_the_why_of_a_date_is_three_taps_away_on_a_phone(page: Page) -> None:
    enter_as(page, "Case worker")
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    page.goto("/remissions")
    expect(page.locator("tbody .status.negative").first).to_be_visible()

    page.locator(".cards a").first.click()
    page.locator("tbody a").first.click()
    page.locator("details.how summary").first.click()

    expect(page.locator("details.how[open] ol > li").first).to_be_visible()
    expect(page.get_by_text(words("This is a calculation, not a decision."))).to_be_visible()
    assert len(gzip.compress(page.content().encode())) < PERSON_BYTES


def test_list_person_and_calculator_serve_everyone(page: Page, axe: Callable[[], None]) -> None:
    enter_as(page, "Case worker")
    page.goto("/remissions")
    sound(page, axe)

    page.locator("tbody a").first.click()
    page.locator("details.how summary").first.click()
    sound(page, axe)

    page.goto("/remissions/calculator")
    hints = page.locator("p.hint[id]").count()
    page.locator("[name=years]").fill("empat")
    page.get_by_role("button", name=words("Calculate"), exact=True).click()
    check_errors(page, typed={"years": "empat"}, hints=hints)
    for at, part in enumerate(("20", "2", "2023")):
        page.locator(f"#start_date-{at}").fill(part)
    page.locator("[name=years]").fill("4")
    page.get_by_role("button", name=words("Calculate"), exact=True).click()
    expect(page.get_by_text("20 Februari 2027").first).to_be_visible()
    sound(page, axe)


def test_the_registrar_takes_an_export_over_and_a_second_time_nothing_changes(
    page: Page, axe: Callable[[], None], tmp_path: Path
) -> None:
    file = tmp_path / "ekspor.csv"
    file.write_text(sample.CSV, encoding="utf-8")
    enter_as(page, "Registrar")

    for turn in ("first", "second"):
        page.goto("/remissions/imports")
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name=words("Check the file")).click()
        sound(page, axe)
        if turn == "second":
            says = words("0 changes: the portal holds all of this already.")
            expect(page.get_by_text(says)).to_be_visible()
        page.get_by_role("button", name=words("Take the file over")).click()
        expect(page.locator(".notice.positive").first).to_be_visible()
    sound(page, axe)
