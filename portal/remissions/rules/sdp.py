"""Reads the export "Pencarian Kompleks" of SDP, the national inmate database: rows of cells.

Columns are found by name, wherever they stand. What is wrong is told with its row and column in
plain words; a row that is wrong is never half read. Addresses, parents, NIK and photos are not read
at all. Source: a public importer's list of the 42 columns (law notes, section 8.2).
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from portal.remissions.rules import sdp_columns as known
from portal.remissions.rules.facts import Category
from portal.remissions.rules.sdp_columns import NotAnExport, Problem, Weight, as_compared

Cells = Sequence[object]  # str, int, float, bool, date, datetime or None, as CSV or XLSX bring them


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One person as the export knows him; ``None`` or ``""``: the export does not say."""

    row: int
    inmate_number: str
    name: str
    sex: str
    alias: str = ""
    birth_date: date | None = None
    religion: str = ""
    register_class: str = ""
    verdict_number: str = ""
    verdict_date: date | None = None
    years: int | None = None
    months: int | None = None
    days: int | None = None
    start_date: date | None = None
    remission_months: int | None = None
    remission_days: int | None = None
    category: Category | None = None
    substitute_months: int | None = None
    fine: int | None = None  # whole rupiah
    offence: str = ""
    article: str = ""
    recidivist: bool | None = None
    expiry: date | None = None
    one_third: date | None = None
    half: date | None = None
    two_thirds: date | None = None
    released_on: date | None = None

    @property
    def sentence(self) -> tuple[int, int, int] | None:
        """Return years, months and days; ``None`` if all three are empty."""
        parts = (self.years, self.months, self.days)
        if all(part is None for part in parts):
            return None
        return (self.years or 0, self.months or 0, self.days or 0)

    @property
    def sentenced(self) -> bool:
        """Tell whether the person serves a sentence; a detainee's class begins with A."""
        return bool(self.sentence) or self.register_class.upper().startswith("B")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What a file holds: persons, problems, and columns that were not read and why."""

    records: tuple[Record, ...]
    problems: tuple[Problem, ...]
    unknown: tuple[str, ...]  # columns nobody knows
    sensitive: tuple[str, ...]  # columns left alone on purpose
    missing: tuple[str, ...]  # columns the portal would read, by their usual name
    more_problems: int = 0  # beyond those that are listed

    @property
    def errors(self) -> int:
        """Return how many problems stop the import."""
        listed = sum(problem.weight is Weight.ERROR for problem in self.problems)
        return listed + self.more_problems


def csv_rows(text: str) -> list[list[str]]:
    """Split the text of a CSV file; comma, semicolon or tab, whichever the header uses.

    :raise NotAnExport: if it holds NUL signs or a quotation that never ends.
    """
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise NotAnExport(known.NOT_TEXT)
    header = next(filter(_is_header, text.splitlines()), "")
    delimiter = max(",;\t", key=header.count)
    lines = io.StringIO(text, newline="")  # ends of lines as they are: also those of old Macs
    try:
        return list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        raise NotAnExport(known.BROKEN_CSV) from None


def _is_header(line: str) -> bool:
    return as_compared(re.split(r"[,;\t]", line, maxsplit=1)[0]) == known.HEADER


def parse(rows: Sequence[Cells]) -> Export:
    """Read the rows of an export.

    :raise NotAnExport: if there is no header row, no person, too many rows, a heading twice, or a
        column is missing without which nothing can be calculated.
    """
    if len(rows) > known.MOST_ROWS:
        raise NotAnExport(known.TOO_MANY, most=known.MOST_ROWS)
    at = _header_row(rows)
    places, unknown, sensitive = _columns(rows[at])
    missing = tuple(name for name in known.COLUMNS if name not in places)
    if lacking := [known.COLUMNS[name][0] for name in missing if name in known.NEEDED]:
        raise NotAnExport(known.LACKING, columns=", ".join(lacking))
    reader = _Reader(places, width=_width(rows[at]))
    records = [
        record
        for number, cells in enumerate(rows[at + 1 :], at + 1 + 1)
        if (record := reader.record(number, cells)) is not None
    ]
    if not records and not reader.problems:
        raise NotAnExport(known.NOBODY)
    problems = [*reader.problems, *_twice(records)]
    problems.sort(key=lambda problem: problem.row)
    return Export(
        records=tuple(records),
        problems=tuple(problems[: known.MOST_PROBLEMS]),
        unknown=unknown,
        sensitive=sensitive,
        missing=tuple(known.COLUMNS[name][0] for name in missing),
        more_problems=sum(
            problem.weight is Weight.ERROR for problem in problems[known.MOST_PROBLEMS :]
        ),
    )


def _header_row(rows: Sequence[Cells]) -> int:
    for number, cells in enumerate(rows[: known.MOST_TITLE_ROWS]):
        if cells and as_compared(cells[0]) == known.HEADER:
            return number
    raise NotAnExport(known.NO_HEADER)


def _columns(header: Cells) -> tuple[dict[str, int], tuple[str, ...], tuple[str, ...]]:
    places: dict[str, int] = {}
    unknown, sensitive = [], []
    for at, heading in enumerate(header):
        word = as_compared(heading)
        name = known.BY_NAME.get(word)
        if name is not None and name not in places:
            places[name] = at
        elif name is not None and as_compared(header[places[name]]) == word:
            raise NotAnExport(known.DUPLICATE, column=str(heading).strip())
        elif word in known.SENSITIVE:
            sensitive.append(str(heading).strip())
        elif word and word not in known.NOT_READ:
            unknown.append(str(heading).strip()[: known.SHOWN])
    return places, tuple(unknown), tuple(sensitive)


def _width(cells: Cells) -> int:
    """Return up to where the cells of a row hold something."""
    return max((at for at, cell in enumerate(cells, 1) if as_compared(cell)), default=0)


def _twice(records: Sequence[Record]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for record in records:
        other = first.setdefault(record.inmate_number, record.row)
        if other != record.row:
            values = (("number", record.inmate_number), ("other", other))
            yield Problem(record.row, known.COLUMNS["inmate_number"][0], known.TWICE, values)


@dataclass
class _Reader:
    """Reads one row after the other and keeps what was wrong."""

    places: Mapping[str, int]
    width: int  # of the header
    problems: list[Problem] = field(default_factory=list)
    row: int = 0
    cells: Cells = ()

    def record(self, row: int, cells: Cells) -> Record | None:
        """Return the person of a row, or nothing: an empty row, or one with an error."""
        self.row, self.cells = row, cells
        before = len(self.problems)
        number, name = self.text("inmate_number"), self.text("name")
        if not number and not name:
            return None
        if not number:
            self.wrong("inmate_number", known.NO_NUMBER)
        if not name:
            self.wrong("name", known.NO_NAME)
        if _width(cells) > self.width:  # everything behind the comma stands in a wrong column
            self.problems.append(Problem(row, known.WHOLE_ROW, known.TOO_WIDE))
        record = self._all(number, name)
        wrong = any(each.weight is Weight.ERROR for each in self.problems[before:])
        if wrong:
            return None
        if record.sentenced:
            self._look_over(record)
        return record

    def _all(self, number: str, name: str) -> Record:
        return Record(
            row=self.row,
            inmate_number=number,
            name=name,
            sex=self.sex(),
            alias=self.text("alias"),
            birth_date=self.day("birth_date"),
            religion=self.text("religion"),
            register_class=self.text("register_class"),
            verdict_number=self.text("verdict_number"),
            verdict_date=self.day("verdict_date"),
            years=self.whole("years"),
            months=self.whole("months"),
            days=self.whole("days"),
            start_date=self.day("start_date"),
            remission_months=self.whole("remission_months"),
            remission_days=self.whole("remission_days"),
            category=self.category(),
            substitute_months=self.whole("substitute_months"),
            fine=self.money("fine"),
            offence=self.text("offence"),
            article=self.text("article"),
            recidivist=self.yes("recidivist"),
            expiry=self.day("expiry"),
            one_third=self.day("one_third"),
            half=self.day("half"),
            two_thirds=self.day("two_thirds"),
            released_on=self.day("released_on"),
        )

    def _look_over(self, record: Record) -> None:
        if record.start_date is None:
            self.wrong("start_date", known.NO_START, Weight.WARNING)
        if record.sentence is None:
            self.wrong("years", known.NO_SENTENCE, Weight.WARNING)

    def wrong(
        self, name: str, text: str, weight: Weight = Weight.ERROR, **values: str | int
    ) -> None:
        """Keep a problem of this row."""
        told = tuple(values.items())
        self.problems.append(Problem(self.row, known.COLUMNS[name][0], text, told, weight))

    def cell(self, name: str) -> object:
        """Return the cell of a column; ``None`` if the row is shorter or the column missing."""
        at = self.places.get(name)
        return None if at is None or at >= len(self.cells) else self.cells[at]

    def text(self, name: str) -> str:
        """Return a text, tidied; ``""`` if empty."""
        cell = self.cell(name)
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        text = unicodedata.normalize("NFC", "" if cell is None else str(cell))
        text = "".join(
            sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cs", "Cf")
        )
        text = known.SPACES.sub(" ", text).strip().removeprefix("'").strip()
        if text.casefold() in known.EMPTY:
            return ""
        if text.startswith(known.FORMULA):
            self.wrong(name, known.A_FORMULA, value=text[: known.SHOWN])
        if len(text) > known.LONGEST.get(name, known.MOST_WHOLE):
            self.wrong(name, known.TOO_LONG, most=known.LONGEST[name])
        return text

    def day(self, name: str) -> date | None:
        """Return a day written as known.ISO, as day/month/year, or kept as a real date."""
        cell = self.cell(name)
        if isinstance(cell, datetime):
            cell = cell.date()
        if isinstance(cell, date):
            day: date | None = cell
        else:
            text = self.text(name)
            if not text:
                return None
            day = _day(text)
        if day is None or not known.EARLIEST <= day <= known.LATEST:
            self.wrong(name, known.BAD_DAY, value=str(cell)[: known.SHOWN])
            return None
        return day

    def whole(self, name: str) -> int | None:
        """Return a whole number that is not negative."""
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal()) or len(text) > known.LONGEST["inmate_number"]:
            self.wrong(name, known.BAD_WHOLE, value=text[: known.SHOWN])
            return None
        if int(text) > known.MOST_WHOLE:
            self.wrong(name, known.BAD_WHOLE, value=text[: known.SHOWN])
            return None
        return int(text)

    def money(self, name: str) -> int | None:
        """Return whole rupiah, however the thousands are parted."""
        cell = self.cell(name)
        text = str(int(cell)) if isinstance(cell, (float, Decimal)) else self.text(name)
        if not text:
            return None
        found = known.MONEY.fullmatch(text.casefold())
        amount = int(re.sub(r"[.,]", "", found[1])) if found else known.MOST_MONEY
        if amount >= known.MOST_MONEY:
            self.wrong(name, known.BAD_MONEY, value=text[: known.SHOWN])
            return None
        return amount

    def sex(self) -> str:
        """Return ``male`` or ``female``."""
        text = self.text("sex")
        for sex, words in known.SEXES.items():
            if text.casefold() in words:
                return sex
        self.wrong("sex", known.BAD_SEX, value=text[: known.SHOWN] or "–")
        return ""

    def yes(self, name: str) -> bool | None:
        """Return what Ya or Tidak says."""
        cell = self.cell(name)
        if isinstance(cell, bool):
            return cell
        text = self.text(name)
        if text and text.casefold() not in known.YES_NO:
            self.wrong(name, known.BAD_YES, value=text[: known.SHOWN])
        return known.YES_NO.get(text.casefold())

    def category(self) -> Category | None:
        """Return the legal group; unknown words stay open, with a mark."""
        text = self.text("category")
        plain = text.casefold().replace(" ", "")
        if not plain:
            return None
        for word, category in (
            ("pp99", Category.PP99),
            ("pp28", Category.PP28),
            ("normal", Category.NORMAL),
            ("umum", Category.NORMAL),
        ):
            if word in plain:
                return category
        self.wrong("category", known.BAD_CATEGORY, Weight.WARNING, value=text[: known.SHOWN])
        return None


def _day(text: str) -> date | None:
    if found := known.ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := known.LOCAL.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
