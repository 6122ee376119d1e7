"""At the desk: a case is sorted, answered by one person and decided by another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.blocktour.models import Answer
from portal.blocktour.permissions import Permission
from portal.blocktour.queries import files, places
from portal.blocktour.rules import categories, clocks, deciding, severity
from portal.blocktour.rules.categories import ClockClass, Lane
from portal.blocktour.rules.deciding import Draft, Ruling
from portal.blocktour.rules.recusal import Ground, excluded_at_saving
from portal.blocktour.rules.severity import Trigger
from portal.blocktour.rules.states import CaseState, Step
from portal.blocktour.services.steps import (
    Incomplete,
    ReasonMissing,
    UnknownCategory,
    keep_out,
    latest_answer,
    move,
    open_case,
    put_in_envelope,
    set_due,
)
from portal.domain.actor import Actor
from portal.domain.errors import DomainError
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.work import unit_of_work

WAITING: Mapping[Step, Permission] = MappingProxyType(
    {Step.ASK: Permission.DRAFT, Step.REFER: Permission.DECIDE, Step.RESUME: Permission.DRAFT}
)
"""Steps that stop the clock or let it run on, and who may make them."""


class NotRefusable(DomainError):
    """Serious cases and cases about officers are always handled."""

    text = message("This complaint has to be handled. It cannot be left unprocessed.")


class NeedsAnotherPerson(DomainError):
    """Who wrote an answer does not decide it."""

    status = 403
    text = message("You wrote this answer. Another person has to decide.")


class LastReader(DomainError):
    """A case that nobody can read is lost to the person who told it."""

    text = message(
        "This case would have no reader left."
        " Ask the regional office to appoint another reader first."
    )


@dataclass(frozen=True, slots=True)
class Triage:
    """How a case is sorted; ``clock_class`` None takes that of the category."""

    category: str
    kind: str | None = None
    clock_class: ClockClass | None = None
    triggers: frozenset[Trigger] = frozenset()


def triage(actor: Actor, number: str, sorting: Triage) -> Lane:
    """Sort a case and return the lane it is in now; what becomes sealed leaves the desk.

    A serious case stays serious; a sealed one stays sealed.

    :raise NotFound: if the actor may know of no such case.
    :raise NotPossibleNow: if it was sorted already.
    :raise UnknownCategory: if the case's list has no such category or kind.
    """
    with unit_of_work(actor, Permission.TRIAGE) as work:
        row = open_case(work, actor, number)
        move(work, row, Step.TRIAGE)
        listed = categories.version(row.category_version)
        try:
            first = listed.category(sorting.category)
        except KeyError:
            raise UnknownCategory from None
        if sorting.kind and first.kind(sorting.kind) is None:
            raise UnknownCategory
        row.category, row.kind = sorting.category, sorting.kind or None
        row.triggers = " ".join(sorted(sorting.triggers))
        row.clock_class = severity.clock_class(
            sorting.clock_class or listed.clock_class(sorting.category, row.kind),
            serious=severity.is_serious(row.hurt, row.safe, sorting.triggers),
            was=row.clock_class,
        )
        row.handler_id = actor.id
        if row.lane is Lane.ORDINARY and listed.lane(row.category, row.kind) is Lane.SEALED:
            keep_out(work, row, excluded_at_saving(Lane.SEALED, row.recorder_id), by=actor.id)
            put_in_envelope(row)
        set_due(row, places.zone_of(row.facility_id))
        work.note(row)
        return row.lane


def exclude(actor: Actor, number: str, person_id: int, ground: Ground) -> None:
    """Keep a person from a case; from then on it does not exist for that person.

    The row is locked: of two readers who step out at once, the second is refused.

    :raise NotFound: if the actor may know of no such case.
    :raise LastReader: if nobody could read the case any more.
    """
    with unit_of_work(actor, Permission.EXCLUDE) as work:
        row = open_case(work, actor, number)
        if files.leaves_nobody(row, person_id):
            raise LastReader
        keep_out(work, row, {person_id: ground}, by=actor.id)
        work.note(row)


def draft(actor: Actor, number: str, answer: Draft) -> None:
    """Write an answer for another person to decide; a refusal goes to a second reader.

    :raise NotFound: if the actor may know of no such case.
    :raise Incomplete: if a part is missing that the ruling needs.
    :raise NotRefusable: if a case that must be handled would be refused.
    :raise NotPossibleNow: if the case waits for something else.
    """
    if deciding.missing(answer):
        raise Incomplete
    with unit_of_work(actor, Permission.DRAFT) as work:
        row = open_case(work, actor, number)
        if answer.ruling is Ruling.REFUSED:
            if not deciding.may_refuse(row.clock_class):
                raise NotRefusable
            move(work, row, Step.PROPOSE_REFUSAL)
        else:
            if row.state in {CaseState.TRIAGED, CaseState.REOPENED}:
                move(work, row, Step.START)
            move(work, row, Step.DRAFT)
        work.add(
            Answer(
                facility_id=row.facility_id,
                case_id=row.id,
                ruling=answer.ruling,
                sentence=answer.sentence,
                article=answer.article,
                would_change=answer.would_change,
                next_door=answer.next_door,
                reason=answer.reason if answer.ruling is Ruling.REFUSED else None,
                drafted_by=actor.id,
                drafted_at=clock.now(),
            )
        )
        work.note(row)


def wait(actor: Actor, number: str, step: Step, reason: str) -> None:
    """Ask the person something, pass the case on, or go on with it; the clock follows.

    ``step`` is ASK, REFER or RESUME. The pause is read from the moves, and the limit computed anew.

    :raise NotFound: if the actor may know of no such case.
    :raise ReasonMissing: if nothing says what is asked, who is written to, or what came back.
    :raise NotPossibleNow: if the step does not lead anywhere now.
    """
    if not reason.strip():
        raise ReasonMissing
    with unit_of_work(actor, WAITING[step]) as work:
        row = open_case(work, actor, number)
        move(work, row, step, reason)
        if row.level == 1:  # an appeal runs under a limit of its own, which does not pause
            set_due(row, places.zone_of(row.facility_id))
        work.note(row, step=str(step))


def decide(actor: Actor, number: str, *, agree: bool, reason: str = "") -> None:
    """Decide the answer as drafted, or send it back with a word on why.

    Twenty people at once: the row is locked, one wins, the others are told.

    :raise NotFound: if the actor may know of no such case.
    :raise NeedsAnotherPerson: if the actor wrote the answer.
    :raise NotPossibleNow: if there is nothing to decide any more.
    :raise ReasonMissing: if it is sent back without a word.
    """
    if not agree and not reason.strip():
        raise ReasonMissing
    with unit_of_work(actor, Permission.DECIDE) as work:
        row = open_case(work, actor, number)
        refusal = row.state is CaseState.REFUSAL_PROPOSED
        if agree:
            move(work, row, Step.AGREE if refusal else Step.DECIDE, reason)
        else:
            move(work, row, Step.DISAGREE if refusal else Step.RETURN, reason)
        answer = latest_answer(row)
        if not deciding.may_decide(actor.id, answer.drafted_by):
            raise NeedsAnotherPerson
        if agree:
            now = clock.now()
            answer.decided_by, answer.decided_at, row.decided_at = actor.id, now, now
            limits = clocks.version(row.clock_version)
            zone = places.zone_of(row.facility_id)
            off = places.off_days(now.astimezone(zone).date())
            row.delivery_due = clocks.due(now, limits.delivery, zone, off)
        work.note(row, agreed=agree)
