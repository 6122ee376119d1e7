"""What a regulation sets, as dated rows: since when, which value, from which article, how sure."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

TYPES = ("fraction", "whole", "number", "text", "flag", "day")

Value = bool | int | str | date | Decimal | Fraction


class Certainty(StrEnum):
    """How well a row is founded, from firm to weak."""

    TEXT = "text"
    SECONDARY = "secondary"
    PRACTICE = "practice"
    ASSUMPTION = "assumption"

    @property
    def weakness(self) -> int:
        """Return 0 for the text of the law, more for what is less sure."""
        return _WEAKNESS[self]


_WEAKNESS = {certainty: number for number, certainty in enumerate(Certainty)}


class BadLaw(ValueError):
    """A table of law that may not be used, with the place and the reason."""


class NotInForce(LookupError):
    """No row had begun on the day asked about."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value of the law from ``since`` on, with the ids of its citations."""

    since: date
    value: Value
    cite: tuple[str, ...]
    certainty: Certainty
    note: str = ""
    key: str = ""
    supersedes: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """One value of the law; the latest row begun holds."""

    id: str
    rows: tuple[Row, ...]
    type: str = ""
    axis: str = ""

    def on(self, day: date) -> Row:
        """Return the row in force on ``day``.

        :raise NotInForce: if ``day`` is before the first row.
        """
        for row in reversed(self.rows):
            if row.since <= day:
                return row
        raise NotInForce(f"{self.id} has no value on {day}")


def read_law(path: Path) -> Mapping[str, Dated]:
    """Read ``[[param]]`` tables from a TOML file, by id; a decimal comes as ``Decimal``.

    :raise BadLaw: for an unknown key, a row without ``cite`` or ``certainty``, rows out of
        order, two rows of one day of which the later supersedes nothing, or a wrong value.
    """
    with path.open("rb") as file:
        tables = tomllib.load(file, parse_float=Decimal)
    _only(tables, ("param",), path.name)
    law: dict[str, Dated] = {}
    for table in tables.get("param", []):
        dated = _dated(table, path.name)
        if dated.id in law:
            raise BadLaw(f"{path.name}: {dated.id} stands there twice")
        law[dated.id] = dated
    return law


def _dated(table: Mapping[str, object], where: str) -> Dated:
    _only(table, ("id", "type", "axis", "rows", "tunable"), where)
    name, kind, axis = (str(table.get(key, "")) for key in ("id", "type", "axis"))
    place = f"{where}: {name}"
    if not name:
        raise BadLaw(f"{where}: a parameter without an id")
    if kind and kind not in TYPES:
        raise BadLaw(f"{place}: type {kind} is none of {', '.join(TYPES)}")
    rows = table.get("rows")
    if not isinstance(rows, list) or not rows:
        raise BadLaw(f"{place}: no rows")
    return Dated(name, _in_order(tuple(_rows(rows, name, kind, place)), place), kind, axis)


def _rows(rows: Sequence[object], name: str, kind: str, place: str) -> Iterable[Row]:
    seen: dict[object, int] = {}
    for raw in rows:
        if not isinstance(raw, dict):
            raise BadLaw(f"{place}: a row is a table with since, value, cite and certainty")
        _only(raw, ("since", "value", "cite", "certainty", "note", "supersedes"), place)
        since = raw.get("since")
        if not isinstance(since, date) or isinstance(since, datetime):
            raise BadLaw(f"{place}: a row without the day it holds from")
        seen[since] = seen.get(since, 0) + 1
        yield Row(
            since=since,
            value=_value(raw.get("value"), kind, place),
            cite=_cite(raw.get("cite"), f"{place}, {since}"),
            certainty=_certainty(raw.get("certainty"), f"{place}, {since}"),
            note=str(raw.get("note", "")),
            key=f"{name}@{since}#{seen[since]}",
            supersedes=str(raw.get("supersedes", "")),
        )


def _in_order(rows: tuple[Row, ...], place: str) -> tuple[Row, ...]:
    for before, row in pairwise(rows):
        if row.since < before.since:
            raise BadLaw(f"{place}: the row of {row.since} stands after {before.since}")
        if row.since == before.since and row.supersedes != before.key:
            raise BadLaw(f"{place}: a second row of {row.since} must say: supersedes {before.key}")
    return rows


def _value(value: object, kind: str, place: str) -> Value:
    if kind == "fraction":
        if not isinstance(value, str):
            raise BadLaw(f"{place}: a fraction is written as text, such as 2/3")
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            raise BadLaw(f"{place}: {value} is no fraction") from None
    wanted: dict[str, tuple[type, ...]] = {
        "whole": (int,),
        "number": (int, Decimal),
        "text": (str,),
        "flag": (bool,),
        "day": (date,),
    }
    if isinstance(value, bool) and kind not in ("flag", ""):
        raise BadLaw(f"{place}: {value} is not a {kind}")
    if not isinstance(value, wanted.get(kind, (bool, int, str, date, Decimal))):
        raise BadLaw(f"{place}: {value!r} is not a {kind or 'value'}")
    assert isinstance(value, bool | int | str | date | Decimal)  # noqa: S101  # said to mypy alone
    return value


def _cite(cite: object, place: str) -> tuple[str, ...]:
    if not isinstance(cite, list) or not cite or not all(isinstance(c, str) and c for c in cite):
        raise BadLaw(f"{place}: no citation")
    return tuple(cite)


def _certainty(certainty: object, place: str) -> Certainty:
    try:
        return Certainty(str(certainty))
    except ValueError:
        raise BadLaw(f"{place}: certainty is one of {', '.join(Certainty)}") from None


def _only(table: Mapping[str, object], known: Sequence[str], place: str) -> None:
    if strange := sorted(set(table) - set(known)):
        raise BadLaw(f"{place}: unknown {', '.join(strange)}")
