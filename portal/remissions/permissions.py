"""What may be done with sentences and their dates, and which role may do it.

Never the administrator, who reads no file; the regional viewer sees figures alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.domain.actor import Role


class Permission(StrEnum):
    """An act; the value is the action's name in the trail too."""

    SEE_PERSONS = "remissions.person.see"
    SEE_FIGURES = "remissions.figures.see"
    SEE_RULES = "remissions.rules.see"
    CALCULATE = "remissions.case.calculate"
    INSPECT_IMPORT = "remissions.import.inspect"
    APPLY_IMPORT = "remissions.import.apply"


READERS = frozenset({Role.CASE_WORKER, Role.REGISTRAR, Role.BOARD_MEMBER, Role.PRISON_HEAD})

GRANTS: Mapping[Permission, frozenset[Role]] = MappingProxyType(
    {
        Permission.SEE_PERSONS: READERS,
        Permission.SEE_FIGURES: frozenset(
            {Role.REGIONAL_VIEWER}
        ),  # the others see them on the list
        Permission.SEE_RULES: READERS | {Role.REGIONAL_VIEWER},
        Permission.CALCULATE: READERS,
        Permission.INSPECT_IMPORT: frozenset({Role.REGISTRAR}),
        Permission.APPLY_IMPORT: frozenset({Role.REGISTRAR}),
    }
)
