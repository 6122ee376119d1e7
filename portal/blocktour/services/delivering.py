"""Back at the cell: the answer is brought, and only then may a case end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from portal.blocktour.models import Answer, Case, Delivery
from portal.blocktour.permissions import Permission
from portal.blocktour.queries import files, places
from portal.blocktour.rules import clocks, closing
from portal.blocktour.rules.closing import Attempt
from portal.blocktour.rules.states import CaseState, Step, after
from portal.blocktour.services.steps import (
    Incomplete,
    ReasonMissing,
    latest_answer,
    move,
    open_case,
)
from portal.domain.actor import PORTAL, Actor
from portal.kernel import clock
from portal.kernel.facility import facilities
from portal.kernel.work import Work, unit_of_work


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit to bring an answer; ``objection`` holds the person's own words, if any."""

    outcome: closing.AttemptOutcome
    understood: closing.Understood | None = None
    mark: closing.Mark | None = None
    witness: str = ""
    satisfaction: closing.Face | None = None
    objection: str = ""


def tell_first(actor: Actor, number: str) -> None:
    """Note that the person was told number, class and day; noted twice, the first counts.

    :raise NotFound: if the actor may know of no such case.
    """
    with unit_of_work(actor, Permission.TELL_FIRST) as work:
        row = open_case(work, actor, number, bringing=True)
        row.first_answered_at = row.first_answered_at or clock.now()
        work.note(row)


def deliver(actor: Actor, number: str, visit: Visit) -> CaseState:
    """Note a visit to bring the answer, and return the state the case is in then.

    An objection reopens the case one level higher; its age goes on.

    :raise NotFound: if the actor may know of no such case.
    :raise Incomplete: if the person was met and a part of the acknowledgement is missing.
    :raise NotPossibleNow: if there is no answer to bring.
    """
    with unit_of_work(actor, Permission.DELIVER) as work:
        row = open_case(work, actor, number, bringing=True)
        after(row.state, Step.DELIVER)
        now = clock.now()
        today = now.astimezone(places.zone_of(row.facility_id)).date()
        if closing.lacks(
            Attempt(today, visit.outcome, visit.understood, visit.mark, visit.witness)
        ):
            raise Incomplete
        answer = latest_answer(row)
        work.add(
            Delivery(
                facility_id=row.facility_id,
                case_id=row.id,
                answer_id=answer.id,
                on_day=today,
                at=now,
                outcome=visit.outcome,
                understood=visit.understood,
                mark=visit.mark,
                witness=visit.witness,
                satisfaction=visit.satisfaction,
                by_id=actor.id,
                by_name=actor.name,
            )
        )
        if closing.delivered(_attempts(row, answer)):
            row.delivered_on = today
            row.first_answered_at = row.first_answered_at or now
            move(work, row, Step.DELIVER)
            if visit.objection.strip():
                _reopen(work, row, visit.objection)
        work.note(row, outcome=str(visit.outcome))
        return row.state


def reopen(actor: Actor, number: str, words: str) -> None:
    """Open a case again because the person objects; the age is not restarted.

    :raise NotFound: if the actor may know of no such case.
    :raise ReasonMissing: if the person's words are missing.
    :raise NotPossibleNow: if the case was not answered yet.
    """
    if not words.strip():
        raise ReasonMissing
    with unit_of_work(actor, Permission.REOPEN) as work:
        row = open_case(work, actor, number, bringing=True)
        _reopen(work, row, words)
        work.note(row)


def close_delivered(now: datetime | None = None) -> int:
    """Close what was told and met no objection for the days of silence; return how many.

    Run twice, the second finds nothing.
    """
    instant, closed = now or clock.now(), 0
    with unit_of_work(PORTAL, "blocktour.case.close") as work:
        for place in facilities():
            today = instant.astimezone(ZoneInfo(place.time_zone)).date()
            count = _close_silent(work, place.id, today)
            work.note("blocktour_case", facility_id=place.id, closed=count)
            closed += count
        if not work.notes:
            work.note("blocktour_case", closed=0)
    return closed


def _close_silent(work: Work, facility_id: int, today: date) -> int:
    waiting = work.session.scalars(
        sa.select(Case)
        .where(Case.facility_id == facility_id, Case.state == CaseState.DELIVERED)
        .with_for_update(skip_locked=True)
    )
    count = 0
    for row in waiting:
        days = clocks.version(row.clock_version).silence.amount
        if closing.may_close(row.state, row.delivered_on, today, days):
            move(work, row, Step.CLOSE)
            row.closed_at = clock.now()
            count += 1
    return count


def _reopen(work: Work, row: Case, words: str) -> None:
    move(work, row, Step.REOPEN, words)
    row.level += 1
    row.decided_at = row.delivered_on = row.delivery_due = row.closed_at = None
    now, zone = clock.now(), places.zone_of(row.facility_id)
    off = places.off_days(now.astimezone(zone).date())
    row.decision_due = clocks.due(now, clocks.version(row.clock_version).appeal, zone, off)


def _attempts(row: Case, answer: Answer) -> Sequence[Attempt]:
    return tuple(
        Attempt(one.on_day, one.outcome, one.understood, one.mark, one.witness)
        for one in files.deliveries(row)
        if one.answer_id == answer.id
    )
