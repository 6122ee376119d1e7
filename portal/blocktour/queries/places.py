"""Places and people that cases and tours happen among, of one facility at a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from portal.accounts import queries as accounts
from portal.blocktour.permissions import GRANTS, Permission
from portal.blocktour.rules.categories import Lane
from portal.domain.actor import Role
from portal.kernel import facility as facilities
from portal.register import queries as register

HORIZON = timedelta(days=150)


def zone_of(facility_id: int) -> ZoneInfo:
    """Return the time zone of a facility."""
    return ZoneInfo(facilities.facility(facility_id).time_zone)


def off_days(since: date) -> frozenset[date]:
    """Return the days from ``since`` on, far enough for every limit, on which nobody works."""
    return frozenset(day.day for day in register.holidays(since, since + HORIZON))


def blocks(facility_id: int) -> tuple[register.Block, ...]:
    """Return the blocks of one facility by code, however many the actor works in."""
    with facilities.within({facility_id}):
        return register.blocks()


def cells(facility_id: int, block_id: int) -> tuple[register.Cell, ...]:
    """Return the cells of a block by number; empty if the facility has no such block."""
    with facilities.within({facility_id}):
        return register.cells(block_id)


def colleagues(facility_id: int) -> tuple[tuple[int, str], ...]:
    """Return who may read or carry cases in the facility: number and name, by name.

    An account that is closed for now is among them: it may be opened again.
    """
    near = _open_to(facility_id, GRANTS[Permission.READ] | GRANTS[Permission.DELIVER])
    return tuple((one.id, one.name) for one in near)


def readers(facility_id: int, lane: Lane) -> frozenset[int]:
    """Return to whom a lane is open in the facility and whose account stands."""
    sealed = lane is Lane.SEALED
    roles = GRANTS[Permission.READ_SEALED if sealed else Permission.READ_ORDINARY]
    return frozenset(one.id for one in _open_to(facility_id, roles) if one.disabled_at is None)


def _open_to(facility_id: int, roles: Collection[Role]) -> tuple[accounts.PersonFile, ...]:
    """Return who has one of the tasks in this facility now, by name."""
    return tuple(
        one
        for one in accounts.people({facility_id})
        if any(line.role in roles and facility_id in line.facilities for line in one.open_roles)
    )


def holders(facility_id: int) -> tuple[tuple[Role, int, str], ...]:
    """Return who holds which task in the facility: role, number and name."""
    return tuple(
        (line.role, one.id, one.name)
        for one in accounts.people({facility_id})
        for line in one.open_roles
    )
