"""The head of the prison takes last month's report away: list, report, PDF.

Nothing is prepared: the demo asked for the reports, and its own worker makes them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from portal.kernel.sheets import read_rows
from tests.browser.steps import (
    DESK,
    PHONE,
    check_keyboard,
    check_page,
    check_sizes,
    enter_as,
    words,
)

pytestmark = pytest.mark.browser
SECONDS, PAGE_BYTES, PDF_BYTES = 10, 50_000, 400_000
LONGEST_WAIT = 120_000  # ms until the worker has made the demo's two reports


@pytest.fixture
def listed(page: Page) -> Page:
    """Return the head's list once its reports are done; reload is all a reader needs."""
    enter_as(page, "Head of prison")
    done = page.locator("tbody .status.positive")

    def look() -> int:
        page.goto("/reports")
        return done.count()

    until = time.monotonic() + LONGEST_WAIT / 1000
    while look() < 2 and time.monotonic() < until:
        page.wait_for_timeout(2_000)
    expect(done).to_have_count(2)
    return page


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_the_head_has_the_pdf_in_two_taps(
    listed: Page, screen: dict[str, int], tmp_path: Path
) -> None:
    listed.set_viewport_size({"width": screen["width"], "height": screen["height"]})
    begun = time.monotonic()

    listed.locator("tbody a").first.click()
    expect(listed.locator(".cards .value")).to_have_count(6)
    assert len(listed.content()) < PAGE_BYTES
    with listed.expect_download() as download:
        listed.get_by_role("link", name=words("Download PDF")).click()

    assert time.monotonic() - begun < SECONDS
    assert download.value.suggested_filename.endswith("-muara-enim.pdf")
    download.value.save_as(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").stat().st_size < PDF_BYTES
    with pikepdf.open(tmp_path / "report.pdf") as pdf:
        assert str(pdf.Root.Lang) == "id-ID"
        assert "/StructTreeRoot" in pdf.Root


def test_the_workbook_holds_the_main_numbers_of_the_page(listed: Page, tmp_path: Path) -> None:
    listed.locator("tbody a").first.click()
    main = listed.locator(".cards .label").all_inner_texts()

    with listed.expect_download() as download:
        listed.get_by_role("link", name=words("Download Excel")).click()
    download.value.save_as(tmp_path / "report.xlsx")

    labels = {row[2] for row in read_rows((tmp_path / "report.xlsx").read_bytes(), 1)}
    assert set(main) <= labels


def test_list_and_report_serve_everyone(listed: Page, axe: Callable[[], None]) -> None:
    for step in ("list", "report"):
        if step == "report":
            listed.locator("tbody a").first.click()
            listed.locator("details.how summary").first.click()
            expect(listed.locator("details.how[open]")).to_have_count(1)
        check_page(listed)
        axe()
        check_sizes(listed)
        check_keyboard(listed)
