"""Columns of the export "Pencarian Kompleks", what they are called, and what can be wrong."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.domain.text import message

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
HEADER, MOST_TITLE_ROWS, MOST_ROWS, MOST_PROBLEMS = "no", 50, 20_000, 500
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
WHOLE_ROW = "–"  # instead of a column
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


NOT_TEXT = message("This is no text file. Save the export as CSV or XLSX and choose it again.")
BROKEN_CSV = message("This CSV file is broken: a quotation mark is open. Export it once more.")
TOO_MANY = message("The file has more than %(most)s rows. Split it and send the parts.")
NO_HEADER = message("The header row is missing: no row begins with the cell No.")
LACKING = message("These columns are missing: %(columns)s. Export with all columns.")
DUPLICATE = message(
    "The heading %(column)s stands there twice. Name each column once, as the export does."
)
NOBODY = message("The file holds no person below the header row.")
TWICE = message("Number %(number)s stands in row %(other)s too. Keep one of them.")
TOO_WIDE = message("The row has more cells than headings: look for a comma too many.")
STAYS = message("The file does not say this. What the portal knows already stays.")
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


def as_compared(name: object) -> str:
    """Return a heading as it is compared: lower case, without dots, underscores, double spaces."""
    text = unicodedata.normalize("NFC", str(name or "")).replace("\ufeff", "")
    return SPACES.sub(" ", re.sub(r"[._\-\"']", " ", text)).strip().casefold()


BY_NAME = {as_compared(word): name for name, words in COLUMNS.items() for word in words}
