"""Who may not come near a case, and who may see it.

The first part of rules R1 to R13 (handbook, section 6): the people named, the recorder of a sealed
case, whoever the person asks to leave out, whoever steps aside. Rosters, squads and relations (R2,
R4 to R6, R10) add rows of the same shape. An officer may write down an oral complaint unless it is
about that officer (CPT/Inf(2018)4 par. 70, verified).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.blocktour.rules.categories import Lane


class Ground(StrEnum):
    """Why somebody is kept out; R1 to R12 in their order."""

    NAMED = "named"
    POST = "post"
    RECORDER = "recorder"
    LINE = "line"
    SQUAD = "squad"
    RELATION = "relation"
    HEAD_NAMED = "head_named"
    TOOK_PART = "took_part"
    IMPLICATED = "implicated"
    NAMED_BEFORE = "named_before"
    ASKED_OUT = "asked_out"
    STEPPED_ASIDE = "stepped_aside"


LIFTABLE: frozenset[Ground] = frozenset(
    {
        Ground.POST,
        Ground.RECORDER,
        Ground.LINE,
        Ground.SQUAD,
        Ground.RELATION,
        Ground.NAMED_BEFORE,
    }
)
"""Grounds that an uninvolved superior may lift with a reason (R13); the others hold for good."""

NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What has to be known of a case to say who may see it."""

    facility_id: int
    lane: Lane
    recorder_id: int | None
    excluded: frozenset[int] = NOBODY


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and in which facilities each lane is open to that person."""

    person_id: int | None
    ordinary: frozenset[int] = NOBODY
    sealed: frozenset[int] = NOBODY


def excluded_at_saving(
    lane: Lane,
    recorder_id: int | None,
    named: Collection[int] = (),
    asked_out: Collection[int] = (),
) -> Mapping[int, Ground]:
    """Return everybody excluded before the case exists for anyone, each with the strongest ground.

    A sealed case closes itself to the person who wrote it down.
    """
    grounds: dict[int, Ground] = {}
    if lane is Lane.SEALED and recorder_id is not None:
        grounds[recorder_id] = Ground.RECORDER
    grounds |= dict.fromkeys(asked_out, Ground.ASKED_OUT)
    grounds |= dict.fromkeys(named, Ground.NAMED)
    return MappingProxyType(grounds)


def visible(case: CaseFacts, viewer: Viewer) -> bool:
    """Tell whether the viewer may know that the case exists."""
    if viewer.person_id is None or viewer.person_id in case.excluded:
        return False
    if case.lane is Lane.ORDINARY:
        return case.facility_id in viewer.ordinary
    return case.facility_id in viewer.sealed and viewer.person_id != case.recorder_id


def leaves_nobody(case: CaseFacts, readers: Collection[int], out: int) -> bool:
    """Tell whether nobody could read the case any more once ``out`` is kept from it.

    ``readers`` are those to whom the case's lane is open in its facility.
    """
    left = set(readers) - case.excluded - {out}
    if case.lane is Lane.SEALED:
        left -= {case.recorder_id}
    return not left


def may_lift(ground: Ground, *, serious: bool) -> bool:
    """Tell whether an exclusion may be lifted at all (R13); never on a serious case."""
    return not serious and ground in LIFTABLE
