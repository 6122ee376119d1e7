"""What can be done to people and their tasks, and who may do it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.domain.actor import Role


class Permission(StrEnum):
    """Acts on other people; what a person does to the own account needs none."""

    SEE_PEOPLE = "accounts.person.see"
    INVITE = "accounts.person.invite"
    DISABLE = "accounts.person.disable"
    CHANGE_ROLES = "accounts.role.change"
    END_SESSIONS = "accounts.session.end"
    RESET_FACTORS = "accounts.factor.reset"


GRANTS: Mapping[StrEnum, frozenset[Role]] = MappingProxyType(
    {
        Permission.SEE_PEOPLE: frozenset({Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER}),
        Permission.INVITE: frozenset({Role.ADMINISTRATOR}),
        Permission.DISABLE: frozenset({Role.ADMINISTRATOR}),
        Permission.CHANGE_ROLES: frozenset({Role.ADMINISTRATOR}),
        Permission.END_SESSIONS: frozenset({Role.ADMINISTRATOR}),
        Permission.RESET_FACTORS: frozenset({Role.ADMINISTRATOR}),
    }
)
