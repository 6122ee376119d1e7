import csv
import io
from datetime import date, datetime
from typing import Any

import pytest

from portal.remissions.rules import records, sample, sdp, sdp_columns
from portal.remissions.rules.facts import Category
from portal.remissions.rules.sdp import NotAnExport, Weight

HEADER = next(row for row in sdp.csv_rows(sample.CSV) if row and row[0] == "No")
GOOD: dict[str, object] = {
    "No": "1",
    "no. reg instansi": "B.I 12/2024",
    "nama": "Jaya  Meranti",
    "jenis kelamin": "Laki-laki",
    "agama": "Islam",
    "nomor induk": "'N-1",
    "lama pidana tahun": "4",
    "tanggal mulai ditahan": "2023-02-20",
}


def export(*rows: dict[str, object], header: list[str] = HEADER) -> sdp.Export:
    cells = [[row.get(name, "") for name in header] for row in rows]
    return sdp.parse([["Pencarian Kompleks"], header, *cells])


def one(**more: Any) -> sdp.Record:
    (record,) = export(GOOD | more).records
    return record


def problems(**more: Any) -> list[tuple[int, str]]:
    return [(each.row, each.column) for each in export(GOOD | more).problems]


def test_the_example_is_an_export_of_42_columns_without_an_error() -> None:
    found = sdp.parse(sdp.csv_rows(sample.CSV))

    assert len(HEADER) == 42
    assert (len(found.records), found.errors, found.unknown, found.missing) == (7, 0, (), ())
    assert found.sensitive == ("alamat", "nama ayah", "nama ibu", "no. induk KTP", "foto WBP")
    assert [each.text for each in found.problems] == [sdp_columns.NO_START]


def test_cells_are_read_as_people_write_them() -> None:
    record = one(
        **{
            "tanggal lahir": "31/12/1990",
            "tgl putusan akhir": datetime(2024, 5, 6, 0, 0),  # noqa: DTZ001  as a sheet has it
            "tgl ekspirasi": date(2027, 2, 20),
            "1/3 masa pidana": "2024-06-19 00:00:00",
            "1/2 masa pidana": "0000-00-00",
            "2/3 masa pidana": "-",
            "residivis": "Ya",
            "lama pidana bulan": 6.0,
            "total bulan remisi": "'2",
            "besaran denda": "Rp 1.000.000.000,00",
            "kategori remisi": "PP 99/2012",
            "nama alias": "\ufeffJaya\u200b\x07",
        }
    )

    assert (record.name, record.inmate_number, record.alias) == ("Jaya Meranti", "N-1", "Jaya")
    assert (record.birth_date, record.verdict_date) == (date(1990, 12, 31), date(2024, 5, 6))
    assert (record.expiry, record.one_third) == (date(2027, 2, 20), date(2024, 6, 19))
    assert record.half is record.two_thirds is None
    assert (record.recidivist, record.remission_months, record.fine) == (True, 2, 1_000_000_000)
    assert (record.sentence, record.category) == ((4, 6, 0), Category.PP99)


@pytest.mark.parametrize(
    ("cell", "fine"), [("800000000", 800_000_000), (5e8, 500_000_000), ("1,000,000", 1_000_000)]
)
def test_money_is_read_whatever_parts_its_thousands(cell: object, fine: int) -> None:
    assert one(**{"besaran denda": cell}).fine == fine


@pytest.mark.parametrize(
    ("words", "category"),
    [("normal", "normal"), ("PIDANA UMUM", "normal"), ("pp 28", "pp28"), ("", None)],
)
def test_groups_are_known_by_their_words(words: str, category: str | None) -> None:
    assert one(**{"kategori remisi": words}).category == category


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("nomor induk", ""),
        ("nama", "-"),
        ("nama", "=HYPERLINK(1)"),
        ("nama", "x" * 121),
        ("jenis kelamin", "lain"),
        ("jenis kelamin", ""),
        ("tanggal mulai ditahan", "31-02-2023"),
        ("tanggal mulai ditahan", "20 Feb 2023"),
        ("tanggal mulai ditahan", date(1802, 1, 1)),
        ("lama pidana tahun", "empat"),
        ("lama pidana tahun", "-3"),
        ("lama pidana tahun", "9" * 60),
        ("lama pidana tahun", "999999"),
        ("besaran denda", "satu juta"),
        ("besaran denda", "9" * 20),
        ("residivis", "mungkin"),
    ],
)
def test_what_cannot_be_read_is_told_by_row_and_column(column: str, cell: object) -> None:
    found = export(GOOD, GOOD | {"nomor induk": "N-2", column: cell})

    assert [(each.row, each.column) for each in found.problems] == [(4, column)]
    assert (found.errors, len(found.records)) == (1, 1)


def test_what_is_merely_missing_lets_the_row_pass_with_a_mark() -> None:
    found = export(
        GOOD | {"tanggal mulai ditahan": "", "lama pidana tahun": "", "kategori remisi": "lain"}
    )

    assert [each.weight for each in found.problems] == [Weight.WARNING] * 3
    assert found.records[0].sentence is None


def test_a_detainee_needs_no_sentence() -> None:
    detainee = {"no. reg instansi": "A.III 1/2026", "lama pidana tahun": ""}
    assert problems(**detainee, **{"tanggal mulai ditahan": ""}) == []
    assert not one(**detainee).sentenced


def test_real_booleans_count_as_yes_and_no() -> None:
    assert one(residivis=False).recidivist is False


def test_one_number_twice_is_an_error_of_the_later_row() -> None:
    found = export(GOOD, GOOD)

    (problem,) = found.problems
    assert (problem.row, dict(problem.values)) == (4, {"number": "N-1", "other": 3})


def test_empty_rows_and_totals_are_passed_over() -> None:
    rows = [HEADER, [GOOD.get(name, "") for name in HEADER], [], ["", None], ["Jumlah", "1"]]
    assert len(sdp.parse(rows).records) == 1


def test_columns_may_stand_anywhere_and_unknown_ones_are_reported() -> None:
    header = ["No", *reversed(HEADER[1:]), "no induk", "warna", ""]
    found = export(GOOD, header=header)

    assert found.unknown == ("no induk", "warna")
    assert found.records[0].inmate_number == "N-1"


@pytest.mark.parametrize(
    ("heading", "other"), [("no. reg instansi", "nama"), ("agama", "Nomor_Induk ")]
)
def test_a_heading_that_stands_there_twice_is_named(heading: str, other: str) -> None:
    header = [other if name == heading else name for name in HEADER]
    header.append(header.pop(header.index(other)))

    with pytest.raises(NotAnExport) as refused:
        export(GOOD, header=header)

    assert refused.value.text == sdp_columns.DUPLICATE
    assert refused.value.values == {"column": other.strip()}


def test_a_row_wider_than_the_header_is_an_error_of_that_row() -> None:
    good = [GOOD.get(name, "") for name in HEADER]
    rows = [HEADER, [*good, "", None], [*good[:2], "Meranti", *good[2:], "x"]]

    found = sdp.parse(rows)

    assert [(each.row, each.text) for each in found.problems if each.column == "–"] == [
        (3, sdp_columns.TOO_WIDE)
    ]
    assert [record.row for record in found.records] == [2]


def test_many_warnings_stop_nothing() -> None:
    nothing = {"tanggal mulai ditahan": ""}
    found = export(*[GOOD | nothing | {"nomor induk": f"N-{n}"} for n in range(600)])
    assert (len(found.problems), found.errors) == (500, 0)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_may_end_as_they_like(end: str) -> None:
    cells = sdp.csv_rows(f'No,nama{end}1,"Jaya{end}Meranti"{end}')
    assert cells == [["No", "nama"], ["1", f"Jaya{end}Meranti"]]


def test_a_column_that_is_missing_is_reported() -> None:
    found = export(GOOD, header=[name for name in HEADER if name != "subsider bulan"])
    assert found.missing == ("subsider bulan",)


def test_many_problems_are_counted_and_not_all_listed() -> None:
    found = export(*[GOOD | {"nomor induk": f"N-{n}", "nama": ""} for n in range(600)])
    assert (len(found.problems), found.more_problems, found.errors) == (500, 100, 600)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], sdp_columns.NO_HEADER),
        ([["Data"], [], ["nama"]], sdp_columns.NO_HEADER),
        ([["No", "nama"]], sdp_columns.LACKING),
        ([HEADER], sdp_columns.NOBODY),
        ([HEADER] * (sdp_columns.MOST_ROWS + 1), sdp_columns.TOO_MANY),
    ],
)
def test_a_file_that_is_no_export_gets_one_sentence(rows: list[list[str]], text: str) -> None:
    with pytest.raises(NotAnExport) as refused:
        sdp.parse(rows)
    assert refused.value.text == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_header_tells_what_parts_the_cells(delimiter: str) -> None:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows([["Nota, contoh"], HEADER])
    assert sdp.csv_rows(file.getvalue())[1] == HEADER


@pytest.mark.parametrize(
    ("text", "says"),
    [('No,"nama\n1,x', sdp_columns.BROKEN_CSV), ("No\0,nama", sdp_columns.NOT_TEXT)],
)
def test_a_broken_csv_gets_one_sentence(text: str, says: str) -> None:
    with pytest.raises(NotAnExport) as refused:
        sdp.csv_rows(text)
    assert refused.value.text == says


def test_a_hundredth_above_the_limit_stops_an_import() -> None:
    assert not records.stops(2, 100, 2)
    assert records.stops(3, 100, 2)
    assert not records.stops(0, 0, 2)
