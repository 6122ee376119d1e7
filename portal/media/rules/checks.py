"""The personal-data gate: what must not stand in a text that is about to be submitted.

The gate answers with places in the text, never with a record: names and registration numbers are
found by whoever keeps the register, which tells spans and nothing else.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Span = tuple[int, int]
NameFinder = Callable[[int, str], Sequence[Span]]

# 16 digits (NIK, Permendagri 72/2022), also written in groups.
_IDENTITY: Final = re.compile(r"(?<!\d)(?:\d[ .-]?){15}\d(?!\d)")
# Mobile numbers: +62, 62 or 0, then 8, then seven to eleven digits, with or without signs between.
_PHONE: Final = re.compile(r"(?<!\d)(?:\+?62[ .-]?|0)8(?:[ .-]?\d){7,11}(?!\d)")
# Fixed lines: an area code of three or four digits and six to eight more.
_FIXED: Final = re.compile(
    r"(?<!\d)(?:\(0\d{2,3}\)|\+?62[ .-]\d{2,3}|0\d{2,3}[ -])[ -]?\d{6,8}(?!\d)"
)
# Who may be a child (UU 11/2012 Pasal 19; Peraturan Dewan Pers 1/2019): words, and ages below 18.
_CHILD: Final = re.compile(
    r"\b(?:anak(?:-anak|nya)?|balita|bayi|pelajar|murid|siswa|siswi|santri|remaja|LPKA"
    r"|di bawah umur|TK|PAUD|SD|SMP|SMA|SMK"
    r"|(?:umur|usia|berumur|berusia)\s+(?:1[0-7]|[1-9])(?!\d)(?:\s+tahun)?)\b",
    re.IGNORECASE,
)
# Abbreviations of schools mean something only in capitals.
_CAPITALS: Final = frozenset({"tk", "paud", "sd", "smp", "sma", "smk", "lpka"})
# "Born on" a written date.
_BIRTH: Final = re.compile(
    r"\b(?:lahir|kelahiran|tanggal lahir|TTL)\b[^.\n]{0,40}?\d{1,2}[ ./-]\w+[ ./-]\d{2,4}",
    re.IGNORECASE,
)

_BETWEEN: Final = "\n\n"  # between two fields
_WORD: Final = re.compile(r"\w+")
_LONG_ENOUGH: Final = 5  # signs of a name that is one word


class Concern(StrEnum):
    """What kind of personal data was met."""

    NAME = "name"
    REGISTRATION = "registration"
    IDENTITY = "identity"
    PHONE = "phone"
    BIRTH = "birth"
    CHILD = "child"


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A place in one field of the text; ``start`` and ``end`` count signs from 0."""

    field: str
    start: int
    end: int
    concern: Concern


def nobody(_facility_id: int, _text: str) -> Sequence[Span]:
    """Find no names: what stands in as long as no register is plugged in."""
    return ()


def personal_data(
    facility_id: int, fields: Mapping[str, str], find_names: NameFinder
) -> tuple[Hit, ...]:
    """Return every hit, in the order of the fields and of the text; overlaps are told once.

    The register is asked once, for all fields together.
    """
    names = find_names(facility_id, _BETWEEN.join(fields.values()))
    found: list[Hit] = []
    begin = 0
    for field, text in fields.items():
        end = begin + len(text)
        own = [
            (start - begin, stop - begin) for start, stop in names if begin <= start < stop <= end
        ]
        found += _apart(_hits(field, text, own))
        begin = end + len(_BETWEEN)
    return tuple(found)


def counted(hits: Iterable[Hit]) -> dict[Concern, int]:
    """Count hits by concern, in the order of `Concern`, without the zeros."""
    met = [hit.concern for hit in hits]
    return {concern: met.count(concern) for concern in Concern if concern in met}


def _hits(field: str, text: str, names: Sequence[Span]) -> list[Hit]:
    hits = [Hit(field, start, end, _of_register(text[start:end])) for start, end in names]
    for concern, pattern in (
        (Concern.BIRTH, _BIRTH),
        (Concern.IDENTITY, _IDENTITY),
        (Concern.PHONE, _PHONE),
        (Concern.PHONE, _FIXED),
    ):
        hits += [Hit(field, *match.span(), concern) for match in pattern.finditer(text)]
    return hits + [
        Hit(field, *match.span(), Concern.CHILD)
        for match in _CHILD.finditer(text)
        if match[0].lower() not in _CAPITALS or match[0].isupper()
    ]


def _of_register(words: str) -> Concern:
    return Concern.REGISTRATION if any(sign.isdigit() for sign in words) else Concern.NAME


def _apart(hits: list[Hit]) -> list[Hit]:
    """Keep the first of overlapping hits, the longer one where both begin alike."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda each: (each.start, -each.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def spans_of(names: Iterable[str], text: str) -> tuple[Span, ...]:
    """Return where a text holds one of the names, whatever case and signs stand between.

    A name of one common word would hit half the language: it counts only if it is long enough and
    begins with a capital or holds a digit.
    """
    sought: dict[str, list[tuple[str, ...]]] = {}
    for name in names:
        parts = tuple(match[0].casefold() for match in _WORD.finditer(name))
        if len(parts) > 1 or (parts and len(parts[0]) >= _LONG_ENOUGH):
            sought.setdefault(parts[0], []).append(parts)
    words = list(_WORD.finditer(text))
    folded = tuple(match[0].casefold() for match in words)
    found = []
    for at, first in enumerate(folded):
        lengths = [
            len(parts) for parts in sought.get(first, ()) if folded[at : at + len(parts)] == parts
        ]
        if lengths and (max(lengths) > 1 or not words[at][0].islower()):
            found.append((words[at].start(), words[at + max(lengths) - 1].end()))
    return tuple(found)


def marked(field: str, text: str, hits: Iterable[Hit]) -> tuple[tuple[str, Concern | None], ...]:
    """Cut a field's text where it was hit, so that a page can show the places."""
    pieces: list[tuple[str, Concern | None]] = []
    done = 0
    for hit in hits:
        if hit.field == field:
            pieces += [(text[done : hit.start], None), (text[hit.start : hit.end], hit.concern)]
            done = hit.end
    return tuple(piece for piece in (*pieces, (text[done:], None)) if piece[0])
