"""Places and people that cases and tours happen among, of one facility at a time."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from portal.accounts import queries as accounts
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
    """Return who has a task in the facility: number and name, by name."""
    return tuple((one.id, one.name) for one in accounts.people({facility_id}) if one.open_roles)


def holders(facility_id: int) -> tuple[tuple[Role, int, str], ...]:
    """Return who holds which task in the facility: role, number and name."""
    return tuple(
        (line.role, one.id, one.name)
        for one in accounts.people({facility_id})
        for line in one.open_roles
    )
