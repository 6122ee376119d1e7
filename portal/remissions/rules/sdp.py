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
from enum import StrEnum

from portal.domain.text import message
from portal.remissions.rules.facts import Category

Cells = Sequence[object]  # str, int, float, bool, date, datetime or None, as CSV or XLSX bring them

# Our name of a column, and how exports call it; compared without case, dots and underscores.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "register_class": (
        "no. reg instansi",
        "nmr reg instansi",
        "nmr reg gol",
        "golongan registrasi",
    ),
    "name": ("nama", "nama lengkap"),
    "birth_date": ("tanggal lahir", "tgl lahir"),
    "sex": ("jenis kelamin",),
    "religion": ("agama",),
    "inmate_number": ("nomor induk", "no induk"),
    "verdict_number": ("nomor putusan akhir", "nmr putusan akhir"),
    "verdict_date": ("tgl putusan akhir", "tanggal putusan akhir"),
    "years": ("lama pidana tahun", "tahun hukuman"),
    "months": ("lama pidana bulan", "bulan hukuman"),
    "days": ("lama pidana hari", "hari hukuman"),
    "offence": ("jenis kejahatan",),
    "start_date": ("tanggal mulai ditahan", "tgl mulai ditahan", "tgl pertama ditahan"),
    "expiry": ("tgl ekspirasi", "tanggal ekspirasi", "ekspirasi akhir"),
    "one_third": ("1/3 masa pidana", "tgl sepertiga"),
    "half": ("1/2 masa pidana", "tgl setengah"),
    "two_thirds": ("2/3 masa pidana", "tgl duapertiga"),
    "recidivist": ("residivis",),
    "remission_months": ("total bulan remisi",),
    "remission_days": ("total hari remisi",),
    "category": ("kategori remisi",),
    "article": ("pasal utama",),
    "fine": ("besaran denda",),
    "substitute_months": ("subsider bulan",),
    "alias": ("nama alias", "nama alias1"),
    "released_on": ("tgl bebas", "tanggal bebas"),
}
NEEDED = ("name", "sex", "inmate_number", "years", "months", "days", "start_date")
# Known, and left where they are: they say nothing about the sentence.
NOT_READ = (
    "no",
    "provinsi",
    "kota",
    "tempat lahir",
    "usia",
    "status perkawinan",
    "tingkat pendidikan",
    "undang undang",
    "pekerjaan",
    "kategori usia",
    "jenis kejahatan narkotika",
    "lokasi blok",
    "lokasi sel",
    "total hukuman",
    "ekspirasi awal",
)
SENSITIVE = (
    "alamat",
    "nama ayah",
    "nama ibu",
    "no induk ktp",
    "nik",
    "foto wbp",
    "foto",
    "nm ayah",
    "nm ibu",
)
HEADER, MOST_TITLE_ROWS, MOST_ROWS, MOST_PROBLEMS = "no", 50, 60_000, 500
LONGEST: Mapping[str, int] = {
    "name": 120,
    "alias": 120,
    "inmate_number": 50,
    "register_class": 50,
    "verdict_number": 120,
    "religion": 30,
    "offence": 120,
    "article": 120,
}
SHOWN = 40
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
MOST_WHOLE, MOST_MONEY = 100_000, 10**15
EMPTY = ("", "-", "0000-00-00", "null")
FORMULA = ("=", "+", "@")
SEXES = {
    "male": ("laki-laki", "laki - laki", "laki laki", "l", "pria"),
    "female": ("perempuan", "p", "wanita"),
}
YES_NO = {"ya": True, "tidak": False}
SPACES = re.compile(r"\s+")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?", re.ASCII)
LOCAL = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
MONEY = re.compile(r"(?:rp\.?\s*)?(\d{1,3}(?:[.,]\d{3})*|\d+)(?:[.,]\d{1,2})?", re.ASCII)


class Weight(StrEnum):
    """What a problem does: an error stops the import, a warning lets it pass with a mark."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the file: row as the file counts it, column, message id and values."""

    row: int
    column: str
    text: str
    values: tuple[tuple[str, str | int], ...] = ()
    weight: Weight = Weight.ERROR


class NotAnExport(ValueError):
    """The file as a whole cannot be used; ``text`` is a message id."""

    def __init__(self, text: str, **values: str | int) -> None:
        super().__init__(text % values if values else text)
        self.text, self.values = text, values


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
        raise NotAnExport(NOT_TEXT)
    header = next((line for line in text.splitlines() if _plain(line[:4]).startswith(HEADER)), "")
    delimiter = max(",;\t", key=header.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error:
        raise NotAnExport(BROKEN_CSV) from None


def parse(rows: Sequence[Cells]) -> Export:
    """Read the rows of an export.

    :raise NotAnExport: if there is no header row, no person, too many rows, or a column is
        missing without which nothing can be calculated.
    """
    if len(rows) > MOST_ROWS:
        raise NotAnExport(TOO_MANY, most=MOST_ROWS)
    at = _header_row(rows)
    places, unknown, sensitive = _columns(rows[at])
    missing = tuple(name for name in COLUMNS if name not in places)
    if lacking := [COLUMNS[name][0] for name in missing if name in NEEDED]:
        raise NotAnExport(LACKING, columns=", ".join(lacking))
    reader = _Reader(places)
    records = [
        record
        for number, cells in enumerate(rows[at + 1 :], at + 1 + 1)
        if (record := reader.record(number, cells)) is not None
    ]
    if not records and not reader.problems:
        raise NotAnExport(NOBODY)
    problems = [*reader.problems, *_twice(records)]
    problems.sort(key=lambda problem: problem.row)
    return Export(
        records=tuple(records),
        problems=tuple(problems[:MOST_PROBLEMS]),
        unknown=unknown,
        sensitive=sensitive,
        missing=tuple(COLUMNS[name][0] for name in missing),
        more_problems=len(problems[MOST_PROBLEMS:]),
    )


NOT_TEXT = message("This is no text file. Save the export as CSV or XLSX and choose it again.")
BROKEN_CSV = message("This CSV file is broken: a quotation mark is open. Export it once more.")
TOO_MANY = message("The file has more than %(most)s rows. Split it and send the parts.")
NO_HEADER = message("The header row is missing: no row begins with the cell No.")
LACKING = message("These columns are missing: %(columns)s. Export with all columns.")
NOBODY = message("The file holds no person below the header row.")
TWICE = message("Number %(number)s stands in row %(other)s too. Keep one of them.")
NO_NUMBER = message("The inmate number is missing.")
NO_NAME = message("The name is missing.")
BAD_DAY = message("%(value)s is no day. Write it as 2024-12-31 or 31/12/2024.")
BAD_WHOLE = message("%(value)s is no whole number.")
BAD_MONEY = message("%(value)s is no amount of money.")
BAD_SEX = message("%(value)s: write Laki-laki or Perempuan.")
BAD_YES = message("%(value)s: write Ya or Tidak.")
BAD_CATEGORY = message("The category %(value)s is not known here; it stays open.")
TOO_LONG = message("The cell is longer than %(most)s signs.")
A_FORMULA = message("The cell begins like a formula: %(value)s.")
NO_START = message("The first day of detention is missing: no dates for this person.")
NO_SENTENCE = message("The length of the sentence is missing: no dates for this person.")


def _plain(name: object) -> str:
    """Return a heading as it is compared: lower case, without dots, underscores, double spaces."""
    text = unicodedata.normalize("NFC", str(name or "")).replace("\ufeff", "")
    return SPACES.sub(" ", re.sub(r"[._\-\"']", " ", text)).strip().casefold()


_BY_NAME = {_plain(word): name for name, words in COLUMNS.items() for word in words}


def _header_row(rows: Sequence[Cells]) -> int:
    for number, cells in enumerate(rows[:MOST_TITLE_ROWS]):
        if cells and _plain(cells[0]) == HEADER:
            return number
    raise NotAnExport(NO_HEADER)


def _columns(header: Cells) -> tuple[dict[str, int], tuple[str, ...], tuple[str, ...]]:
    places: dict[str, int] = {}
    unknown, sensitive = [], []
    for at, heading in enumerate(header):
        plain = _plain(heading)
        if (name := _BY_NAME.get(plain)) is not None:
            places.setdefault(name, at)
        elif plain in SENSITIVE:
            sensitive.append(str(heading).strip())
        elif plain and plain not in NOT_READ:
            unknown.append(str(heading).strip()[:SHOWN])
    return places, tuple(unknown), tuple(sensitive)


def _twice(records: Sequence[Record]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for record in records:
        other = first.setdefault(record.inmate_number, record.row)
        if other != record.row:
            values = (("number", record.inmate_number), ("other", other))
            yield Problem(record.row, COLUMNS["inmate_number"][0], TWICE, values)


@dataclass
class _Reader:
    """Reads one row after the other and keeps what was wrong."""

    places: Mapping[str, int]
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
            self.wrong("inmate_number", NO_NUMBER)
        if not name:
            self.wrong("name", NO_NAME)
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
            self.wrong("start_date", NO_START, Weight.WARNING)
        if record.sentence is None:
            self.wrong("years", NO_SENTENCE, Weight.WARNING)

    def wrong(
        self, name: str, text: str, weight: Weight = Weight.ERROR, **values: str | int
    ) -> None:
        """Keep a problem of this row."""
        told = tuple(values.items())
        self.problems.append(Problem(self.row, COLUMNS[name][0], text, told, weight))

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
        text = SPACES.sub(" ", text).strip().removeprefix("'").strip()
        if text.casefold() in EMPTY:
            return ""
        if text.startswith(FORMULA):
            self.wrong(name, A_FORMULA, value=text[:SHOWN])
        if len(text) > LONGEST.get(name, MOST_WHOLE):
            self.wrong(name, TOO_LONG, most=LONGEST[name])
        return text

    def day(self, name: str) -> date | None:
        """Return a day written as ISO, as day/month/year, or kept as a real date."""
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
        if day is None or not EARLIEST <= day <= LATEST:
            self.wrong(name, BAD_DAY, value=str(cell)[:SHOWN])
            return None
        return day

    def whole(self, name: str) -> int | None:
        """Return a whole number that is not negative."""
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal()) or len(text) > LONGEST["inmate_number"]:
            self.wrong(name, BAD_WHOLE, value=text[:SHOWN])
            return None
        if int(text) > MOST_WHOLE:
            self.wrong(name, BAD_WHOLE, value=text[:SHOWN])
            return None
        return int(text)

    def money(self, name: str) -> int | None:
        """Return whole rupiah, however the thousands are parted."""
        cell = self.cell(name)
        text = str(int(cell)) if isinstance(cell, (float, Decimal)) else self.text(name)
        if not text:
            return None
        found = MONEY.fullmatch(text.casefold())
        amount = int(re.sub(r"[.,]", "", found[1])) if found else MOST_MONEY
        if amount >= MOST_MONEY:
            self.wrong(name, BAD_MONEY, value=text[:SHOWN])
            return None
        return amount

    def sex(self) -> str:
        """Return ``male`` or ``female``."""
        text = self.text("sex")
        for sex, words in SEXES.items():
            if text.casefold() in words:
                return sex
        self.wrong("sex", BAD_SEX, value=text[:SHOWN] or "–")
        return ""

    def yes(self, name: str) -> bool | None:
        """Return what Ya or Tidak says."""
        cell = self.cell(name)
        if isinstance(cell, bool):
            return cell
        text = self.text(name)
        if text and text.casefold() not in YES_NO:
            self.wrong(name, BAD_YES, value=text[:SHOWN])
        return YES_NO.get(text.casefold())

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
        self.wrong("category", BAD_CATEGORY, Weight.WARNING, value=text[:SHOWN])
        return None


def _day(text: str) -> date | None:
    if found := ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := LOCAL.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
