"""XLSX: xlsxwriter writes it, calamine reads it; the same rows give the same bytes.

openpyxl is not used: it writes text that begins with ``=`` as a formula.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any  # xlsxwriter brings no types

import python_calamine
import xlsxwriter

from portal.domain.text import message

Cell = str | int | float | Decimal | bool | date | datetime | time | timedelta | None

MAX_ENTRIES = 200
MAX_UNPACKED = 50_000_000  # bytes, all entries together
MAX_RATIO = 100  # unpacked to packed; an honest sheet stays below 40
MAX_CELLS = 2_000_000  # of the rectangle that holds all cells, empty ones too
MAX_SHEET_NAME = 31  # Excel's own limits
MAX_TEXT = 32_767
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

_NOT_EXCEL = message("This is not an Excel file (.xlsx). Save it as .xlsx and choose it again.")
_TOO_LARGE = message("This Excel file is too large once unpacked. Split it and send the parts.")
_DAMAGED = message("This Excel file cannot be read. Open it in Excel, save it again and retry.")

_CELL_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,8})(\d{1,12})["']""")
_ROW_REFERENCE = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br\s*=\s*["'](\d{1,12})["']""")
_FORBIDDEN_IN_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


class Unreadable(ValueError):
    """A file that is no workbook, is damaged or unpacks to too much; tells it in plain words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook: its name, one row of headings and the rows below them."""

    name: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    widths: tuple[int, ...] = ()  # in characters; what is not given follows the heading


def workbook(sheets: Sequence[Sheet], created: datetime) -> bytes:
    """Write an XLSX file; ``created`` (aware) is its only time, so equal rows give equal bytes.

    Text stays text; one that begins with a sign of a formula gets an apostrophe in front, since
    the sheet may be saved as CSV later.  Days and instants (local, without a zone) are real dates.

    :raise ValueError: if a text is longer or a sheet has more rows than Excel takes.
    """
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "dd/mm/yyyy",
    }
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties(
            {"title": sheets[0].name if sheets else "", "created": created.astimezone(UTC)}
        )
        formats = {
            "heading": book.add_format(
                {"bold": True, "bg_color": "#0a4f57", "font_color": "white", "text_wrap": True,
                 "valign": "top"}
            ),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "instant": book.add_format({"num_format": "dd/mm/yyyy hh:mm", "valign": "top"}),
        }  # fmt: skip
        for sheet, name in zip(sheets, _names(sheets), strict=True):
            _write_sheet(book.add_worksheet(name), sheet, formats)
    return file.getvalue()


def read_rows(content: bytes, sheet: int = 0) -> list[list[Cell]]:
    """Give the rows of one sheet, from its first row on; empty rows keep their place.

    Whole numbers come back as ``int``, dates as ``date`` or ``datetime``, empty cells as ``""``.

    :raise Unreadable: if the file is no XLSX file, is damaged or unpacks to too much.
    """
    safe = _packed_again(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(safe))
        if not 0 <= sheet < len(book.sheet_names):
            raise Unreadable(_DAMAGED)
        rows = book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError):
        raise Unreadable(_DAMAGED) from None
    return [[_whole(cell) for cell in row] for row in rows]


def neutral(text: str) -> str:
    """Give a text for CSV that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _write_sheet(page: Any, sheet: Sheet, formats: Mapping[str, Any]) -> None:
    for column, heading in enumerate(sheet.headings):
        page.write_string(0, column, neutral(heading), formats["heading"])
        width = sheet.widths[column] if column < len(sheet.widths) else len(heading) + 4
        page.set_column(column, column, width)
    for number, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(row):
            _put(page, (number, column), cell, formats)
    page.freeze_panes(1, 0)
    if sheet.headings:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.headings) - 1)


def _put(page: Any, at: tuple[int, int], cell: Cell, formats: Mapping[str, Any]) -> None:
    """Write one cell by the method of its type: nothing is guessed from a text.

    :raise ValueError: if Excel does not take it.
    """
    refused = 0
    match cell:
        case None:
            pass
        case bool():
            refused = page.write_boolean(*at, cell)
        case str():
            refused = page.write_string(*at, neutral(cell), formats["text"]) if cell else 0
        case datetime():
            refused = page.write_datetime(*at, cell, formats["instant"])
        case date() | time() | timedelta():
            refused = page.write_datetime(*at, cell)
        case _:
            refused = page.write_number(*at, cell)
    if refused:
        raise ValueError(f"row {at[0] + 1}, column {at[1] + 1}: too long for Excel")


def _names(sheets: Sequence[Sheet]) -> Iterator[str]:
    taken: set[str] = set()
    for number, sheet in enumerate(sheets, 1):
        name = _FORBIDDEN_IN_NAME.sub(" ", sheet.name).strip("' ")[:MAX_SHEET_NAME].strip("' ")
        name = name or str(number)
        if name.lower() in taken:
            name = f"{name[: MAX_SHEET_NAME - len(f' {number}')]} {number}"
        taken.add(name.lower())
        yield name


def _whole(cell: Cell) -> Cell:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _packed_again(content: bytes) -> bytes:
    """Unpack within the limits and pack what calamine needs: it then sees what was checked.

    :raise Unreadable: if an entry lies about its size, or there is too much of anything.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            size = sum(entry.file_size for entry in entries)
            if "xl/workbook.xml" not in names or len(set(names)) != len(names):
                raise Unreadable(_NOT_EXCEL)
            if len(entries) > MAX_ENTRIES or size > min(MAX_UNPACKED, MAX_RATIO * len(content)):
                raise Unreadable(_TOO_LARGE)
            needed = {
                entry.filename: archive.read(entry)
                for entry in entries
                if entry.filename.endswith((".xml", ".rels"))
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise Unreadable(_NOT_EXCEL) from None
    safe = io.BytesIO()
    with zipfile.ZipFile(safe, "w", zipfile.ZIP_STORED) as archive:
        for name, data in needed.items():
            if name.startswith("xl/worksheets/"):
                _check_rectangle(data)
            archive.writestr(zipfile.ZipInfo(name), data)
    return safe.getvalue()


def _check_rectangle(xml: bytes) -> None:
    """Refuse two cells at far corners: the reader would make room for all between them.

    :raise Unreadable: if the rectangle is too large.
    """
    width = height = 1
    for letters, digits in _CELL_REFERENCE.findall(xml):
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - 64
        width, height = max(width, column), max(height, int(digits))
    for digits in _ROW_REFERENCE.findall(xml):
        height = max(height, int(digits))
    if width * height > MAX_CELLS:
        raise Unreadable(_TOO_LARGE)
