"""The head of the prison takes last month's report away: list, report, PDF."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from portal.domain.actor import Role
from portal.kernel.facility import Facility
from tests.conftest import Client, make_actor
from tests.reports.conftest import done, first_morning, room

__all__ = ["done", "first_morning", "room"]

pytestmark = pytest.mark.browser
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
TAPS, SECONDS, PAGE_BYTES = 2, 10, 50_000


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """Serve the portal on a port of this machine; one request after the other."""
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(params=[(360, 740), (1280, 800)], ids=["phone", "desktop"])
def head(
    request: pytest.FixtureRequest, served: str, client: Client, prison: Facility
) -> Iterator[Page]:
    """Return a page of the head's browser, on a phone and on a desktop."""
    found = os.environ.get("PORTAL_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium: set PORTAL_CHROMIUM")
    person = make_actor(Role.PRISON_HEAD, at=prison)
    client.signed_in(person)
    width, height = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--disable-gpu", *["--no-sandbox"] * (os.geteuid() == 0)]
        )
        context = browser.new_context(
            base_url=served,
            locale="id-ID",
            viewport={"width": width, "height": height},
            extra_http_headers={"X-Test-Person": str(person.id)},
        )
        yield context.new_page()
        browser.close()


def test_the_head_has_the_pdf_in_two_taps(head: Page, done: int, tmp_path: Path) -> None:
    head.goto("/reports")
    begun = time.monotonic()

    head.locator(f"a[href='/reports/{done}']").click()
    assert "Oktober 2026" in head.title()
    assert len(head.content()) < PAGE_BYTES
    with head.expect_download() as download:
        head.locator(f"a[href='/reports/{done}/pdf']").click()

    assert time.monotonic() - begun < SECONDS
    assert download.value.suggested_filename == "laporan-2026-10-muara-contoh.pdf"
    download.value.save_as(tmp_path / "report.pdf")
    with pikepdf.open(tmp_path / "report.pdf") as pdf:
        assert str(pdf.Root.Lang) == "id-ID"


def test_the_report_fits_the_screen_and_helps_everybody(head: Page, done: int) -> None:
    head.goto(f"/reports/{done}")

    assert head.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    result = Axe().run(head)
    assert not result.violations_count, result.generate_report()
    head.locator("details.how summary").first.click()
    assert head.locator("details.how[open]").count() == 1
