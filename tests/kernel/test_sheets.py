"""Workbooks written and read again."""

import io
import zipfile
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kernel.sheets import MAX_TEXT, Sheet, Unreadable, neutral, read_rows, workbook

CREATED = datetime(2026, 11, 1, tzinfo=UTC)


def one(*rows: tuple[object, ...]) -> bytes:
    return workbook([Sheet("Data", ("A", "B"), rows)], CREATED)  # type: ignore[arg-type]


def test_what_was_written_is_read_again_with_its_types() -> None:
    rows = read_rows(
        one((1, "satu"), (2.5, date(2026, 10, 31)), (Decimal("82.51"), None), (True, ""))
    )

    assert rows == [["A", "B"], [1, "satu"], [2.5, date(2026, 10, 31)], [82.51, ""], [True, ""]]


def test_an_instant_comes_back_as_an_instant() -> None:
    instant = CREATED.replace(hour=8, minute=15, tzinfo=None)

    assert read_rows(one((instant, 0)))[1][0] == instant


@pytest.mark.parametrize("text", ["http://a.b", "00123", "1e5", "1/2/2026"])
def test_no_text_becomes_a_link_a_number_or_a_date(text: str) -> None:
    assert read_rows(one((text, "x")))[1][0] == text


@pytest.mark.parametrize("text", ["=1+1", "+62 812", "-5", "@sum", "\tx", "=cmd|'/c calc'!A1"])
def test_no_text_becomes_a_formula_here_or_in_a_later_csv(text: str) -> None:
    content = workbook([Sheet("x", (text,), ((text,),))], CREATED)

    assert read_rows(content) == [[f"'{text}"], [f"'{text}"]]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_the_same_rows_give_the_same_bytes() -> None:
    assert one((1, "a")) == one((1, "a"))


def test_sheet_names_are_made_fit_and_kept_apart() -> None:
    long = "Kepuasan masyarakat: unsur [semua] tahun ini"
    content = workbook(
        [Sheet(long, ("A",), ()), Sheet(long, ("B",), ()), Sheet("//", ("C",), ())], CREATED
    )

    assert [read_rows(content, n)[0] for n in range(3)] == [["A"], ["B"], ["C"]]


def test_empty_rows_keep_their_place() -> None:
    assert read_rows(one((None, None), (None, "x")))[2] == ["", "x"]


def test_a_text_longer_than_a_cell_is_refused_and_not_cut() -> None:
    with pytest.raises(ValueError, match="too long"):
        one(("x" * (MAX_TEXT + 1), ""))


def test_a_workbook_without_rows_opens() -> None:
    assert read_rows(workbook([Sheet("Kosong", (), ())], CREATED)) == []


@pytest.mark.parametrize(
    "content", [b"", b"nama;umur\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + b"\0" * 600]
)
def test_what_is_no_workbook_is_refused_in_plain_words(content: bytes) -> None:
    with pytest.raises(Unreadable, match="not an Excel file"):
        read_rows(content)


def archive(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in entries.items():
            packed.writestr(name, data)
    return file.getvalue()


def changed(content: bytes, name: str, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        entries = {entry: old.read(entry) for entry in old.namelist()}
    return archive(**(entries | {name: data}))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(Unreadable, match="too large"):
        read_rows(archive(**{"xl/workbook.xml": b" " * 10_000_000}))


def test_too_many_entries_are_refused() -> None:
    with pytest.raises(Unreadable, match="too large"):
        read_rows(archive(**{"xl/workbook.xml": b"x", **{f"xl/{n}.xml": b"" for n in range(300)}}))


def test_two_cells_at_far_corners_are_refused() -> None:
    far = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    with pytest.raises(Unreadable, match="too large"):
        read_rows(changed(one((1, 2)), "xl/worksheets/sheet1.xml", far))


def test_a_damaged_sheet_is_refused() -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        read_rows(changed(one((1, 2)), "xl/workbook.xml", b"<workbook"))


def test_a_sheet_that_is_not_there_is_refused() -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        read_rows(one((1, 2)), sheet=5)


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 5000), value=st.integers(0, 255))
def test_a_flipped_byte_never_breaks_the_reader(at: int, value: int) -> None:
    content = bytearray(one((1, "satu"), (2, "dua")))
    content[at % len(content)] = value

    with suppress(Unreadable):  # and nothing else
        read_rows(bytes(content))


@pytest.mark.parametrize(
    ("text", "safe"), [("=1", "'=1"), ("Budi", "Budi"), ("", ""), ("-1", "'-1")]
)
def test_a_text_for_csv_is_made_neutral(text: str, safe: str) -> None:
    assert neutral(text) == safe
