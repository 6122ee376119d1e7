"""What is known of reports: for the list, the page, the builder and the schedule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import defer

from portal.domain.errors import NotFound
from portal.domain.months import Month
from portal.kernel.db import db
from portal.kernel.facility import Facility, Region, facility
from portal.reports.models import Report
from portal.reports.rules.content import Content, Place, from_json
from portal.reports.rules.states import OPEN, Kind, State


@dataclass(frozen=True, slots=True)
class Listed:
    """A report in the list, or while it is not ready; ``content`` is not read."""

    id: int
    facility_id: int
    month: Month
    state: State
    attempts: int
    step: str
    steps_done: int
    steps_total: int
    asked_at: datetime
    lease_until: datetime
    failure: str
    built_at: datetime | None
    signed_at: datetime | None

    @property
    def provisional(self) -> bool:
        """Whether nobody has signed it yet."""
        return self.signed_at is None


@dataclass(frozen=True, slots=True)
class Issued:
    """A report that is done, with what it says."""

    listed: Listed
    number: str
    pdf_sha256: str
    content: Content


def reports(facility_id: int) -> tuple[Listed, ...]:
    """Return a facility's monthly reports, the newest first."""
    rows = db.session.scalars(
        sa.select(Report)
        .options(defer(Report.content))
        .where(Report.facility_id == facility_id, Report.kind == Kind.MONTHLY)
        .order_by(Report.period.desc())
    )
    return tuple(_listed(row) for row in rows)


def silent(now: datetime) -> tuple[Listed, ...]:
    """Return the unfinished reports that nobody holds, the longest silent first."""
    rows = db.session.scalars(
        sa.select(Report)
        .options(defer(Report.content))
        .where(Report.state.in_(OPEN), Report.lease_until <= now)
        .order_by(Report.lease_until, Report.id)
    )
    return tuple(_listed(row) for row in rows)


def report(report_id: int) -> Listed:
    """Return one report, whatever its state.

    :raise NotFound: if the scope has none of that number.
    """
    return _listed(_row(report_id))


def issued(report_id: int) -> Issued:
    """Return a report that is done, as it was issued.

    :raise NotFound: if there is none, or it is not done.
    """
    row = _row(report_id)
    if row.state is not State.DONE or row.content is None:
        raise NotFound
    return Issued(_listed(row), row.number, row.pdf_sha256, from_json(row.content))


def issued_content(facility_id: int, month: Month) -> Content | None:
    """Return what the month's report says, if it is done."""
    told = db.session.scalar(
        sa.select(Report.content).where(
            Report.facility_id == facility_id,
            Report.kind == Kind.MONTHLY,
            Report.period == str(month),
            Report.state == State.DONE,
        )
    )
    return from_json(told) if told else None


def months(facility_id: int) -> frozenset[Month]:
    """Return the months that have a report, in whatever state."""
    periods = db.session.scalars(
        sa.select(Report.period).where(
            Report.facility_id == facility_id, Report.kind == Kind.MONTHLY
        )
    )
    return frozenset(map(Month.parse, periods))


def last_done(facility_id: int) -> Listed | None:
    """Return the newest report that is done: it stays open while another is made."""
    return next((one for one in reports(facility_id) if one.state is State.DONE), None)


def place(facility_id: int) -> Place:
    """Return the facility as a report names it.

    :raise NotFound: if there is none of that number.
    """
    found: Facility = facility(facility_id)
    region = db.session.get(Region, found.region_id) if found.region_id else None
    return Place(
        slug=found.slug,
        name=found.name,
        short_name=found.short_name,
        town=found.town,
        region=region.name if region else "",
        time_zone=found.time_zone,
    )


def _row(report_id: int) -> Report:
    row = db.session.scalar(sa.select(Report).where(Report.id == report_id))
    if row is None:
        raise NotFound
    return row


def _listed(row: Report) -> Listed:
    return Listed(
        id=row.id,
        facility_id=row.facility_id,
        month=Month.parse(row.period),
        state=row.state,
        attempts=row.attempts,
        step=row.step,
        steps_done=row.steps_done,
        steps_total=row.steps_total,
        asked_at=row.asked_at,
        lease_until=row.lease_until,
        failure=row.failure,
        built_at=row.built_at,
        signed_at=row.signed_at,
    )
