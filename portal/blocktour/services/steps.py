"""The steps that every act on a case is made of; they join the caller's unit of work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from portal.blocktour.models import Answer, Case, Event, Excluded
from portal.blocktour.permissions import GRANTS
from portal.blocktour.queries import door, files, places
from portal.blocktour.rules import clocks, numbers
from portal.blocktour.rules.categories import Lane
from portal.blocktour.rules.recusal import Ground
from portal.blocktour.rules.states import CaseState, Step, after
from portal.domain.actor import Actor, Role
from portal.domain.errors import DomainError, NotFound
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.sealing import seal
from portal.kernel.work import Work


class UnknownCategory(DomainError):
    """The list in force has no such category."""

    text = message("Choose a category from the list.")


class Incomplete(DomainError):
    """A part is missing that the person has a right to."""

    text = message("Something is missing: look at the fields below.")


class ReasonMissing(DomainError):
    """Sending back needs a word on why."""

    text = message("Write what should be changed.")


def envelope_of(uuid: object, held: Mapping[str, object]) -> bytes:
    """Seal what a case holds; it opens for this case alone."""
    return seal(json.dumps(held, ensure_ascii=False), f"blocktour_case:{uuid}")


def put_in_envelope(row: Case, about: str = "") -> None:
    """Put everything that tells who spoke, where and about whom into the envelope."""
    held = {
        "words": row.words,
        "name": row.told_name,
        "inmate_id": row.inmate_id,
        "cell_id": row.cell_id,
        "about": about,
    }
    row.envelope = envelope_of(row.uuid, held)
    row.words, row.told_name = "", ""
    row.inmate_id = row.cell_id = row.tour_id = None
    row.lane = Lane.SEALED


def set_due(row: Case, zone: ZoneInfo) -> None:
    """Compute both limits anew, always from the first telling."""
    limits, off = clocks.version(row.clock_version), places.off_days(row.first_told_on)
    row.first_answer_due = clocks.due(
        row.first_told_at, limits.first_answer[row.clock_class], zone, off
    )
    row.decision_due = clocks.due(
        row.first_told_at, limits.decision[row.clock_class], zone, off, files.pauses(row)
    )


def open_case(work: Work, actor: Actor, number: str, *, bringing: bool = False) -> Case:
    """Return the row behind the actor's door, locked until the work ends.

    :raise NotFound: if there is none behind it: a hidden case and a wrong number are the same.
    """
    wanted = door.visible_cases(actor, clock.now(), bringing=bringing).where(
        Case.number == (numbers.read(number) or "")
    )
    found = work.session.scalar(
        wanted.with_for_update(of=Case).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def move(work: Work, row: Case, step: Step, reason: str = "") -> None:
    """Make a move and write it down.

    :raise NotPossibleNow: if the step does not lead anywhere from the case's state.
    """
    old, row.state = row.state, after(row.state, step)
    write_event(work, row, step, old, reason)


def write_event(work: Work, row: Case, step: Step, old: CaseState, reason: str = "") -> None:
    """Write down a move that was made: who, in which role, when, from where to where, and why."""
    work.add(
        Event(
            facility_id=row.facility_id,
            case_id=row.id,
            step=step,
            old=old,
            new=row.state,
            at=clock.now(),
            actor_id=work.actor.id,
            actor_name=work.actor.name,
            role=_role(work),
            reason=reason,
        )
    )


def _role(work: Work) -> str:
    """Return the role that let the actor do this, the highest first; empty for the portal."""
    granted = {role for name, roles in GRANTS.items() if name == work.action for role in roles}
    return next((str(role) for role in Role if role in work.actor.roles & granted), "")


def keep_out(work: Work, row: Case, grounds: Mapping[int, Ground], *, by: int | None) -> None:
    """Keep people from a case, each on a ground; said twice, it is written once."""
    known = {
        (one.person_id, one.ground)
        for one in work.session.scalars(sa.select(Excluded).where(Excluded.case_id == row.id))
    }
    for person_id, ground in grounds.items():
        if (person_id, ground) not in known:
            work.add(
                Excluded(
                    facility_id=row.facility_id,
                    case_id=row.id,
                    person_id=person_id,
                    ground=ground,
                    since=clock.now(),
                    by_id=by,
                )
            )


def latest_answer(row: Case) -> Answer:
    """Return the answer that is waiting.

    :raise RuntimeError: if there is none in such a state: a fault of ours.
    """
    found = files.answer(row)
    if found is None:
        raise RuntimeError(f"case {row.id} has no answer in state {row.state}")
    return found
