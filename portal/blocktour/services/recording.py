"""At the cell: what was told is written down once, and a sealed case closes itself."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from portal.blocktour.models import Case
from portal.blocktour.permissions import Permission
from portal.blocktour.queries import places, rounds
from portal.blocktour.rules import categories, clocks, numbers, severity
from portal.blocktour.rules.categories import Lane
from portal.blocktour.rules.recusal import excluded_at_saving
from portal.blocktour.rules.severity import Reply
from portal.blocktour.rules.states import CaseState, Step
from portal.blocktour.services.steps import (
    UnknownCategory,
    keep_out,
    put_in_envelope,
    set_due,
    write_event,
)
from portal.domain.actor import Actor
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.receipts import receipt, remember
from portal.kernel.work import unit_of_work
from portal.register import queries as register

TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was told at a cell, as the officer wrote it down; ``who`` is a name or inmate number."""

    cell_id: int
    category: str
    words: str
    who: str = ""
    about: str = ""
    urgent: bool = False
    hurt: Reply = Reply.NOT_ASKED
    safe: Reply = Reply.NOT_ASKED


def record_case(actor: Actor, facility_id: int, key: UUID, told: Told) -> str:
    """Write down what was told and return its number; sent twice, it is stored once.

    A sealed case closes itself to its recorder: only the number comes back.

    :raise UnknownCategory: if the list in force has no such category.
    :raise NotFound: if the facility has no such cell.
    :raise Conflict: if the key came before with other content.
    """
    with unit_of_work(actor, Permission.RECORD) as work:
        if earlier := receipt(work, key.hex, f"{facility_id} {actor.id} {told!r}"):
            work.note("blocktour_case", facility_id=facility_id, repeated=True)
            return earlier
        register.cell(told.cell_id)
        row = work.add(_new_case(actor, facility_id, key, told))
        keep_out(work, row, excluded_at_saving(row.lane, actor.id), by=None)
        write_event(work, row, Step.RECEIVE, CaseState.CAPTURED)
        remember(work, key.hex, row.number)
        work.note(row)
        return row.number


def _new_case(actor: Actor, facility_id: int, key: UUID, told: Told) -> Case:
    now, zone = clock.now(), places.zone_of(facility_id)
    today = now.astimezone(zone).date()
    listed, limits = categories.current(today), clocks.current(today)
    try:
        lane = listed.lane(told.category)
    except KeyError:
        raise UnknownCategory from None
    inmate = register.inmate_by_number(told.who) if told.who else None
    row = Case(
        uuid=key,
        facility_id=facility_id,
        number=_free_number(),
        lane=lane,
        state=CaseState.RECEIVED,
        category_version=listed.version,
        category=told.category,
        clock_version=limits.number,
        clock_class=severity.clock_class(
            listed.clock_class(told.category),
            serious=severity.is_serious(told.hurt, told.safe),
        ),
        urgent=told.urgent,
        hurt=told.hurt,
        safe=told.safe,
        cell_id=told.cell_id,
        inmate_id=inmate.id if inmate else None,
        told_name="" if inmate else told.who,
        words=told.words,
        first_told_on=today,
        first_told_at=now,
        received_at=now,
        recorder_id=actor.id,
    )
    if lane is Lane.SEALED:
        put_in_envelope(row, told.about)
    else:
        on_tour = rounds.open_tour(actor, register.cell(told.cell_id).block_id)
        row.tour_id = on_tour.id if on_tour else None
    set_due(row, zone)
    return row


def _free_number() -> str:
    for _ in range(TRIES):
        number = numbers.reference(secrets.token_bytes(numbers.ENOUGH))
        if db.session.scalar(sa.select(Case.id).where(Case.number == number)) is None:
            return number
    raise RuntimeError("no free number in five tries")
