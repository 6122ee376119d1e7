"""The PDF of a report: same report, same bytes.  PDF/A-2a and PDF/UA-1 at once.

The font comes from the wheel ``fontpkg-ibm-plex-sans`` (SIL Open Font License 1.1).  Data enter as
JSON, never as markup.
"""

from __future__ import annotations

import functools
import json
import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any  # the data of a page, as JSON takes them
from zoneinfo import ZoneInfo

import typst

from portal.kernel.text import _
from portal.reports.rules.content import Content
from portal.reports.rules.letterhead import letterhead
from portal.reports.rules.periods import ended_at
from portal.reports.words import ReportWords, SectionWords, TableWords

FOLDER = Path(__file__).parent / "typst"
STAND_IN = "\ufffd"  # for what the font has no picture of; PDF/A refuses a text it cannot show
NARROWEST, WIDEST = 5, 36  # letters a column is made for


def make_pdf(content: Content, words: ReportWords) -> bytes:
    """Set a report on A4 and return the file; its only time is the end of the month.

    :raise TypeError: if the typesetter hands out pages instead of one file.
    """
    end = ended_at(content.month, content.place.time_zone)
    data = json.dumps(_data(content, words), ensure_ascii=False, sort_keys=True)
    made = _compiler().compile(
        sys_inputs={"data": shown(data)},
        format="pdf",
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(end.timestamp()),
    )
    if not isinstance(made, bytes):  # the package's own type allows a list of pages
        raise TypeError("one file was asked for")
    return made


def shown(text: str) -> str:
    """Replace the signs that the font has no picture of: one of them would stop the report."""
    covered = _covered()
    return "".join(sign if sign in "\n\r\t" or ord(sign) in covered else STAND_IN for sign in text)


def _data(content: Content, words: ReportWords) -> dict[str, Any]:
    end = ended_at(content.month, content.place.time_zone).astimezone(
        ZoneInfo(content.place.time_zone)
    )
    return {
        "title": words.title,
        "kind": _("Monthly report"),
        "period": words.month,
        "office": content.place.name,
        "description": _(
            "Figures of %(month)s with definition, source and day.", month=words.month
        ),
        "keywords": [content.number, words.month, content.place.name],
        "date": [end.year, end.month, end.day],
        "letterhead": letterhead(end.date(), content.place.region),
        "number": content.number,
        "status": _("Provisional figures"),
        "cover_note": _("Made from the portal's records. Figures are final once the head signs."),
        "highlights": [
            {"value": one.value, "unit": one.unit, "label": one.label, "change": one.change}
            for one in words.main
        ],
        "sections": [_section(section) for section in words.sections],
        "reading": [{"term": term, "text": text} for term, text in _reading()],
        "words": _fixed_words(),
    }


def _section(section: SectionWords) -> dict[str, Any]:
    return {
        "title": section.title,
        "caption": _("Figures: %(section)s", section=section.title),
        "sentences": section.sentences or (() if section.figures else (_("No figures yet."),)),
        "figures": [
            {
                "number": one.number,
                "label": one.label,
                "value": one.value,
                "unit": one.unit,
                "before": one.before,
                "change": one.short_change,
                "definition": one.definition,
                "basis": one.basis,
            }
            for one in section.figures
        ],
        "charts": [
            {"caption": one.label, "alt": one.description, "svg": one.draw(False)}  # noqa: FBT003
            for one in section.charts
        ],
        "tables": [_table(one) for one in section.tables],
    }


def _table(table: TableWords) -> dict[str, Any]:
    longest = (max(map(len, texts)) for texts in zip(table.columns, *table.rows, strict=True))
    return {
        "caption": table.label,
        "columns": table.columns,
        "widths": [max(NARROWEST, min(WIDEST, letters)) for letters in longest],
        "right": table.numbers,
        "rows": [
            {"cells": row, "muted": muted}
            for row, muted in zip(table.rows, table.muted, strict=True)
        ],
    }


def _reading() -> tuple[tuple[str, str], ...]:
    return (
        (_("Provisional figures"), _("They may change until the head signs the report.")),
        (_("As of"), _("The day a figure stands for.")),
        ("<5", _("Groups of fewer than five people are hidden, so that nobody is recognised.")),
        (
            _("Not clearly different"),
            _("The difference is so small that chance alone can explain it."),
        ),
        ("–", _("The portal does not know this figure. It is not zero.")),
    )


def _fixed_words() -> dict[str, Any]:
    return {
        "page": _("Page"),
        "of": _("of"),
        "contents": _("Contents"),
        "list_of_charts": _("List of charts"),
        "list_of_tables": _("List of tables"),
        "columns": [
            _("No."),
            _("Figure"),
            _("This month"),
            _("Last month"),
            _("Change since last month"),
        ],
        "reading_title": _("How to read this report"),
        "sign_title": _("Signature"),
        "sign_text": _(
            "The head signs after checking the figures. Until then they are provisional."
        ),
        "sign_fields": [_("Head of prison: name and signature"), _("Place and date")],
    }


@functools.cache
def _compiler() -> typst.Compiler:
    """Return the compiler, kept for the life of the process: the second report is faster."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(_font_folder())])
    return typst.Compiler(str(FOLDER / "report.typ"), root=str(FOLDER), font_paths=fonts)


def _font_folder() -> Path:
    spec = find_spec("fontpkg_ibm_plex_sans")
    if spec is None or spec.origin is None:
        raise RuntimeError("fontpkg-ibm-plex-sans is not installed")
    return Path(spec.origin).parent / "files"


@functools.cache
def _covered() -> frozenset[int]:
    """Read from the font file which signs it has pictures of (its ``cmap``, format 4)."""
    file = next(
        path for path in sorted(_font_folder().glob("*.ttf")) if "Italic" not in path.name
    ).read_bytes()
    count = struct.unpack_from(">H", file, 4)[0]
    tables = (struct.unpack_from(">4sLLL", file, 12 + 16 * index) for index in range(count))
    start = next(offset for tag, _sum, offset, _length in tables if tag == b"cmap")
    parts = struct.unpack_from(">H", file, start + 2)[0]
    for index in range(parts):
        at = start + struct.unpack_from(">HHL", file, start + 4 + 8 * index)[2]
        if struct.unpack_from(">H", file, at)[0] == 4:
            return _segments(file, at)
    raise RuntimeError("the font has no table of signs")


def _segments(file: bytes, at: int) -> frozenset[int]:
    half = struct.unpack_from(">H", file, at + 6)[0]
    size = half // 2
    ends = struct.unpack_from(f">{size}H", file, at + 14)
    starts = struct.unpack_from(f">{size}H", file, at + 16 + half)
    return frozenset(
        sign for first, last in zip(starts, ends, strict=True) for sign in range(first, last + 1)
    ) - {0xFFFF}
