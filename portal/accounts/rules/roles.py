"""Which tasks one person may hold, and who may give them."""

from __future__ import annotations

from collections.abc import Collection

from portal.domain.actor import Role

FOR_PEOPLE: tuple[Role, ...] = tuple(role for role in Role if role is not Role.KIOSK)
ALONE = frozenset({Role.ADMINISTRATOR})
"""Who hands out the keys opens no door: an administrator reads no complaint and no file."""


def may_hold_together(roles: Collection[Role]) -> bool:
    """Tell whether one person may hold all of these at once."""
    return len(set(roles)) <= 1 or ALONE.isdisjoint(roles)


def covers(own: Collection[int], theirs: Collection[int]) -> bool:
    """Tell whether an administrator's facilities take in every one of the person's."""
    return frozenset(theirs) <= frozenset(own)
