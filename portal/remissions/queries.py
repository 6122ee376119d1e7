"""Reads of sentences, dates and imports: plain values; "today" is always an argument."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from portal.domain.errors import NotFound
from portal.kernel.db import db
from portal.register import queries as register
from portal.remissions.models import Import, Milestone, Projection, Sentence
from portal.remissions.rules import records
from portal.remissions.rules.records import ImportState, Quality, View

PAGE = 50
SOON = timedelta(days=90)
NEWEST_IMPORTS = 20

LISTED = ("two_thirds", "expiry_net", "custody_end")


def _due(
    kind: str, column: orm.InstrumentedAttribute[date | None]
) -> sa.ColumnElement[date | None]:
    return sa.func.max(column).filter(Milestone.kind == kind)


# Materialised, so that dates and persons present are read once each: on tables just filled the
# planner expects one row, and would read them again, wall and all, for every person.
ONCE = "MATERIALIZED"
DATES = (
    sa.select(
        Milestone.inmate_id,
        _due("two_thirds", Milestone.due).label("two_thirds"),
        _due("expiry_net", Milestone.due).label("expiry"),
        sa.func.coalesce(
            _due("custody_end", Milestone.due), _due("custody_end", Milestone.due_lo)
        ).label("custody_end"),
        _due("custody_end", Milestone.due_hi).is_not(None).label("open_end"),
    )
    .where(Milestone.kind.in_(LISTED))
    .group_by(Milestone.inmate_id)
    .cte("dates")
    .prefix_with(ONCE)
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many sentenced persons in custody stand where, on a day."""

    as_of: date
    persons: int
    unknown: int  # net expiry cannot be said
    interval: int
    assumed: int  # a date rests on an assumption about the law
    different: int  # the register shows another day
    overdue: int
    reached: int
    soon: int
    incomplete: int
    computed_at: datetime | None

    @property
    def computable(self) -> int:
        """Return for how many the net expiry is known."""
        return self.persons - self.unknown


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list."""

    inmate: register.Inmate
    quality: Quality
    missing: tuple[str, ...]
    different: bool
    two_thirds: date | None
    expiry: date | None
    custody_end: date | None  # the earliest, if it is an interval
    open_end: bool  # the end of custody is an interval
    days_past: int  # beyond the end of custody; 0: not past

    @property
    def overdue(self) -> bool:
        """Tell whether custody should have ended by the dates."""
        return self.days_past > 0


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that is stored of one person's sentence."""

    inmate: register.Inmate
    sentence: records.Sentence
    verdict_number: str
    verdict_date: date | None
    offence: str
    article: str
    register_dates: Mapping[str, date | None]
    imported_at: datetime | None
    computed_at: datetime | None


def of_person(inmate_id: int) -> Person:
    """Return one person's sentence.

    :raise NotFound: if the scope has no such person, or no sentence of his.
    """
    found = db.session.execute(
        sa.select(Sentence, Import.applied_at, Projection.computed_at)
        .outerjoin(Import, Import.id == Sentence.import_id)
        .outerjoin(Projection, Projection.inmate_id == Sentence.inmate_id)
        .where(Sentence.inmate_id == inmate_id)
    ).first()
    if found is None:
        raise NotFound
    row, imported_at, computed_at = found
    return Person(
        inmate=register.inmate(inmate_id),
        sentence=plain(row),
        verdict_number=row.verdict_number,
        verdict_date=row.verdict_date,
        offence=row.offence,
        article=row.article,
        register_dates=register_dates(row),
        imported_at=imported_at,
        computed_at=computed_at,
    )


def plain(row: Sentence) -> records.Sentence:
    """Return what the engine reads of a stored sentence."""
    return records.Sentence(
        years=row.years,
        months=row.months,
        days=row.days,
        start_date=row.start_date,
        credit_days=row.credit_days,
        days_outside=row.days_outside,
        remission_days=row.remission_days,
        last_remission_days=row.last_remission_days,
        substitute_months=row.substitute_months,
        substitute_days=row.substitute_days,
        substitute_paid=row.substitute_paid,
        category=row.category,
    )


def register_dates(row: Sentence) -> dict[str, date | None]:
    """Return the dates of the register by our names."""
    return {kind: getattr(row, f"register_{kind}") for kind in records.COMPARED}


# --- Lists ----------------------------------------------------------------------------------------


def _dated(facility_id: int, day: date, *what: Any) -> sa.Select[Any]:  # Any: columns of any type
    """Join the dates of a list to everyone sentenced who is in custody."""
    here = register.ids_present(day).cte("here").prefix_with(ONCE)
    return (
        sa.select(*what)
        .select_from(Projection)
        .join(here, here.c.id == Projection.inmate_id)
        .outerjoin(DATES, DATES.c.inmate_id == Projection.inmate_id)
        .where(Projection.facility_id == facility_id)
    )


def _in_view(view: View, day: date) -> sa.ColumnElement[bool]:
    overdue = sa.func.coalesce(day > DATES.c.custody_end, sa.false())
    return {
        View.ALL: sa.true(),
        View.OVERDUE: overdue,
        View.REACHED: sa.and_(DATES.c.two_thirds <= day, sa.not_(overdue)),
        View.SOON: DATES.c.two_thirds.between(day + timedelta(days=1), day + SOON),
        View.INCOMPLETE: Projection.quality != Quality.COMPUTED,
    }[view]


def counts(facility_id: int, day: date) -> Counts:
    """Count who stands where on a day."""

    def number(where: sa.ColumnElement[bool] | orm.Mapped[bool]) -> sa.ColumnElement[int]:
        return sa.func.count().filter(where)

    row = db.session.execute(
        _dated(
            facility_id,
            day,
            sa.func.count(),
            number(Projection.quality == Quality.UNKNOWN),
            number(Projection.quality == Quality.INTERVAL),
            number(Projection.assumed),
            number(Projection.different),
            number(_in_view(View.OVERDUE, day)),
            number(_in_view(View.REACHED, day)),
            number(_in_view(View.SOON, day)),
            number(_in_view(View.INCOMPLETE, day)),
            sa.func.max(Projection.computed_at),
        )
    ).one()
    return Counts(day, *row)


def listed(
    facility_id: int, day: date, view: View, page: int, among: Collection[int] | None = None
) -> tuple[tuple[Listed, ...], int]:
    """Return a page of a list, who is past the end of custody on top, and how many pages."""
    overdue = sa.func.coalesce(day > DATES.c.custody_end, sa.false())
    wanted = _dated(
        facility_id,
        day,
        Projection.inmate_id,
        Projection.quality,
        Projection.missing,
        Projection.different,
        DATES.c.two_thirds,
        DATES.c.expiry,
        DATES.c.custody_end,
        DATES.c.open_end,
        sa.func.count().over().label("total"),
    ).where(_in_view(view, day))
    if among is not None:
        wanted = wanted.where(Projection.inmate_id.in_(among))
    early = view in (View.REACHED, View.SOON)
    first = DATES.c.two_thirds if early else DATES.c.custody_end
    rows = db.session.execute(
        wanted.order_by(overdue.desc(), first.asc().nulls_last(), Projection.inmate_id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    people = register.inmates([row.inmate_id for row in rows])
    pages = -(-rows[0].total // PAGE) if rows else 1
    return tuple(_listed(people[row.inmate_id], row, day) for row in rows), pages


def _listed(inmate: register.Inmate, row: sa.Row[Any], day: date) -> Listed:
    past = (day - row.custody_end).days if row.custody_end else 0
    return Listed(
        inmate=inmate,
        quality=row.quality,
        missing=tuple(filter(None, row.missing.split(","))),
        different=row.different,
        two_thirds=row.two_thirds,
        expiry=row.expiry,
        custody_end=row.custody_end,
        open_end=bool(row.open_end),
        days_past=max(past, 0),
    )


# --- Imports --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """One problem of a file."""

    row: int
    column: str
    text: str
    values: Mapping[str, str | int]
    weight: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import as a page shows it."""

    id: int
    state: ImportState
    created_at: datetime
    applied_at: datetime | None
    persons: int
    errors: int
    added: int
    changed: int
    unchanged: int
    comparable: int
    different: int
    problems: tuple[Told, ...]
    columns: Mapping[str, tuple[str, ...]]

    @property
    def different_percent(self) -> int:
        """Return how many of a hundred comparable persons differ, rounded up."""
        return -(-self.different * 100 // self.comparable) if self.comparable else 0


def imports(facility_id: int) -> tuple[ImportView, ...]:
    """Return the newest imports, the newest first."""
    rows = db.session.scalars(
        sa.select(Import)
        .where(Import.facility_id == facility_id)
        .order_by(Import.id.desc())
        .limit(NEWEST_IMPORTS)
    )
    return tuple(map(import_view, rows))


def import_(import_id: int) -> ImportView:
    """Return one import.

    :raise NotFound: if the scope has none of that number.
    """
    row = db.session.scalar(sa.select(Import).where(Import.id == import_id))
    if row is None:
        raise NotFound
    return import_view(row)


def import_view(row: Import) -> ImportView:
    """Return an import in plain values."""
    return ImportView(
        id=row.id,
        state=row.state,
        created_at=row.created_at,
        applied_at=row.applied_at,
        persons=row.persons,
        errors=row.errors,
        added=row.added,
        changed=row.changed,
        unchanged=row.unchanged,
        comparable=row.comparable,
        different=row.different,
        problems=tuple(Told(**problem) for problem in row.problems if isinstance(problem, dict)),
        columns={
            name: tuple(map(str, columns))
            for name, columns in row.columns.items()
            if isinstance(columns, list)
        },
    )
