"""Counts of the ordinary lane, for reports; sealed cases are in none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from portal.blocktour.models import Case, Event
from portal.blocktour.queries import places
from portal.blocktour.rules.categories import Lane
from portal.blocktour.rules.states import Step
from portal.domain.months import Month
from portal.kernel.db import db


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """What a month brought in the ordinary lane; shares are given as part and whole."""

    heard: int
    decided: int
    delivered: int
    reopened: int
    first_kept: tuple[int, int]
    decision_kept: tuple[int, int]
    arrived: tuple[int, int]
    by_category: Mapping[str, int]


def month_counts(facility_id: int, month: Month, now: datetime) -> MonthCounts:
    """Count a month; sealed cases are in none of these figures, whoever asks.

    Limits are judged for the cases told in the month whose time is over or that are done.
    """
    ordinary = sa.and_(Case.facility_id == facility_id, Case.lane == Lane.ORDINARY)
    told = sa.and_(ordinary, Case.first_told_on.between(month.first, month.last))
    moved = _moves_in(facility_id, month)
    categories_told = db.session.execute(
        sa.select(Case.category, sa.func.count()).where(told).group_by(Case.category)
    )
    by_category = {row[0]: row[1] for row in categories_told}
    return MonthCounts(
        heard=sum(by_category.values()),
        decided=moved.get(Step.DECIDE, 0) + moved.get(Step.AGREE, 0),
        delivered=moved.get(Step.DELIVER, 0),
        reopened=moved.get(Step.REOPEN, 0),
        first_kept=_kept(told, Case.first_answer_due, Case.first_answered_at, now),
        decision_kept=_kept(told, Case.decision_due, Case.decided_at, now),
        arrived=_arrived(told),
        by_category=by_category,
    )


def _moves_in(facility_id: int, month: Month) -> dict[Step, int]:
    zone = places.zone_of(facility_id)
    since = datetime.combine(month.first, time.min, zone)
    until = datetime.combine(month.next.first, time.min, zone)
    rows = db.session.execute(
        sa.select(Event.step, sa.func.count(sa.distinct(Event.case_id)))
        .join(Case, Case.id == Event.case_id)
        .where(
            Case.facility_id == facility_id,
            Case.lane == Lane.ORDINARY,
            Event.at >= since,
            Event.at < until,
        )
        .group_by(Event.step)
    )
    return {row[0]: row[1] for row in rows}


def _kept(
    told: sa.ColumnElement[bool],
    due_at: InstrumentedAttribute[datetime | None],
    done_at: InstrumentedAttribute[datetime | None],
    now: datetime,
) -> tuple[int, int]:
    judged = sa.and_(told, sa.or_(done_at.is_not(None), due_at < now))
    row = db.session.execute(
        sa.select(sa.func.count().filter(done_at <= due_at), sa.func.count()).where(judged)
    ).one()
    return row[0], row[1]


def _arrived(told: sa.ColumnElement[bool]) -> tuple[int, int]:
    answered = sa.and_(told, Case.decided_at.is_not(None))
    row = db.session.execute(
        sa.select(sa.func.count(Case.delivered_on), sa.func.count()).where(answered)
    ).one()
    return row[0], row[1]
