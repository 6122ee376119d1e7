from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.domain.actor import PORTAL, Actor, Role
from portal.domain.errors import NotFound
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, within
from portal.kernel.sheets import Sheet, workbook
from portal.kernel.storage import Missing, storage
from portal.register.models import Inmate
from portal.register.rules.custody import Custody
from portal.remissions import queries, report, tasks
from portal.remissions.commands import commands
from portal.remissions.demo import demo
from portal.remissions.models import Import, Milestone, Projection, Sentence
from portal.remissions.rules import sample, sdp, sdp_columns
from portal.remissions.rules.records import ImportState, Quality, View
from portal.remissions.services import importing, projecting
from portal.remissions.services.importing import (
    DatesDiffer,
    FileGone,
    HasErrors,
    NotAnExport,
)
from tests.conftest import trail
from tests.factories import make_inmate

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
TODAY = date(2026, 11, 23)
FILE = sample.CSV.encode()
Make = Callable[..., Actor]


@pytest.fixture
def registrar(actor: Make) -> Actor:
    return actor(Role.REGISTRAR)


def rows() -> list[list[str]]:
    return sdp.csv_rows(sample.CSV)


def written(cells: list[list[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(cells)
    return file.getvalue().encode()


def changed(column: str, value: str, row: int = 3) -> bytes:
    cells = rows()
    cells[row][cells[2].index(column)] = value
    return written(cells)


def how_many(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def stored() -> tuple[int, ...]:
    return tuple(map(how_many, (Inmate, Sentence, Projection, Milestone)))


def test_a_dry_run_stores_the_file_and_nothing_else(prison: Facility, registrar: Actor) -> None:
    number = importing.inspect(registrar, prison.id, FILE)

    found = queries.import_(number)
    assert stored() == (0, 0, 0, 0)
    assert (found.state, found.persons, found.added) == (ImportState.DRY_RUN, 7, 7)
    assert (found.errors, found.comparable, found.different) == (0, 6, 0)
    row = db.session.get(Import, number)
    assert row is not None
    assert storage().read(row.storage_key) == FILE
    assert "Meranti" not in str(trail())


def test_a_file_is_taken_over_whole_and_its_dates_are_there(
    prison: Facility, registrar: Actor
) -> None:
    number = importing.inspect(registrar, prison.id, FILE)
    row = db.session.get(Import, number)
    assert row is not None
    key = row.storage_key

    with clock.fixed(NOW):
        importing.apply(registrar, number)

    assert stored()[:3] == (7, 7, 7)
    found = queries.import_(number)
    assert (found.state, found.added, found.changed) == (ImportState.APPLIED, 7, 0)
    with pytest.raises(Missing):
        storage().read(key)
    person = db.session.scalar(sa.select(Inmate).where(Inmate.inmate_number == "CONTOH00001"))
    assert person is not None
    assert person.custody is Custody.SENTENCED
    net = db.session.get(Milestone, (person.id, "expiry_net"))
    assert net is not None
    assert net.due == date(2028, 7, 14)


def test_the_same_file_twice_changes_nothing(prison: Facility, registrar: Actor) -> None:
    first = importing.inspect(registrar, prison.id, FILE)
    importing.apply(registrar, first)
    before = [row.computed_at for row in db.session.scalars(sa.select(Projection))]

    importing.apply(registrar, first)
    again = importing.inspect(registrar, prison.id, FILE)
    importing.apply(registrar, again)

    found = queries.import_(again)
    assert (found.added, found.changed, found.unchanged) == (0, 0, 7)
    assert before == [row.computed_at for row in db.session.scalars(sa.select(Projection))]


def test_only_rows_that_changed_are_touched(prison: Facility, registrar: Actor) -> None:
    importing.apply(registrar, importing.inspect(registrar, prison.id, FILE))
    file = changed("total bulan remisi", "7")

    number = importing.inspect(registrar, prison.id, file)
    assert queries.import_(number).changed == 1
    importing.apply(registrar, number, confirmed=True)

    touched = db.session.scalars(sa.select(Sentence).where(Sentence.import_id == number)).all()
    assert [row.remission_days for row in touched] == [210]
    assert queries.counts(prison.id, TODAY).different == 1


EMPTIED = [
    ("tanggal mulai ditahan", "0000-00-00", "start_date"),
    ("tanggal mulai ditahan", "", "start_date"),
    ("lama pidana tahun", "", "years"),
    ("tgl ekspirasi", "-", "register_expiry"),
    ("kategori remisi", "", "category"),
    ("nomor putusan akhir", "", "verdict_number"),
    ("total bulan remisi", "", "remission_days"),
    ("subsider bulan", "", "substitute_months"),
]


@pytest.mark.parametrize(("column", "cell", "name"), EMPTIED)
def test_an_import_empties_nothing_that_is_known(
    prison: Facility, registrar: Actor, column: str, cell: str, name: str
) -> None:
    cells = rows()
    full = {"tgl ekspirasi": "2028-07-14", "total bulan remisi": "2", "subsider bulan": "3"}
    for own, value in full.items():
        cells[3][cells[2].index(own)] = value
    importing.apply(
        registrar, importing.inspect(registrar, prison.id, written(cells)), confirmed=True
    )
    before = {row.inmate_id: getattr(row, name) for row in db.session.scalars(sa.select(Sentence))}
    cells[3][cells[2].index(column)] = cell
    for part in ("bulan", "hari") if column.startswith("lama") else ():
        cells[3][cells[2].index(f"lama pidana {part}")] = ""
    if name == "remission_days":
        cells[3][cells[2].index("total hari remisi")] = ""

    number = importing.inspect(registrar, prison.id, written(cells))
    importing.apply(registrar, number, confirmed=True)

    after = {row.inmate_id: getattr(row, name) for row in db.session.scalars(sa.select(Sentence))}
    assert after == before
    found = queries.import_(number)
    assert (found.changed, found.unchanged) == (0, 7)
    told = [each.text for each in found.problems if (each.row, each.column) == (4, column)]
    assert told == [sdp_columns.STAYS]


def test_what_the_file_does_not_say_makes_nobody_a_detainee(
    prison: Facility, registrar: Actor
) -> None:
    importing.apply(registrar, importing.inspect(registrar, prison.id, FILE))
    cells = rows()
    names = ("no. reg instansi", *(f"lama pidana {part}" for part in ("tahun", "bulan", "hari")))
    for name in names:
        cells[3][cells[2].index(name)] = ""

    importing.apply(registrar, importing.inspect(registrar, prison.id, written(cells)))

    assert set(db.session.scalars(sa.select(Inmate.custody))) == {Custody.SENTENCED}
    assert None not in set(db.session.scalars(sa.select(Sentence.years)))


def test_excels_unicode_text_is_read(prison: Facility, registrar: Actor) -> None:
    text = "\r\n".join("\t".join(row) for row in rows())

    number = importing.inspect(registrar, prison.id, text.encode("utf-16"))

    assert queries.import_(number).persons == 7


def test_a_person_whose_name_changed_counts_as_changed(prison: Facility, registrar: Actor) -> None:
    importing.apply(registrar, importing.inspect(registrar, prison.id, FILE))
    number = importing.inspect(registrar, prison.id, changed("nama", "Contoh Lain"))
    assert queries.import_(number).changed == 1


def test_rows_with_errors_stop_the_whole_file(prison: Facility, registrar: Actor) -> None:
    number = importing.inspect(registrar, prison.id, changed("tanggal lahir", "32/13/1990"))

    with pytest.raises(HasErrors):
        importing.apply(registrar, number)

    assert stored() == (0, 0, 0, 0)
    (problem, *_) = queries.import_(number).problems
    assert (problem.row, problem.column, problem.weight) == (4, "tanggal lahir", "error")


def test_dates_that_differ_stop_until_somebody_has_asked(
    prison: Facility, registrar: Actor
) -> None:
    number = importing.inspect(registrar, prison.id, changed("tgl ekspirasi", "2028-07-01"))

    with pytest.raises(DatesDiffer, match="More than 2% of the dates differ"):
        importing.apply(registrar, number)
    assert stored() == (0, 0, 0, 0)

    importing.apply(registrar, number, confirmed=True)
    assert how_many(Sentence) == 7


def test_a_release_before_the_admission_is_not_taken_over(
    prison: Facility, registrar: Actor
) -> None:
    make_inmate(prison, "CONTOH00001", admitted_on=date(2024, 1, 10))
    number = importing.inspect(registrar, prison.id, changed("tgl bebas", "2023-01-01"))

    importing.apply(registrar, number)

    assert importing.BEFORE_ADMISSION in {p.text for p in queries.import_(number).problems}
    person = db.session.scalar(sa.select(Inmate).where(Inmate.inmate_number == "CONTOH00001"))
    assert person is not None
    assert person.left_on is None


def test_a_submission_sent_twice_is_looked_at_once(prison: Facility, registrar: Actor) -> None:
    first = importing.inspect(registrar, prison.id, FILE, key="a" * 32)
    assert importing.inspect(registrar, prison.id, FILE, key="a" * 32) == first
    assert how_many(Import) == 1


def test_files_of_dry_runs_are_forgotten_after_a_week(prison: Facility, registrar: Actor) -> None:
    with clock.fixed(NOW):
        number = importing.inspect(registrar, prison.id, FILE)
        assert importing.forget_files(PORTAL) == 0
    with clock.fixed(NOW + timedelta(days=8)):
        assert importing.forget_files(PORTAL) == 1
        tasks.forget_files()

        with pytest.raises(FileGone):
            importing.apply(registrar, number)


def test_a_file_of_another_facility_is_not_there(
    prison: Facility, other_prison: Facility, registrar: Actor
) -> None:
    with within({prison.id}):
        number = importing.inspect(registrar, prison.id, FILE)
        importing.apply(registrar, number)
        inmate_id = db.session.scalar(sa.select(Sentence.inmate_id)) or 0

    with within({other_prison.id}):
        with pytest.raises(NotFound):
            queries.import_(number)
        with pytest.raises(NotFound):
            queries.of_person(inmate_id)
        assert queries.counts(prison.id, TODAY).persons == 0
        assert queries.listed(prison.id, TODAY, View.ALL, 1)[0] == ()
        assert how_many(Sentence) == how_many(Milestone) == how_many(Projection) == 0


# --- Files that are no exports --------------------------------------------------------------------


def xlsx(cells: list[list[str]]) -> bytes:
    return workbook([Sheet("Data", tuple(cells[0]), cells[1:])], NOW)


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return file.getvalue()


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "too large": b"x" * (importing.MOST_BYTES + 1),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "utf-16 without its mark": sample.CSV.encode("utf-16-le").removeprefix(codecs.BOM_UTF16_LE),
    "utf-16 cut short": sample.CSV.encode("utf-16")[:-1],
    "latin-1": "No,nama\n1,Andr\xe9".encode("latin-1"),
    "zeros": b"\x00" * 500,
    "words": b"Selamat pagi",
    "html": b"<html><table><tr><td>No</td></tr></table></html>",
    "an open quotation": b'No,"nama\n1,x',
    "header alone": written([rows()[2]]),
    "no header": written(rows()[3:]),
    "columns missing": b"No,nama\n1,Jaya",
    "no workbook": b"PK\x03\x04 nothing",
    "old workbook": b"\xd0\xcf\x11\xe0" + b"\x00" * 512,
    "truncated workbook": xlsx(rows())[:-400],
    "zip bomb": bomb(),
    "too many rows": b"No\n" + b"1\n" * (sdp_columns.MOST_ROWS + 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_used_gets_one_sentence_and_leaves_nothing(
    prison: Facility, registrar: Actor, name: str
) -> None:
    with pytest.raises(NotAnExport) as refused:
        importing.inspect(registrar, prison.id, BROKEN[name])

    assert refused.value.text
    assert how_many(Import) == 0


def test_a_workbook_is_read_like_a_csv(prison: Facility, registrar: Actor) -> None:
    number = importing.inspect(registrar, prison.id, xlsx(rows()))
    found = queries.import_(number)
    assert (found.persons, found.errors, found.different) == (7, 0, 0)


# --- Dates ----------------------------------------------------------------------------------------


def make_sentence(at: Facility, number: str, **values: object) -> Inmate:
    person = make_inmate(at, number)
    plain = {
        "facility_id": at.id,
        "inmate_id": person.id,
        "changed_at": NOW,
        "years": 4,
        "months": 0,
        "days": 0,
        "start_date": date(2023, 2, 20),
        "remission_days": 120,
        "substitute_months": 0,
    }
    db.session.add(Sentence(**plain | values))
    db.session.commit()
    return person


def test_dates_are_computed_once_until_a_fact_changes(prison: Facility) -> None:
    person = make_sentence(prison, "N-1")

    tasks.project(prison.id)
    assert projecting.project(PORTAL, prison.id) == 0
    tasks.project_all()

    row = db.session.get(Sentence, person.id)
    assert row is not None
    row.remission_days = 150
    db.session.commit()
    assert projecting.project(PORTAL, prison.id) == 1
    net = db.session.get(Milestone, (person.id, "expiry_net"), populate_existing=True)
    assert net is not None
    assert net.due == date(2026, 9, 23)


def test_what_cannot_be_said_is_named_and_not_stored(prison: Facility) -> None:
    person = make_sentence(prison, "N-1", start_date=None)

    projecting.project_all(PORTAL)

    row = db.session.get(Projection, person.id)
    assert row is not None
    assert (row.quality, row.missing) == (Quality.UNKNOWN, "start_date")
    assert "start_date_missing" in row.findings
    assert how_many(Milestone) == 0


def test_who_is_past_the_end_of_custody_stands_on_top(prison: Facility) -> None:
    make_sentence(prison, "N-1")  # expired on 23 October 2026
    make_sentence(prison, "N-2", start_date=date(2024, 10, 20))  # two thirds soon
    make_sentence(prison, "N-3", substitute_months=3, start_date=date(2026, 1, 1))  # fine open
    make_sentence(prison, "N-4", start_date=date(2024, 2, 1))  # two thirds reached
    gone = make_sentence(prison, "N-5")
    gone.left_on = date(2026, 10, 1)
    db.session.commit()
    projecting.project(PORTAL, prison.id)

    counts = queries.counts(prison.id, TODAY)
    first, *_rest = queries.listed(prison.id, TODAY, View.ALL, 1)[0]

    assert (counts.persons, counts.overdue, counts.reached, counts.incomplete) == (4, 1, 1, 1)
    assert (counts.computable, counts.interval) == (4, 1)
    assert (first.inmate.inmate_number, first.days_past, first.overdue) == ("N-1", 31, True)
    numbers = {
        view: [row.inmate.inmate_number for row in queries.listed(prison.id, TODAY, view, 1)[0]]
        for view in View
    }
    assert numbers[View.OVERDUE] == ["N-1"]
    assert numbers[View.INCOMPLETE] == ["N-3"]
    assert numbers[View.REACHED] == ["N-4"]
    assert len(numbers[View.ALL]) == 4


def test_the_report_counts_and_names_nobody(prison: Facility, actor: Make) -> None:
    make_sentence(prison, "N-1")
    projecting.project(PORTAL, prison.id)

    with clock.fixed(NOW):
        section = report.report_section(prison.id, report.Month(2026, 10))
        cards = report.desk(actor(Role.CASE_WORKER))

    figures = {figure.key: figure.value for figure in section.figures}
    assert (figures["persons"], figures["overdue"], figures["unknown"]) == (1, 1, 0)
    assert cards[0].value == 1
    assert report.desk(actor(Role.PRESS_EDITOR)) == ()
    assert "N-1" not in str(section)


def test_the_invented_sentences_are_a_believable_mix(prison: Facility) -> None:
    for number in range(60):
        make_inmate(prison, f"N-{number}", admitted_on=TODAY - timedelta(days=40 + 25 * number))

    with clock.fixed(NOW):
        demo(prison.id, Random(7), TODAY)

    counts = queries.counts(prison.id, TODAY)
    assert (counts.persons, counts.overdue) == (60, 4)
    assert counts.reached
    assert counts.soon
    assert counts.computable > 50


def test_dates_can_be_computed_by_hand_without_the_queue(app: Flask, prison: Facility) -> None:
    make_sentence(prison, "N-1")
    runner = app.test_cli_runner()

    told = [
        runner.invoke(commands, options).output.strip()
        for options in (
            ["project", "--place", prison.slug],
            ["project", "--all"],
        )
    ]

    assert told == ["1", "0"]
    assert runner.invoke(commands, ["project"]).exit_code == 2
