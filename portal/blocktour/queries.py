"""What can be known of tours and cases; every read of a case begins at ``visible_cases``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from portal.accounts import queries as accounts
from portal.blocktour.models import Answer, Case, Delivery, Event, Excluded, Stop, Tour
from portal.blocktour.permissions import Permission
from portal.blocktour.rules import clocks, numbers
from portal.blocktour.rules.categories import ClockClass, Lane
from portal.blocktour.rules.recusal import Viewer
from portal.blocktour.rules.states import CaseState, Step
from portal.blocktour.rules.touring import COVERED, TourState
from portal.domain.actor import Actor, Role
from portal.domain.errors import NotFound
from portal.domain.months import Month
from portal.kernel import facility as facilities
from portal.kernel.db import db
from portal.kernel.sealing import unseal
from portal.register import queries as register

PAGE = 25
HORIZON = timedelta(days=150)


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
class Person:
    """Who told, where, and about whom, as far as it was said; empty means not said."""

    words: str
    name: str = ""
    inmate_id: int | None = None
    inmate_number: str = ""
    cell: str = ""
    about: str = ""


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


def door(actor: Actor, *, bringing: bool = False) -> Viewer:
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
    viewer = door(actor, bringing=bringing)
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


def zone_of(facility_id: int) -> ZoneInfo:
    """Return the time zone of a facility."""
    return ZoneInfo(facilities.facility(facility_id).time_zone)


def off_days(since: date) -> frozenset[date]:
    """Return the days from ``since`` on, far enough for every limit, on which nobody works."""
    return frozenset(day.day for day in register.holidays(since, since + HORIZON))


# --- Lists ----------------------------------------------------------------------------------------


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
    places = register.cell_labels() if rows else {}
    zones = {facility: zone_of(facility) for facility in {row.facility_id for row in rows}}
    return tuple(
        _line(row, places.get(row.cell_id or 0, ""), zones[row.facility_id], now) for row in rows
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


# --- One case -------------------------------------------------------------------------------------


def person(row: Case) -> Person:
    """Open what was told, and by whom; the caller has found the row behind the door."""
    if row.envelope is not None:
        held = json.loads(unseal(row.envelope, f"blocktour_case:{row.uuid}"))
    else:
        held = {
            "words": row.words,
            "name": row.told_name,
            "inmate_id": row.inmate_id,
            "cell_id": row.cell_id,
        }
    inmate = register.inmate(held["inmate_id"]) if held.get("inmate_id") else None
    return Person(
        words=held["words"],
        name=inmate.name if inmate else held.get("name", ""),
        inmate_id=held.get("inmate_id"),
        inmate_number=inmate.inmate_number if inmate else "",
        cell=register.cell_labels().get(held.get("cell_id") or 0, ""),
        about=held.get("about", ""),
    )


def colleagues(facility_id: int) -> tuple[tuple[int, str], ...]:
    """Return who has a task in the facility: number and name, by name."""
    return tuple((one.id, one.name) for one in accounts.people({facility_id}) if one.open_roles)


def holders(facility_id: int) -> tuple[tuple[Role, int, str], ...]:
    """Return who holds which task in the facility: role, number and name."""
    return tuple(
        (line.role, one.id, one.name)
        for one in accounts.people({facility_id})
        for line in one.open_roles
    )


def events(row: Case) -> tuple[Event, ...]:
    """Return what happened to a case, in order."""
    wanted = sa.select(Event).where(Event.case_id == row.id).order_by(Event.id)
    return tuple(db.session.scalars(wanted))


def answer(row: Case) -> Answer | None:
    """Return the latest answer of a case."""
    wanted = sa.select(Answer).where(Answer.case_id == row.id).order_by(Answer.id.desc()).limit(1)
    return db.session.scalar(wanted)


def deliveries(row: Case) -> tuple[Delivery, ...]:
    """Return every visit made to bring an answer of the case, in order."""
    wanted = sa.select(Delivery).where(Delivery.case_id == row.id).order_by(Delivery.id)
    return tuple(db.session.scalars(wanted))


def excluded(row: Case) -> frozenset[int]:
    """Return everybody for whom the case does not exist."""
    wanted = sa.select(Excluded.person_id).where(Excluded.case_id == row.id)
    return frozenset(db.session.scalars(wanted))


def blocks(facility_id: int) -> tuple[register.Block, ...]:
    """Return the blocks of one facility by code, however many the actor works in."""
    with facilities.within({facility_id}):
        return register.blocks()


def cells(facility_id: int, block_id: int) -> tuple[register.Cell, ...]:
    """Return the cells of a block by number; empty if the facility has no such block."""
    with facilities.within({facility_id}):
        return register.cells(block_id)


@dataclass(frozen=True, slots=True)
class LimitKept:
    """One limit of a case: what it is for, its last day, and whether it was kept so far."""

    what: str
    due_on: date
    done: bool
    missed: bool


def limits(row: Case, now: datetime) -> tuple[LimitKept, ...]:
    """Return the limits of a case in the order they end; those not set yet are left out."""
    zone = zone_of(row.facility_id)
    told = row.delivered_on
    found = (
        ("first_answer", row.first_answer_due, row.first_answered_at),
        ("decision", row.decision_due, row.decided_at),
        (
            "delivery",
            row.delivery_due,
            datetime.combine(told, clocks.END_OF_DAY, zone) if told else None,
        ),
    )
    return tuple(
        LimitKept(
            what,
            due_at.astimezone(zone).date(),
            done_at is not None,
            clocks.breached(due_at, done_at, now),
        )
        for what, due_at, done_at in found
        if due_at is not None
    )


def age(row: Case, now: datetime) -> int:
    """Return the days since the first telling."""
    return clocks.age_days(row.first_told_at, now, zone_of(row.facility_id))


# --- Tours ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellCover:
    """A cell and the day it was last heard; None if never."""

    cell_id: int
    name: str
    last_on: date | None


def tour(tour_id: int) -> Tour:
    """Return a tour in the scope.

    :raise NotFound: if there is none.
    """
    if (found := db.session.get(Tour, tour_id)) is None:
        raise NotFound
    return found


def stops(tour_id: int) -> tuple[Stop, ...]:
    """Return the stops of a tour: first what was missed last time, then by cell."""
    wanted = (
        sa.select(Stop)
        .where(Stop.tour_id == tour_id)
        .order_by(Stop.carried.desc(), Stop.cell_number)
    )
    return tuple(db.session.scalars(wanted))


def open_tour(actor: Actor, block_id: int | None = None) -> Tour | None:
    """Return the tour the actor is on, of one block or of any; the latest if there are several."""
    wanted = sa.select(Tour).where(Tour.recorder_id == actor.id, Tour.state == TourState.OPEN)
    if block_id is not None:
        wanted = wanted.where(Tour.block_id == block_id)
    return db.session.scalar(wanted.order_by(Tour.id.desc()).limit(1))


def tours(facility_id: int, limit: int = 20) -> tuple[Tour, ...]:
    """Return the latest tours, newest first."""
    wanted = sa.select(Tour).where(Tour.facility_id == facility_id)
    return tuple(
        db.session.scalars(wanted.order_by(Tour.opened_on.desc(), Tour.id.desc()).limit(limit))
    )


def coverage(block_id: int) -> tuple[CellCover, ...]:
    """Return each cell of a block with the day it was last covered, longest ago first.

    Visits are counted, not complaints: the day says nothing about what was told.
    """
    latest = (
        sa.select(Stop.cell_id, sa.func.max(Tour.opened_on))
        .join(Tour, Tour.id == Stop.tour_id)
        .where(Tour.block_id == block_id, Stop.outcome.in_(COVERED))
        .group_by(Stop.cell_id)
    )
    heard: dict[int, date] = {row[0]: row[1] for row in db.session.execute(latest)}
    found = [
        CellCover(cell.id, cell.label, heard.get(cell.id)) for cell in register.cells(block_id)
    ]
    return tuple(sorted(found, key=lambda one: (one.last_on or date.min, one.cell_id)))


def covered(tour_id: int) -> tuple[int, int]:
    """Return how many cells of a tour were covered, and how many it has."""
    found = [stop.outcome in COVERED for stop in stops(tour_id)]
    return sum(found), len(found)


# --- Counts of the ordinary lane, for reports -----------------------------------------------------


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
    zone = zone_of(facility_id)
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
