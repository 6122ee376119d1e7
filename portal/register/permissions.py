"""What may be done with places and persons in custody, and which role may do it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.domain.actor import Role


class Permission(StrEnum):
    """An act; the value is the action's name in the trail too."""

    SEE_PLACES = "register.places.see"
    KEEP_PLACES = "register.places.keep"
    KEEP_INMATES = "register.inmates.keep"
    SEE_HOLIDAYS = "register.holidays.see"
    KEEP_HOLIDAYS = "register.holidays.keep"
    SEE_FACTS = "register.facts.see"
    KEEP_FACTS = "register.facts.keep"


STAFF = frozenset(
    {
        Role.PRISON_HEAD,
        Role.BLOCK_OFFICER,
        Role.TOUR_COORDINATOR,
        Role.COMPLAINTS_CUSTODIAN,
        Role.CASE_WORKER,
        Role.REGISTRAR,
        Role.BOARD_MEMBER,
        Role.PRESS_EDITOR,
        Role.SURVEY_OFFICER,
    }
)

GRANTS: Mapping[Permission, frozenset[Role]] = MappingProxyType(
    {
        Permission.SEE_PLACES: STAFF,
        Permission.KEEP_PLACES: frozenset({Role.REGISTRAR}),
        Permission.KEEP_INMATES: frozenset({Role.REGISTRAR}),
        Permission.SEE_HOLIDAYS: STAFF,
        Permission.KEEP_HOLIDAYS: frozenset({Role.REGISTRAR}),
        Permission.SEE_FACTS: STAFF | {Role.REGIONAL_VIEWER},
        Permission.KEEP_FACTS: frozenset({Role.PRISON_HEAD, Role.REGISTRAR}),
    }
)
