"""What may be done with reports, and which role may do it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.domain.actor import Role


class Permission(StrEnum):
    """An act; the value is the action's name in the trail too."""

    READ_REPORT = "reports.report.read"
    ORDER_REPORT = "reports.report.order"


# Figures alone, small groups hidden; the administrator looks after machines and reads none.
READERS = frozenset(
    {
        Role.PRISON_HEAD,
        Role.TOUR_COORDINATOR,
        Role.COMPLAINTS_CUSTODIAN,
        Role.CASE_WORKER,
        Role.REGISTRAR,
        Role.BOARD_MEMBER,
        Role.PRESS_EDITOR,
        Role.SURVEY_OFFICER,
        Role.REGIONAL_VIEWER,
        Role.DATA_PROTECTION_OFFICER,
    }
)

GRANTS: Mapping[Permission, frozenset[Role]] = MappingProxyType(
    {
        Permission.READ_REPORT: READERS,
        Permission.ORDER_REPORT: frozenset(
            {Role.PRISON_HEAD, Role.TOUR_COORDINATOR, Role.SURVEY_OFFICER}
        ),
    }
)
