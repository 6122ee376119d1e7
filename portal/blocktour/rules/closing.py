"""Delivery is a state: when an answer has reached the person, and when a case may end.

Nothing closes by the passing of time alone: the seven days of silence run from a delivery that was
acknowledged, or refused on a dated visit (handbook, sections 0 and 8; proposal).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from portal.blocktour.rules.states import CaseState
from portal.domain.text import message

VISITS_REFUSED = 2


class AttemptOutcome(StrEnum):
    """What happened when somebody went to bring the answer."""

    REACHED = "reached"
    ASLEEP = "asleep"
    AT_WORK = "at_work"
    COURT = "court"
    HOSPITAL = "hospital"
    WOULD_NOT_LISTEN = "would_not_listen"
    MOVED_CELL = "moved_cell"
    MOVED_UNIT = "moved_unit"
    RELEASED = "released"


class Understood(StrEnum):
    """Whether the person could say the answer in own words."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Mark(StrEnum):
    """How the person acknowledged the answer."""

    THUMB = "thumb"
    SIGNATURE = "signature"
    SPOKEN = "spoken"
    REFUSED_TO_SIGN = "refused_to_sign"


class Face(StrEnum):
    """How content the person is with the answer."""

    CONTENT = "content"
    SO_SO = "so_so"
    NOT_CONTENT = "not_content"


class Lack(StrEnum):
    """What is missing before an attempt can be written down."""

    UNDERSTOOD = "understood"
    MARK = "mark"
    WITNESS = "witness"


WITNESSED: frozenset[Mark] = frozenset({Mark.SPOKEN, Mark.REFUSED_TO_SIGN})

ATTEMPT_NAMES: Mapping[AttemptOutcome, str] = MappingProxyType(
    {
        AttemptOutcome.REACHED: message("Met, answer read aloud"),
        AttemptOutcome.ASLEEP: message("Asleep"),
        AttemptOutcome.AT_WORK: message("At work"),
        AttemptOutcome.COURT: message("In court"),
        AttemptOutcome.HOSPITAL: message("In hospital"),
        AttemptOutcome.WOULD_NOT_LISTEN: message("Did not want to listen"),
        AttemptOutcome.MOVED_CELL: message("Moved to another cell"),
        AttemptOutcome.MOVED_UNIT: message("Moved to another prison"),
        AttemptOutcome.RELEASED: message("Released"),
    }
)
UNDERSTOOD_NAMES: Mapping[Understood, str] = MappingProxyType(
    {
        Understood.YES: message("Yes, said it in own words"),
        Understood.PARTLY: message("Partly"),
        Understood.NO: message("No, another person has to explain"),
    }
)
MARK_NAMES: Mapping[Mark, str] = MappingProxyType(
    {
        Mark.THUMB: message("Thumb print"),
        Mark.SIGNATURE: message("Signed by hand"),
        Mark.SPOKEN: message("Spoken, with a witness"),
        Mark.REFUSED_TO_SIGN: message("Did not want to sign, with a witness"),
    }
)
FACE_NAMES: Mapping[Face, str] = MappingProxyType(
    {
        Face.CONTENT: message("Content"),
        Face.SO_SO: message("So-so"),
        Face.NOT_CONTENT: message("Not content"),
    }
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One visit to bring the answer; ``day`` is local to the facility."""

    day: date
    outcome: AttemptOutcome
    understood: Understood | None = None
    mark: Mark | None = None
    witness: str = ""


def lacks(attempt: Attempt) -> tuple[Lack, ...]:
    """Return what is missing from an attempt; only a person who was met can acknowledge."""
    if attempt.outcome is not AttemptOutcome.REACHED:
        return ()
    found = []
    if attempt.understood is None:
        found.append(Lack.UNDERSTOOD)
    if attempt.mark is None:
        found.append(Lack.MARK)
    elif attempt.mark in WITNESSED and not attempt.witness.strip():
        found.append(Lack.WITNESS)
    return tuple(found)


def _acknowledged(attempt: Attempt) -> bool:
    return (
        attempt.outcome is AttemptOutcome.REACHED
        and attempt.understood in {Understood.YES, Understood.PARTLY}
        and not lacks(attempt)
    )


def delivered(attempts: Sequence[Attempt]) -> bool:
    """Tell whether the answer has reached the person.

    Met, understood at least partly and acknowledged; or not willing to listen on two dated visits.
    """
    unwilling = {one.day for one in attempts if one.outcome is AttemptOutcome.WOULD_NOT_LISTEN}
    return any(map(_acknowledged, attempts)) or len(unwilling) >= VISITS_REFUSED


def may_close(
    state: CaseState, delivered_on: date | None, today: date, days_of_silence: int
) -> bool:
    """Tell whether silence closes a case: told, and enough whole days without an objection."""
    return (
        state is CaseState.DELIVERED
        and delivered_on is not None
        and today > delivered_on + timedelta(days=days_of_silence)
    )
