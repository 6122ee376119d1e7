"""Makes the pictures of the README from a running demo: make pictures.

Without --url it starts a demo of its own.  The people are invented, and so are the figures.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from portal.domain.actor import ROLE_NAMES, Role
from tests.browser.conftest import FLAGS, chromium
from tests.browser.steps import enter_as
from tests.running import demo

FOLDER = Path(__file__).parent / "pictures"
SIZE = {"width": 1280, "height": 800}
COLOURS = 128  # enough for flat surfaces, a third of the bytes


def keep(page: Page, name: str) -> None:
    """Save what is on the screen, with few colours."""
    page.wait_for_load_state("networkidle")
    picture = Image.open(BytesIO(page.screenshot(animations="disabled", caret="hide")))
    FOLDER.mkdir(exist_ok=True)
    place = FOLDER / f"{name}.png"
    picture.convert("RGB").quantize(COLOURS).save(place, optimize=True)
    print(f"{place}: {place.stat().st_size // 1024} kB")


def take(page: Page) -> None:
    """Walk to each page and keep it."""
    page.goto("/")
    keep(page, "public-home")
    enter_as(page, ROLE_NAMES[Role.CASE_WORKER])
    page.goto("/remissions")
    page.locator("table a").nth(8).click()
    page.locator("details.how summary").nth(3).click()
    page.locator("details.how").nth(3).scroll_into_view_if_needed()
    keep(page, "person")
    kiosk(page)
    keep(page, "kiosk")


def kiosk(page: Page) -> None:
    """Enrol a tablet by the demo's one-time code, and stand at the first of the nine questions."""
    page.goto("/kiosk/")
    page.get_by_role("button", name="Daftarkan alat").click()
    page.get_by_label("Kode dari petugas survei").fill("DEMO-KIOS")
    page.get_by_label("Nama alat ini").fill("Tablet 2")
    page.get_by_role("button", name="Daftarkan alat").click()
    for name in ("Mulai", "Kunjungan"):
        page.get_by_role("button", name=name).first.click()
    page.locator(".answer").first.wait_for()


def main() -> None:
    """Take the pictures of the demo at --url, or of one started here."""
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--url", help="a demo that runs already, such as http://localhost:8000")
    url = words.parse_args().url
    with TemporaryDirectory(prefix="pic-", dir="/tmp") as name:
        Path(name).chmod(0o755)  # for `nobody`, whom PostgreSQL is when this runs as root
        with (
            nullcontext() if url else demo(Path(name) / "demo") as running,
            sync_playwright() as driver,
        ):
            browser = driver.chromium.launch(
                executable_path=chromium(), args=[*FLAGS, "--no-sandbox"]
            )
            page = browser.new_page(
                base_url=url or running.url,
                viewport=SIZE,
                locale="id-ID",
                timezone_id="Asia/Jakarta",
                color_scheme="light",
            )
            take(page)
            browser.close()


if __name__ == "__main__":
    main()
