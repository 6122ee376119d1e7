"""The law of this room in one immutable, hashed piece: parameters, tables, citations."""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from portal.domain.law import BadLaw, Certainty, Dated, NotInForce, Row, read_law
from portal.remissions.rules.tenor import LEAP_DAYS, ROUNDINGS, Ambiguous, Convention

HERE = Path(__file__).with_name("law")
# Choices the engine knows how to make; another word in a row is refused until it is built.
CHOICES: Mapping[str, tuple[object, ...]] = {
    "count.year": ("calendar",),
    "count.expiry_day": ("anniversary",),
    "count.order": ("full_sentence_first",),
    "count.rounding": tuple(ROUNDINGS),
    "count.leap_day": tuple(LEAP_DAYS),
    "count.consecutive": ("add_then_convert",),
    "detention.credit.rounding": tuple(ROUNDINGS),
    "detention.credit.in_gross": (False,),
    "detention.days_outside": ("move_later",),
    "remission.served": ("last_detention",),
    "remission.ordinal": ("grants_of_type_plus_one",),
    "decennial.rounding": tuple(ROUNDINGS),
    "pre_release_leave.last_of_one_day": ("largest",),
    "substitute.place": ("after_expiry",),
}
STATUSES = ("in_force", "revoked", "annulled", "draft", "practice", "assumption")


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in an instrument, and whether it is in force."""

    id: str
    instrument: str
    article: str
    status: str
    gist: str = ""  # what it says, in our words
    quote: str = ""  # its very words
    link: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a decision table: for which grant numbers and days served, how much."""

    value: int
    grant_number: tuple[int, ...] = ()  # empty: any
    grant_number_from: int = 1
    served_from: int = 0
    served_below: int | None = None

    def fits(self, grant_number: int, served_days: int) -> bool:
        """Tell whether the line holds for this grant after so many days."""
        if self.grant_number and grant_number not in self.grant_number:
            return False
        below = self.served_below is None or served_days < self.served_below
        return grant_number >= self.grant_number_from and served_days >= self.served_from and below


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table of one legal version; exactly one line fits."""

    id: str
    unit: str
    row: Row  # since, citations and certainty; its value is the id
    lines: tuple[Line, ...]

    def thresholds_of(self, grant_number: int) -> tuple[int, ...]:
        """Return the numbers of days served at which this grant's amount changes, ascending."""
        edges = sorted({line.served_from for line in self.lines if line.served_from})
        below = {at: self.look_up(grant_number, at - 1).value for at in edges}
        return tuple(at for at in edges if self.look_up(grant_number, at).value != below[at])

    def look_up(self, grant_number: int, served_days: int) -> Line:
        """Return the line that fits."""
        return next(line for line in self.lines if line.fits(grant_number, served_days))


@dataclass(frozen=True)
class Piece:
    """A stretch of days, half open, on which no parameter of the axis ``reference`` changes."""

    since: date
    until: date
    rows: Mapping[str, Row]
    like_the_last: bool = False  # other grounds, same numbers: what was counted holds here too

    @cached_property
    def convention(self) -> Convention:
        """Return how days are counted on this stretch."""
        return Convention(
            month_days=_whole(self.rows["count.month"]),
            months_of_year=_whole(self.rows["count.months_of_year"]),
            rounding=str(self.rows["count.rounding"].value),
            leap_day=str(self.rows["count.leap_day"].value),
        )

    def fraction(self, name: str) -> Fraction:
        """Return one of the register's fractions, such as ``two_thirds``."""
        value = self.rows[f"fraction.{name}"].value
        return value if isinstance(value, Fraction) else Fraction(str(value))


@dataclass(frozen=True)
class Ruleset:
    """All rows the engine reads; ``id`` is the hash of their canonical form."""

    params: Mapping[str, Dated]
    tables: Mapping[str, tuple[Table, ...]]
    citations: Mapping[str, Citation]

    @cached_property
    def id(self) -> str:
        """Return the SHA-256 of the canonical form."""
        body = {
            "params": {name: asdict(dated) for name, dated in self.params.items()},
            "tables": {name: [asdict(t) for t in tables] for name, tables in self.tables.items()},
            "citations": {name: asdict(cite) for name, cite in self.citations.items()},
        }
        text = json.dumps(body, sort_keys=True, default=str, ensure_ascii=False)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def row(self, name: str, day: date) -> Row:
        """Return the row of a parameter on a day.

        :raise NotInForce: if none had begun.
        """
        return self.params[name].on(day)

    def whole(self, name: str, day: date) -> int:
        """Return a whole number of the law on a day.

        :raise NotInForce: if none had begun.
        """
        return _whole(self.row(name, day))

    def fraction(self, name: str, day: date) -> Fraction:
        """Return a fraction of the law on a day.

        :raise NotInForce: if none had begun.
        """
        value = self.row(name, day).value
        return value if isinstance(value, Fraction) else Fraction(str(value))

    def any_day(self, name: str) -> tuple[Fraction, tuple[tuple[str, Row], ...]]:
        """Return a fraction that holds whatever the day, with all its rows.

        :raise Ambiguous: if the rows differ, so that the day would be needed.
        """
        rows = self.params[name].rows
        if len({row.value for row in rows}) > 1:
            raise Ambiguous(f"{name} differs by day")
        return Fraction(str(rows[0].value)), tuple((name, row) for row in rows)

    def piece(self, day: date) -> Piece:
        """Return the stretch of law a day lies in; days before the first count by the first."""
        return next((p for p in reversed(self.pieces) if p.since <= day), self.pieces[0])

    def table(self, name: str, day: date) -> Table:
        """Return the version of a table on a day.

        :raise NotInForce: if none had begun.
        """
        for table in reversed(self.tables[name]):
            if table.row.since <= day:
                return table
        raise NotInForce(f"{name} has no version on {day}")

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Return the stretches on which the counting stays the same, in order."""
        counted = {
            name: dated
            for name, dated in self.params.items()
            if dated.axis == "reference" and name.startswith(("count.", "fraction."))
        }
        first = max(dated.rows[0].since for dated in counted.values())
        starts = {row.since for dated in counted.values() for row in dated.rows}
        edges = [*sorted(day for day in starts if day >= first), date.max]
        pieces: list[Piece] = []
        values: list[object] = []
        for since, until in pairwise(edges):
            rows = {name: dated.on(since) for name, dated in counted.items()}
            before, values = values, [row.value for row in rows.values()]
            pieces.append(Piece(since, until, rows, like_the_last=values == before))
        return tuple(pieces)


def load(folder: Path = HERE) -> Ruleset:
    """Read the rule-set of a folder with its three files.

    :raise BadLaw: for anything ``read_law`` refuses, an unknown citation, an unknown axis, and
        a table in which a line is missing or two fit.
    """
    params = read_law(folder / "parameters.toml")
    citations = {cite.id: cite for cite in _citations(folder / "citations.toml")}
    tables: dict[str, tuple[Table, ...]] = {}
    for table in _tables(folder / "tables.toml"):
        tables[table.id] = (*tables.get(table.id, ()), table)
    ruleset = Ruleset(params, tables, citations)
    for dated in params.values():
        if dated.axis not in ("reference", "finality", "event", "decision"):
            raise BadLaw(f"{dated.id}: an axis is reference, finality, event or decision")
        for row in dated.rows:
            _known(row, ruleset)
            if row.value not in CHOICES.get(dated.id, (row.value,)):
                raise BadLaw(f"{row.key}: the engine does not know the choice {row.value}")
    for version in (version for versions in tables.values() for version in versions):
        _known(version.row, ruleset)
        _exactly_one(version)
    return ruleset


def _citations(path: Path) -> Iterable[Citation]:
    with path.open("rb") as file:
        raw = tomllib.load(file)["citation"]
    for entry in raw:
        try:
            citation = Citation(**entry)
        except TypeError as unfit:
            raise BadLaw(f"{path.name}: {entry.get('id')}: {unfit}") from None
        if citation.status not in STATUSES:
            raise BadLaw(f"{path.name}: {citation.id}: status is one of {', '.join(STATUSES)}")
        yield citation


def _tables(path: Path) -> Iterable[Table]:
    with path.open("rb") as file:
        raw = tomllib.load(file)["table"]
    for entry in raw:
        try:
            row = Row(
                since=entry["since"],
                value=entry["id"],
                cite=tuple(entry["cite"]),
                certainty=Certainty(entry["certainty"]),
                key=f"{entry['id']}@{entry['since']}#1",
            )
            lines = tuple(
                Line(**{**line, "grant_number": tuple(line.get("grant_number", ()))})
                for line in entry["lines"]
            )
        except (KeyError, TypeError, ValueError) as unfit:
            raise BadLaw(f"{path.name}: {entry.get('id')}: {unfit}") from None
        yield Table(entry["id"], entry.get("unit", "days"), row, lines)


def _known(row: Row, ruleset: Ruleset) -> None:
    if strange := sorted(set(row.cite) - set(ruleset.citations)):
        raise BadLaw(f"{row.key}: unknown citation {', '.join(strange)}")


def _exactly_one(table: Table) -> None:
    named = {number for line in table.lines for number in line.grant_number}
    numbers = named | {line.grant_number_from for line in table.lines}
    edges = {line.served_from for line in table.lines}
    edges |= {line.served_below for line in table.lines if line.served_below is not None}
    for number in range(1, max(numbers) + 1 + 1):
        for edge in edges:
            for served in {max(edge - 1, 0), edge}:
                fitting = sum(line.fits(number, served) for line in table.lines)
                if fitting != 1:
                    raise BadLaw(
                        f"{table.id}: {fitting} lines fit grant {number} after {served} days"
                    )


def _whole(row: Row) -> int:
    return row.value if isinstance(row.value, int) else int(str(row.value))
