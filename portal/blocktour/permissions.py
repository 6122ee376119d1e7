"""What may be done with tours and cases, and which role may do it.

A permission opens a door; ``visible_cases`` says which cases stand behind it: the desk sees the
ordinary lane, the custodian the sealed one, the head both, and nobody a case he is kept from.
The administrator and the data protection officer hold nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.domain.actor import Role


class Permission(StrEnum):
    """An act; the value is the action's name in the trail too."""

    HOME = "blocktour.home.see"
    RECORD = "blocktour.case.record"
    READ = "blocktour.case.read"
    READ_ORDINARY = "blocktour.case.read_ordinary"
    READ_SEALED = "blocktour.case.read_sealed"
    TRIAGE = "blocktour.case.triage"
    DRAFT = "blocktour.case.draft"
    DECIDE = "blocktour.case.decide"
    EXCLUDE = "blocktour.case.exclude"
    TELL_FIRST = "blocktour.case.tell_first"
    DELIVER = "blocktour.case.deliver"
    REOPEN = "blocktour.case.reopen"
    READ_TOUR = "blocktour.tour.read"
    START_TOUR = "blocktour.tour.start"
    MARK_STOP = "blocktour.tour.mark"
    CLOSE_TOUR = "blocktour.tour.close"
    READ_FIGURES = "blocktour.figures.read"


_HEAD, _OFFICER = Role.PRISON_HEAD, Role.BLOCK_OFFICER
_DESK, _CUSTODIAN = Role.TOUR_COORDINATOR, Role.COMPLAINTS_CUSTODIAN
_IN_THE_BLOCK = frozenset({_OFFICER, _DESK})
_WITH_CASES = frozenset({_DESK, _CUSTODIAN, _HEAD})
_ALL = _IN_THE_BLOCK | _WITH_CASES

GRANTS: Mapping[Permission, frozenset[Role]] = MappingProxyType(
    {
        Permission.HOME: _ALL,
        Permission.RECORD: _IN_THE_BLOCK,
        Permission.READ: _WITH_CASES,
        Permission.READ_ORDINARY: frozenset({_DESK, _HEAD}),
        Permission.READ_SEALED: frozenset({_CUSTODIAN, _HEAD}),
        Permission.TRIAGE: _WITH_CASES,
        Permission.DRAFT: frozenset({_DESK, _CUSTODIAN}),
        Permission.DECIDE: frozenset({_CUSTODIAN, _HEAD}),
        Permission.EXCLUDE: frozenset({_CUSTODIAN, _HEAD}),
        Permission.TELL_FIRST: _ALL,
        Permission.DELIVER: _ALL,
        Permission.REOPEN: _ALL,
        Permission.READ_TOUR: _IN_THE_BLOCK | {_HEAD},
        Permission.START_TOUR: _IN_THE_BLOCK,
        Permission.MARK_STOP: _IN_THE_BLOCK,
        Permission.CLOSE_TOUR: _IN_THE_BLOCK,
        Permission.READ_FIGURES: frozenset({_DESK, _HEAD, Role.REGIONAL_VIEWER}),
    }
)
