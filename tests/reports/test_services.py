"""A report is made once, whole, by one builder; late at worst, never double."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime

import pikepdf
import pytest
import sqlalchemy as sa

from portal.domain.actor import PORTAL
from portal.domain.errors import NotFound
from portal.domain.months import Month
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, within
from portal.kernel.mail import OutgoingMail
from portal.kernel.sheets import read_rows
from portal.kernel.storage import storage
from portal.reports import queries, services, tasks
from portal.reports.models import Download, Report
from portal.reports.pdf import shown
from portal.reports.rules.states import LEASE, Form, State
from tests.conftest import asked_for, make_facility, trail
from tests.reports.conftest import NOW, OCTOBER, Room, later


def row(report_id: int) -> Report:
    db.session.expire_all()
    found = db.session.get(Report, report_id)
    assert found is not None
    return found


# looking and ordering


def test_a_missing_month_is_asked_for_once_however_often_one_looks(
    prison: Facility, room: Room, first_morning: None
) -> None:
    assert [services.look(PORTAL) for _time in range(3)] == [1, 0, 0]

    (listed,) = queries.reports(prison.id)
    assert (listed.month, listed.state) == (OCTOBER, State.SCHEDULED)
    assert asked_for() == [("reports.build", {"report_id": listed.id})]


def test_months_missed_while_the_portal_stood_still_are_caught_up(
    prison: Facility, room: Room, first_morning: None
) -> None:
    services.look(PORTAL)

    with later(days=95):
        assert services.look(PORTAL) == 3

    assert [str(one.month) for one in queries.reports(prison.id)] == [
        "2027-01", "2026-12", "2026-11", "2026-10",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("instant", "months"),
    [
        (
            "2026-10-31T14:59:59+00:00",
            {"barat": "2026-09", "tengah": "2026-09", "timur": "2026-09"},
        ),
        (
            "2026-10-31T15:00:00+00:00",
            {"barat": "2026-09", "tengah": "2026-09", "timur": "2026-10"},
        ),
        (
            "2026-10-31T16:00:00+00:00",
            {"barat": "2026-09", "tengah": "2026-10", "timur": "2026-10"},
        ),
        (
            "2026-10-31T17:00:00+00:00",
            {"barat": "2026-10", "tengah": "2026-10", "timur": "2026-10"},
        ),
    ],
)
def test_each_facility_ends_its_month_by_its_own_clock(
    scope: None, room: Room, instant: str, months: dict[str, str]
) -> None:
    zones = {"barat": "Asia/Jakarta", "tengah": "Asia/Makassar", "timur": "Asia/Jayapura"}
    places = {name: make_facility(name, time_zone=zone) for name, zone in zones.items()}

    with clock.fixed(datetime.fromisoformat(instant)):
        services.look(PORTAL)

    assert {n: str(queries.reports(p.id)[0].month) for n, p in places.items()} == months


def test_a_facility_that_is_not_public_gets_no_report(
    scope: None, room: Room, first_morning: None
) -> None:
    hidden = make_facility("belum-buka", public=False)

    services.look(PORTAL)

    assert queries.reports(hidden.id) == ()


def test_a_month_that_still_runs_is_refused(
    prison: Facility, room: Room, first_morning: None
) -> None:
    with pytest.raises(services.NotOver):
        services.order(PORTAL, prison.id, OCTOBER.next)


def test_the_button_pressed_twice_gives_one_report(
    prison: Facility, room: Room, first_morning: None
) -> None:
    first, second = (services.order(PORTAL, prison.id) for _press in range(2))

    assert first == second
    assert len(asked_for()) == 1


# building


def test_a_report_is_built_from_every_section_and_stored_whole(done: int, room: Room) -> None:
    made = row(done)

    assert (made.state, made.attempts, made.steps_done) == (State.DONE, 1, made.steps_total)
    assert made.number == "LAP-2026-10-muara-contoh"
    pdf, book = storage().read(made.pdf_key), storage().read(made.xlsx_key)
    assert hashlib.sha256(pdf).hexdigest() == made.pdf_sha256
    assert hashlib.sha256(book).hexdigest() == made.xlsx_sha256
    assert [one.key for one in queries.issued(done).content.sections] == ["room", "targets"]
    assert room.asked == [(made.facility_id, "2026-10"), (made.facility_id, "2026-09")]


def test_building_again_changes_nothing(done: int, room: Room) -> None:
    before = (row(done).pdf_key, row(done).built_at, len(room.asked))

    tasks.build(done)
    assert services.build(PORTAL, done) is False

    assert (row(done).pdf_key, row(done).built_at, len(room.asked)) == before


def test_the_same_figures_give_the_same_bytes_on_another_day(done: int, room: Room) -> None:
    first = (row(done).content_sha256, row(done).pdf_sha256, row(done).xlsx_sha256)
    db.session.execute(sa.update(Report).values(state=State.SCHEDULED, attempts=0, lease_until=NOW))
    db.session.commit()

    with later(days=3, seconds=7):
        tasks.build(done)

    assert (row(done).content_sha256, row(done).pdf_sha256, row(done).xlsx_sha256) == first
    assert row(done).built_at == NOW.replace(day=4, second=7)


def test_a_second_builder_finds_the_lease_taken_and_does_nothing(
    prison: Facility, room: Room, first_morning: None
) -> None:
    report_id = services.order(PORTAL, prison.id)
    second = []

    def while_it_is_made() -> None:
        room.on_asking = lambda: None
        second.append(services.build(PORTAL, report_id))

    room.on_asking = while_it_is_made

    assert services.build(PORTAL, report_id) is True
    assert second == [False]
    assert row(report_id).attempts == 1


def test_a_builder_that_woke_up_too_late_throws_its_work_away(
    prison: Facility, room: Room, first_morning: None
) -> None:
    report_id = services.order(PORTAL, prison.id)

    def sleeps() -> None:
        room.on_asking = lambda: None
        with clock.fixed(NOW + LEASE):
            assert services.build(PORTAL, report_id) is True

    room.on_asking = sleeps

    with pytest.raises(services.LeaseLost):
        services.build(PORTAL, report_id)
    assert (row(report_id).state, row(report_id).attempts) == (State.DONE, 2)


def test_files_stored_after_the_lease_was_lost_are_deleted(done: int, room: Room) -> None:
    files = set(storage().root.rglob("*.bin"))  # type: ignore[attr-defined]
    content = queries.issued(done).content
    late = services.Ticket(done, row(done).facility_id, OCTOBER, 1)

    assert services._finish(PORTAL, late, content, (b"pdf", b"xlsx")) is False
    assert set(storage().root.rglob("*")) >= files  # type: ignore[attr-defined]
    assert set(storage().root.rglob("*.bin")) == files  # type: ignore[attr-defined]


def test_the_step_under_way_is_told(prison: Facility, room: Room, first_morning: None) -> None:
    report_id = services.order(PORTAL, prison.id)
    seen = []
    room.on_asking = lambda: seen.append(queries.report(report_id))

    services.build(PORTAL, report_id)

    assert (seen[0].state, seen[0].step) == (State.RUNNING, "Keluhan dari blok")
    assert (seen[0].steps_done, seen[0].steps_total) == (0, 4)


def test_last_month_is_compared_as_it_was_issued(done: int, room: Room) -> None:
    room.heard = 40
    facility_id = row(done).facility_id

    with later(days=31):
        november = services.order(PORTAL, facility_id)
        services.build(PORTAL, november)

    line = queries.issued(november).content.sections[0].lines[0]
    assert (line.before, line.figure.value) == (26, 40)


# failing


def test_a_broken_section_is_tried_three_times_then_a_person_is_told(
    prison: Facility, room: Room, first_morning: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_addresses", lambda _facility: ["kepala@contoh.go.id"])
    report_id = services.order(PORTAL, prison.id)
    room.breaks = True

    for attempt in range(3):
        with later(minutes=3 * attempt):
            with pytest.raises(ZeroDivisionError):
                services.build(PORTAL, report_id)
            assert services.resume(PORTAL) == 0  # the lease still runs
        with later(minutes=3 * attempt + 2):
            assert services.resume(PORTAL) == (1 if attempt < 2 else 0)

    failed = row(report_id)
    assert (failed.state, failed.attempts, failed.step) == (State.FAILED, 3, "Keluhan dari blok")
    assert failed.failure.startswith("L-")
    (mail,) = db.session.scalars(sa.select(OutgoingMail))
    assert mail.to == "kepala@contoh.go.id"
    assert failed.failure in mail.subject
    assert "Keluhan dari blok" in mail.body
    assert services.build(PORTAL, report_id) is False
    assert len([name for name, _ in asked_for() if name == "reports.build"]) == 3


def test_a_silent_builder_is_replaced_once_for_each_lease(
    prison: Facility, room: Room, first_morning: None
) -> None:
    report_id = services.order(PORTAL, prison.id)
    assert services._take(PORTAL, report_id) is not None  # and then its worker is killed

    with later(minutes=2):
        assert [services.resume(PORTAL) for _time in range(3)] == [1, 0, 0]
        assert services.build(PORTAL, report_id) is True


def test_a_report_that_failed_can_be_tried_afresh(
    prison: Facility, room: Room, first_morning: None
) -> None:
    report_id = services.order(PORTAL, prison.id)
    db.session.execute(sa.update(Report).values(state=State.FAILED, attempts=3, failure="L-3F2"))
    db.session.commit()

    assert services.order(PORTAL, prison.id, OCTOBER) == report_id
    assert services.build(PORTAL, report_id) is True
    assert row(report_id).failure == ""


def test_a_report_nobody_took_for_an_hour_is_asked_for_again(
    prison: Facility, room: Room, first_morning: None
) -> None:
    services.order(PORTAL, prison.id)

    with later(minutes=59):
        assert services.resume(PORTAL) == 0
    with later(minutes=61):
        assert services.resume(PORTAL) == 1


# what comes out


def test_the_pdf_is_tagged_indonesian_and_made_for_archives(done: int) -> None:
    content = storage().read(row(done).pdf_key)

    assert content.startswith(b"%PDF-1.7")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.Root.Lang) == "id-ID"
        assert "/StructTreeRoot" in pdf.Root
        assert pdf.Root.MarkInfo.Marked
        with pdf.open_metadata() as told:
            assert (told["pdfaid:part"], told["pdfaid:conformance"]) == ("2", "A")
            assert told["pdfuaid:part"] == "1"
            assert "Oktober 2026" in told["dc:title"]
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
    assert all("IBMPlexSans" in name for name in fonts)
    assert len(content) < 400_000


def test_the_workbook_holds_the_figures_as_numbers(done: int) -> None:
    content = storage().read(row(done).xlsx_key)
    figures = read_rows(content, 1)
    by_label = {line[2]: line for line in figures[1:]}

    assert by_label["Keluhan masuk"][3] == 26
    assert by_label["Keluhan masuk"][5:7] == [21, 5]
    assert by_label["Indeks"][3] == 82.51
    assert by_label["Keluhan anak"][3] == "<5"
    assert by_label["Selesai tepat waktu"][8:10] == [26, 50]
    assert read_rows(content, 2)[2] == ["'=1+1", 14]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(b"<f>" in archive.read(n) for n in archive.namelist())


def test_a_hidden_figure_stands_nowhere_in_the_row(done: int) -> None:
    few = queries.issued(done).content.sections[0].lines[2]

    assert (few.figure.value, few.before, few.change.difference) == (None, None, None)


def test_what_the_font_cannot_show_does_not_stop_the_report() -> None:
    assert shown("Blok B 😀 漢 – 5 ≥ 4") == "Blok B \ufffd \ufffd – 5 ≥ 4"


# taking away


def test_a_file_is_handed_out_under_our_name_and_written_down(done: int, prison: Facility) -> None:
    file = services.take_away(PORTAL, done, Form.XLSX)

    assert file.name == "laporan-2026-10-muara-contoh.xlsx"
    assert db.session.scalars(sa.select(Download.form)).all() == [Form.XLSX]
    assert trail("reports.report.read")[-1][2] == {"form": "xlsx"}


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_damaged_file_is_not_handed_out(done: int, damage: str) -> None:
    key = row(done).pdf_key
    if damage == "gone":
        storage().delete(key)
    else:
        path = storage()._place(key)  # type: ignore[attr-defined]
        path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(services.Damaged, match="LAP-2026-10-muara-contoh"):
        services.take_away(PORTAL, done, Form.PDF)
    assert db.session.scalars(sa.select(Download)).all() == []


def test_a_report_that_is_not_done_has_no_file(
    prison: Facility, room: Room, first_morning: None
) -> None:
    report_id = services.order(PORTAL, prison.id)

    with pytest.raises(NotFound):
        services.take_away(PORTAL, report_id, Form.PDF)
    with pytest.raises(NotFound):
        queries.issued(report_id)


def test_another_facilitys_report_is_not_found(done: int, other_prison: Facility) -> None:
    number = other_prison.id

    with within({number}), pytest.raises(NotFound):
        services.take_away(PORTAL, done, Form.PDF)


def test_a_signed_report_never_changes(done: int) -> None:
    db.session.execute(sa.update(Report).values(signed_at=NOW))
    db.session.commit()

    with pytest.raises(sa.exc.DBAPIError, match="is signed"):
        db.session.execute(sa.update(Report).values(number="x"))


def test_a_month_before_the_last_can_be_ordered_too(
    prison: Facility, room: Room, first_morning: None
) -> None:
    services.build(PORTAL, services.order(PORTAL, prison.id, Month(2026, 3)))

    assert queries.issued_content(prison.id, Month(2026, 3)) is not None
    assert queries.last_done(prison.id).month == Month(2026, 3)  # type: ignore[union-attr]
