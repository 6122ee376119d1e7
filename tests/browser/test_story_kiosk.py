"""A visitor at the tablet: fourteen taps, also without network, and nothing left behind."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, Route, ViewportSize, expect
from werkzeug.serving import make_server

from portal.app import create_app
from portal.domain.actor import Actor
from portal.kernel.db import db
from portal.kernel.facility import everywhere, within
from portal.kernel.limits import limiter
from portal.settings import Settings
from portal.survey.models import Delivery, Response
from portal.survey.rules.questionnaire import asked_by
from portal.survey.services import devices
from tests.conftest import make_database, make_facility

pytestmark = pytest.mark.browser
TABLET: ViewportSize = {"width": 1280, "height": 800}
READY = "html[data-app=ready]"
WORKER = "html[data-worker=ready]"


class Kiosk:
    """A portal that really listens, in a thread of the test."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.port = 0
        self.start()

    def start(self) -> None:
        """Listen; after a stop at the same address."""
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.port = self.server.port
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Be gone, as in a power cut of the server room."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def address(self) -> str:
        """Where the tablet finds the app."""
        return f"http://127.0.0.1:{self.port}/kiosk/"

    def code(self) -> str:
        """Make a one-time code, as an officer does."""
        with self.app.app_context():
            with everywhere():
                place = make_facility(f"lapas-{secrets.token_hex(4)}").id
            officer = Actor(None, "officer", {"survey.device.enrol": frozenset({place})})
            with within({place}):
                return devices.make_code(
                    officer, place, place="Ruang tunggu", key=secrets.token_hex(16)
                )

    def rows(self) -> list[dict[str, Any]]:
        """Return every stored sheet, and check that each was delivered once."""
        with self.app.app_context(), everywhere():
            rows = db.session.execute(sa.select(Response.__table__)).mappings().all()
            delivered = db.session.scalar(sa.select(sa.func.count()).select_from(Delivery))
            assert len(rows) == delivered
            return [dict(row) for row in rows]


@pytest.fixture(scope="module")
def kiosk_app(
    servers: dict[str, str], worker_number: int, tmp_path_factory: Any
) -> Iterator[Flask]:
    database, owner = make_database(servers, f"portal_kiosk_{worker_number}")
    folder: Path = tmp_path_factory.mktemp("storage")
    settings = Settings(
        database_url=database,
        owner_url=owner,
        redis_url=servers["redis_url"],
        secret_key="t" * 40,
        seal_keys=((1, b"k" * 32),),
        storage_root=folder,
        secure_cookies=False,
    )
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def kiosk(kiosk_app: Flask) -> Iterator[Kiosk]:
    with kiosk_app.app_context(), everywhere():
        limiter.reset()  # each story enrols a tablet, from one address
        for table in (Delivery, Response):
            db.session.execute(sa.delete(table))
        db.session.commit()
    running = Kiosk(kiosk_app)
    yield running
    running.stop()


@pytest.fixture
def tablet(kiosk: Kiosk, page: Page) -> Page:
    """Return a page on a tablet that is enrolled and holds the app."""
    page.set_viewport_size(TABLET)
    page.goto(kiosk.address)
    page.wait_for_selector(READY)
    page.get_by_role("button", name="Daftarkan alat").click()
    page.get_by_label("Kode dari petugas survei").fill(kiosk.code())
    page.get_by_label("Nama alat ini").fill("Tablet 1")
    page.get_by_role("button", name="Daftarkan alat").click()
    expect(page.get_by_role("button", name="Mulai")).to_be_visible()
    page.wait_for_selector(WORKER)
    return page


def answer(page: Page, *, to: int | None = None, scores: str = "343434343") -> int:
    """Tap through a run up to a step (all of it, if none is named); return the taps."""
    taps = [page.get_by_role("button", name="Mulai", exact=True)]
    taps += [page.get_by_role("button", name="Kunjungan")]
    taps += [page.locator(f'.answer[data-value="{score}"]') for score in scores]
    taps += [
        page.get_by_role("button", name="26–40 tahun"),
        page.get_by_role("button", name="Perempuan"),
        page.get_by_role("button", name="Tidak ada", exact=True),
    ]
    headings = page.locator("#main h1")
    for tap in taps[:to]:
        before = headings.inner_text()
        tap.click()
        expect(headings).not_to_have_text(before)
    return len(taps[:to])


@pytest.mark.parametrize("size", [TABLET, {"width": 800, "height": 1280}])
def test_after_an_empty_form_the_button_still_takes_the_tap(
    kiosk: Kiosk, page: Page, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    page.goto(kiosk.address)
    page.wait_for_selector(READY)
    page.get_by_role("button", name="Daftarkan alat").click()
    enrol = page.get_by_role("button", name="Daftarkan alat")
    assert all_free(enrol)

    enrol.click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert all_free(enrol)
    page.get_by_label("Kode dari petugas survei").fill(kiosk.code())
    page.get_by_label("Nama alat ini").fill("Tablet 1")
    enrol.click()

    expect(page.get_by_role("button", name="Mulai")).to_be_visible()


def all_free(button: Locator) -> bool:
    """Tell whether a tap near the upper, the lower edge and in the middle meets the button."""
    return bool(
        button.evaluate(
            """(button) => {
                const { left, top, width, height } = button.getBoundingClientRect();
                const middle = left + width / 2;
                return [0.03, 0.5, 0.97].every((part) =>
                    button.contains(document.elementFromPoint(middle, top + height * part)));
            }"""
        )
    )


def test_without_scripts_the_paper_is_named_and_nobody_waits(
    kiosk: Kiosk, without_javascript: Page
) -> None:
    without_javascript.goto(kiosk.address)

    expect(without_javascript.locator(".notice")).to_be_visible()
    expect(without_javascript.get_by_text("Tunggu sebentar.")).to_be_hidden()


def waiting(page: Page) -> int:
    """Count what waits on the tablet, as the browser keeps it."""
    return int(
        page.evaluate(
            """() => new Promise((resolve) => {
                indexedDB.open("sumantab").onsuccess = ({target: {result}}) => {
                    const all = result.transaction("outbox").objectStore("outbox").getAll();
                    all.onsuccess = () => { result.close(); resolve(all.result.length); };
                };
            })"""
        )
    )


def wait_until_sent(page: Page) -> None:
    """Have the tablet see the network again, and wait until nothing waits on it."""
    for _ in range(60):
        page.evaluate("dispatchEvent(new Event('online'))")
        if not waiting(page):
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{waiting(page)} sheets still wait")


def test_a_visitor_answers_in_fourteen_taps_and_it_is_stored_once(
    tablet: Page, kiosk: Kiosk
) -> None:
    taps = answer(tablet)

    expect(tablet.get_by_role("heading", name="Terima kasih.")).to_be_visible()
    wait_until_sent(tablet)
    (row,) = kiosk.rows()
    assert taps == 14
    scores = [row[code] for code in asked_by().form_order]
    assert scores == [3, 4, 3, 4, 3, 4, 3, 4, 3]
    assert (row["service"], row["age_band"], row["sex"]) == ("kunjungan", "26-40", "female")
    expect(tablet.get_by_role("button", name="Mulai")).to_be_visible(timeout=8_000)


def test_without_network_the_app_opens_stores_and_sends_later_once(
    tablet: Page, kiosk: Kiosk
) -> None:
    kiosk.stop()
    tablet.reload()
    tablet.wait_for_selector(READY)
    for _ in range(3):
        answer(tablet)
        expect(tablet.get_by_role("heading", name="Terima kasih.")).to_be_visible()
        tablet.get_by_role("button", name="Mulai").wait_for(timeout=8_000)
    assert waiting(tablet) == 3
    assert kiosk.rows() == []

    kiosk.start()
    wait_until_sent(tablet)

    assert len(kiosk.rows()) == 3


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html", "<h1>Selamat datang di WiFi</h1>"),
        (200, "application/json", '{"acks": [{"ack": "x", "hash": "y", "status": "stored"}]}'),
        (200, "application/json", "{}"),
        (503, "application/json", '{"error": {"status": 503}}'),
    ],
)
def test_what_is_no_receipt_of_ours_removes_nothing(
    tablet: Page, kiosk: Kiosk, status: int, kind: str, body: str
) -> None:
    address = "**/kiosk/api/answers"
    seen: list[str] = []

    def portal_of_a_cafe(route: Route) -> None:
        seen.append(route.request.method)
        route.fulfill(status=status, content_type=kind, body=body)

    tablet.context.route(address, portal_of_a_cafe)
    answer(tablet)
    expect(tablet.get_by_role("heading", name="Terima kasih.")).to_be_visible()
    tablet.wait_for_timeout(300)
    assert seen
    assert waiting(tablet) == 1

    tablet.context.unroute(address, portal_of_a_cafe)
    wait_until_sent(tablet)
    assert len(kiosk.rows()) == 1


def test_an_answer_lost_after_the_commit_is_sent_again_and_stored_once(
    tablet: Page, kiosk: Kiosk
) -> None:
    address = "**/kiosk/api/answers"

    def lost(route: Route) -> None:
        route.fetch()  # the server stores it
        route.abort()  # and nobody hears

    tablet.context.route(address, lost)
    answer(tablet)
    expect(tablet.get_by_role("heading", name="Terima kasih.")).to_be_visible()
    tablet.wait_for_timeout(300)
    assert waiting(tablet) == 1

    tablet.context.unroute(address, lost)
    wait_until_sent(tablet)
    assert len(kiosk.rows()) == 1


def test_who_walks_away_leaves_nothing_behind(
    kiosk: Kiosk, page: Page, context: BrowserContext
) -> None:
    page.clock.install()
    page.set_viewport_size(TABLET)
    page.goto(kiosk.address)
    page.wait_for_selector(READY)
    page.get_by_role("button", name="Daftarkan alat").click()
    page.get_by_label("Kode dari petugas survei").fill(kiosk.code())
    page.get_by_label("Nama alat ini").fill("Tablet 1")
    page.get_by_role("button", name="Daftarkan alat").click()
    answer(page, to=6)

    page.clock.run_for(45_100)
    expect(page.get_by_role("heading", name="Masih di situ?")).to_be_visible()
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_text("5 dari 9")).to_be_visible()
    page.clock.run_for(45_100)
    page.clock.run_for(20_100)

    expect(page.get_by_role("button", name="Mulai")).to_be_visible()
    assert waiting(page) == 0
    page.get_by_role("button", name="Mulai").click()
    page.get_by_role("button", name="Kunjungan").click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)


def test_going_back_shows_the_earlier_answer_marked(tablet: Page) -> None:
    answer(tablet, to=3)

    tablet.get_by_role("button", name="Kembali").click()

    expect(tablet.locator("[aria-pressed=true]")).to_have_text("Jelas (Jawaban Anda tadi)")


def test_a_skipped_question_leaves_the_sheet_incomplete(tablet: Page, kiosk: Kiosk) -> None:
    answer(tablet, to=2)
    tablet.get_by_role("button", name="Lewati").click()
    for _ in range(8):
        before = tablet.locator("#main h1").inner_text()
        tablet.locator('.answer[data-value="4"]').click()
        expect(tablet.locator("#main h1")).not_to_have_text(before)
    tablet.get_by_role("button", name="Lewati").click()
    tablet.get_by_role("button", name="Lewati").click()
    tablet.get_by_role("button", name="Ada, ambil kertas").click()
    expect(tablet.get_by_text("Kertas dan pena ada di meja.")).to_be_visible()

    wait_until_sent(tablet)

    (row,) = kiosk.rows()
    assert (row["persyaratan"], row["prosedur"], row["age_band"]) == (None, 4, None)


def test_the_whole_way_by_keyboard_alone(tablet: Page, kiosk: Kiosk) -> None:
    tablet.get_by_role("button", name="Mulai").focus()
    tablet.keyboard.press("Enter")
    for tabs in (1, *[1] * 9, 1, 1, 1):  # from the heading, the first choice is one Tab away
        expect(tablet.locator("#main h1")).to_be_focused()
        before = tablet.locator("#main h1").inner_text()
        for _ in range(tabs):
            tablet.keyboard.press("Tab")
        tablet.keyboard.press("Enter")
        expect(tablet.locator("#main h1")).not_to_have_text(before)
    expect(tablet.get_by_role("heading", name="Terima kasih.")).to_be_visible()

    wait_until_sent(tablet)
    assert len(kiosk.rows()) == 1


def test_every_button_is_a_hundred_and_twenty_pixels_and_nothing_scrolls(tablet: Page) -> None:
    for steps in range(1, 14):
        for button in tablet.get_by_role("button").all():
            box = button.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 119, button.inner_text()
        assert tablet.evaluate(
            "document.documentElement.scrollHeight <= innerHeight"
            " && document.documentElement.scrollWidth <= innerWidth"
        )
        if steps < 13:
            answer_one(tablet)


def answer_one(page: Page) -> None:
    """Go one screen on, whatever it asks."""
    before = page.locator("#main h1").inner_text()
    page.locator("#main button").first.click()
    expect(page.locator("#main h1")).not_to_have_text(before)


def test_the_tablets_hash_is_the_servers(tablet: Page) -> None:
    texts = ["", "abc", 'é–😀\n"\\', "x" * 55, "x" * 56, "x" * 63, "x" * 64, "ü" * 500]

    found = tablet.evaluate(
        """async (texts) => {
            const { canonical, sha256 } = await import("/static/survey/hash.js");
            return texts.map((text) => sha256(canonical({ text, b: [1, { z: null, a: true }] })));
        }""",
        texts,
    )

    from portal.survey.rules.intake import content_hash  # noqa: PLC0415  beside its counterpart

    assert found == [content_hash({"text": t, "b": [1, {"z": None, "a": True}]}) for t in texts]


def test_a_revoked_tablet_asks_to_be_enrolled_and_keeps_what_waits(
    tablet: Page, kiosk: Kiosk
) -> None:
    with kiosk.app.app_context(), everywhere():
        number = json.loads(
            tablet.evaluate("""() => new Promise((resolve) => {
            indexedDB.open("sumantab").onsuccess = ({target: {result}}) => {
                result.transaction("state").objectStore("state").get("device").onsuccess =
                    (event) => { result.close(); resolve(JSON.stringify(event.target.result.id)); };
            };
        })""")
        )
        devices.revoke_device(Actor(None, "officer"), number)

    answer(tablet)
    tablet.wait_for_timeout(500)
    tablet.reload()

    expect(tablet.get_by_role("heading", name="Alat ini belum didaftarkan.")).to_be_visible()
    assert waiting(tablet) == 1
    assert kiosk.rows() == []
