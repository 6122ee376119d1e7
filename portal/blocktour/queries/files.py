"""One case and what belongs to it; the caller has found the row behind the door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

import sqlalchemy as sa

from portal.blocktour.models import Answer, Case, Delivery, Event, Excluded
from portal.blocktour.queries import places
from portal.blocktour.rules import clocks, recusal
from portal.blocktour.rules.recusal import CaseFacts
from portal.blocktour.rules.states import CaseState
from portal.kernel.db import db
from portal.kernel.sealing import unseal
from portal.register import queries as register

PAUSES: Mapping[CaseState, clocks.PauseReason] = MappingProxyType(
    {
        CaseState.AWAITING_INFO: clocks.PauseReason.AWAITING_COMPLAINANT,
        CaseState.REFERRED_OUT: clocks.PauseReason.AWAITING_OUTSIDE_BODY,
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
class LimitKept:
    """One limit of a case: what it is for, its last day, and whether it was kept so far."""

    what: str
    due_on: date
    done: bool
    missed: bool


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


def events(row: Case) -> tuple[Event, ...]:
    """Return what happened to a case, in order."""
    wanted = sa.select(Event).where(Event.case_id == row.id).order_by(Event.id)
    return tuple(db.session.scalars(wanted))


def pauses(row: Case) -> tuple[clocks.Pause, ...]:
    """Return when the decision could not go on, read from the moves; a serious case never pauses.

    A case opened again has a limit of its own: what was before does not count.
    """
    if not clocks.may_pause(row.clock_class):
        return ()
    found: list[clocks.Pause] = []
    for event in events(row):
        if event.old in PAUSES and found and found[-1].until is None:
            found[-1] = replace(found[-1], until=event.at)
        if event.new in PAUSES:
            found.append(clocks.Pause(event.at, None, PAUSES[event.new]))
    return tuple(found)


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


def leaves_nobody(row: Case, out: int) -> bool:
    """Tell whether keeping ``out`` from the case would take its last reader away."""
    facts = CaseFacts(row.facility_id, row.lane, row.recorder_id, excluded(row))
    return recusal.leaves_nobody(facts, places.readers(row.facility_id, row.lane), out)


def limits(row: Case, now: datetime) -> tuple[LimitKept, ...]:
    """Return the limits of a case in the order they end; those not set yet are left out."""
    zone = places.zone_of(row.facility_id)
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
    return clocks.age_days(row.first_told_at, now, places.zone_of(row.facility_id))
