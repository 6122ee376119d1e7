"""Which months want a report: complete ones, in the facility's own time zone."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.domain.months import Month


def last_complete(now: datetime, zone: str) -> Month:
    """Return the latest month that is over in ``zone``; ``now`` is aware."""
    return Month.of(now.astimezone(ZoneInfo(zone)).date()).previous


def missing(now: datetime, zone: str, existing: Collection[Month]) -> tuple[Month, ...]:
    """Return the complete months without a report, oldest first.

    A facility that never had a report begins with the month that has just ended; from then on no
    month may be left out, however long the portal stood still.
    """
    last = last_complete(now, zone)
    month, wanted = min(existing, default=last), list[Month]()
    while month <= last:
        if month not in existing:
            wanted.append(month)
        month = month.next
    return tuple(wanted)


def ended_at(month: Month, zone: str) -> datetime:
    """Return the instant at which the month is over in ``zone``: the fixed time of its report."""
    first = month.next.first
    return datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone))
