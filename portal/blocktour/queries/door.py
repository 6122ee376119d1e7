"""The one door to the cases, and the lists behind it: every read begins at ``visible_cases``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from portal.blocktour.models import Case, Excluded
from portal.blocktour.permissions import Permission
from portal.blocktour.queries import places
from portal.blocktour.rules import clocks, numbers
from portal.blocktour.rules.categories import ClockClass, Lane
from portal.blocktour.rules.recusal import Viewer
from portal.blocktour.rules.states import CaseState
from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.kernel.db import db
from portal.register import queries as register

PAGE = 25


class Tab(StrEnum):
    """A drawer of the case list."""

    TO_TRIAGE = "to-triage"
    TO_ANSWER = "to-answer"
    TO_DECIDE = "to-decide"
    TO_DELIVER = "to-deliver"
    DONE = "done"


TABS: Mapping[Tab, frozenset[CaseState]] = MappingProxyType(
    {
        Tab.TO_TRIAGE: frozenset({CaseState.RECEIVED}),
        Tab.TO_ANSWER: frozenset(
            {
                CaseState.TRIAGED,
                CaseState.IN_PROGRESS,
                CaseState.AWAITING_INFO,
                CaseState.REFERRED_OUT,
                CaseState.REOPENED,
            }
        ),
        Tab.TO_DECIDE: frozenset({CaseState.ANSWER_DRAFTED, CaseState.REFUSAL_PROPOSED}),
        Tab.TO_DELIVER: frozenset({CaseState.DECIDED}),
        Tab.DONE: frozenset(
            {
                CaseState.DELIVERED,
                CaseState.CLOSED,
                CaseState.CLOSED_UNDELIVERED,
                CaseState.WITHDRAWN,
                CaseState.HANDED_OVER,
            }
        ),
    }
)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of a list: what tells nobody who spoke. Days are local to the facility."""

    number: str
    told_on: date
    age: int
    state: CaseState
    category: str
    kind: str | None
    category_version: int
    clock_class: ClockClass
    urgent: bool
    sealed: bool
    cell: str
    due_on: date | None
    late: bool


def viewer_of(actor: Actor, *, bringing: bool = False) -> Viewer:
    """Say in which facilities each lane is open to the actor.

    ``bringing``: who walks the block may also carry first words and ordinary answers to the cells.
    """
    ordinary = actor.where(Permission.READ_ORDINARY)
    if bringing:
        ordinary |= actor.where(Permission.RECORD)
    return Viewer(actor.id, ordinary, actor.where(Permission.READ_SEALED))


def visible_cases(actor: Actor, now: datetime, *, bringing: bool = False) -> sa.Select[Case]:
    """Select the cases the actor may know of: the one door to the table.

    The same rule as ``rules.recusal.visible``, as a condition; a test holds the two together. What
    was received after ``now`` is not there yet.
    """
    viewer = viewer_of(actor, bringing=bringing)
    kept_out = sa.exists().where(
        Excluded.case_id == Case.id,
        Excluded.facility_id == Case.facility_id,
        Excluded.person_id == viewer.person_id,
    )
    return sa.select(Case).where(
        sa.literal(viewer.person_id is not None),
        Case.received_at <= now,
        sa.or_(
            sa.and_(Case.lane == Lane.ORDINARY, Case.facility_id.in_(viewer.ordinary)),
            sa.and_(
                Case.lane == Lane.SEALED,
                Case.facility_id.in_(viewer.sealed),
                Case.recorder_id.is_distinct_from(viewer.person_id),
            ),
        ),
        ~kept_out,
    )


def case(actor: Actor, number: str, now: datetime, *, bringing: bool = False) -> Case:
    """Return the case of that number.

    :raise NotFound: if there is none, or none that the actor may know of: no difference is made.
    """
    wanted = visible_cases(actor, now, bringing=bringing).where(
        Case.number == (numbers.read(number) or "")
    )
    if (found := db.session.scalar(wanted)) is None:
        raise NotFound
    return found


def counts(actor: Actor, now: datetime) -> Mapping[Tab, int]:
    """Count the cases of each drawer, inside the actor's door."""
    inside = visible_cases(actor, now).subquery()
    grouped = sa.select(inside.c.state, sa.func.count()).group_by(inside.c.state)
    by_state = {row[0]: row[1] for row in db.session.execute(grouped)}
    return {tab: sum(by_state.get(state, 0) for state in states) for tab, states in TABS.items()}


def cases(actor: Actor, tab: Tab, page: int, now: datetime) -> tuple[tuple[CaseLine, ...], int]:
    """Return one page of a drawer, oldest day first, and how many pages there are.

    The drawer of finished cases begins with the newest. Within a day the order is that of the
    random numbers, so that it tells nothing about who spoke when.
    """
    wanted = visible_cases(actor, now).where(Case.state.in_(TABS[tab]))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    by_day = Case.first_told_on.desc() if tab is Tab.DONE else Case.first_told_on
    rows = db.session.scalars(
        wanted.order_by(by_day, Case.number).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    return _lines(rows, now), max(1, -(-total // PAGE))


def to_bring(actor: Actor, now: datetime) -> tuple[CaseLine, ...]:
    """Return the decided cases whose answer waits for the cell, by cell, inside the door."""
    wanted = visible_cases(actor, now, bringing=True).where(Case.state == CaseState.DECIDED)
    rows = db.session.scalars(wanted.order_by(Case.number).limit(200)).all()
    return tuple(sorted(_lines(rows, now), key=lambda line: (line.cell, line.told_on)))


def first_words(actor: Actor, now: datetime) -> tuple[CaseLine, ...]:
    """Return the cases whose person was not yet told number, class and day."""
    wanted = visible_cases(actor, now, bringing=True).where(
        Case.first_answered_at.is_(None),
        Case.state.in_(TABS[Tab.TO_ANSWER] | TABS[Tab.TO_DECIDE]),
    )
    rows = db.session.scalars(wanted.order_by(Case.number).limit(200)).all()
    return tuple(sorted(_lines(rows, now), key=lambda line: (line.cell, line.told_on)))


def recorded_today(actor: Actor, facility_id: int, today: date) -> int:
    """Count the ordinary cases the actor wrote down today; sealed ones leave no trace here."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Case)
            .where(
                Case.facility_id == facility_id,
                Case.recorder_id == actor.id,
                Case.lane == Lane.ORDINARY,
                Case.first_told_on == today,
            )
        )
        or 0
    )


def receipt_number(actor: Actor, key: UUID) -> str:
    """Return the number given for what the actor sent under this key.

    :raise NotFound: if the actor sent nothing under it.
    """
    wanted = sa.select(Case.number).where(Case.uuid == key, Case.recorder_id == actor.id)
    if actor.id is None or (number := db.session.scalar(wanted)) is None:
        raise NotFound
    return number


def _lines(rows: Iterable[Case], now: datetime) -> tuple[CaseLine, ...]:
    rows = tuple(rows)
    labels = register.cell_labels() if rows else {}
    zones = {facility: places.zone_of(facility) for facility in {row.facility_id for row in rows}}
    return tuple(
        _line(row, labels.get(row.cell_id or 0, ""), zones[row.facility_id], now) for row in rows
    )


def next_due(row: Case) -> datetime | None:
    """Return the limit that counts next: the first word, then the decision, then the delivery."""
    if row.state is CaseState.DECIDED:
        return row.delivery_due
    if row.decided_at is None and row.first_answered_at is None:
        return row.first_answer_due
    return row.decision_due if row.state not in TABS[Tab.DONE] else None


def _line(row: Case, cell: str, zone: ZoneInfo, now: datetime) -> CaseLine:
    due_at = next_due(row)
    return CaseLine(
        number=row.number,
        told_on=row.first_told_on,
        age=clocks.age_days(row.first_told_at, now, zone),
        state=row.state,
        category=row.category,
        kind=row.kind,
        category_version=row.category_version,
        clock_class=row.clock_class,
        urgent=row.urgent,
        sealed=row.lane is Lane.SEALED,
        cell=cell,
        due_on=due_at.astimezone(zone).date() if due_at else None,
        late=clocks.breached(due_at, None, now),
    )
