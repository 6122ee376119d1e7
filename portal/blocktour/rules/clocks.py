"""Time limits: due dates from the first telling, kept or missed. Days left are never stored.

Working days leave out Saturdays, Sundays and the holidays handed in (joint leave included, decision
D7). A day counts from the day after the first telling, in the facility's own time; a limit in days
ends with the last second of its last day. Pauses stop the clock of the decision alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import count, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from portal.blocktour.rules.categories import ClockClass

SATURDAY = 5
END_OF_DAY = time(23, 59, 59)
PER_CENT = 100
NO_HOLIDAYS: frozenset[date] = frozenset()


class Unit(StrEnum):
    """What a limit is counted in."""

    HOURS = "h"
    WORKING_DAYS = "wd"
    CALENDAR_DAYS = "d"


class PauseReason(StrEnum):
    """Why the clock of a decision stands still; a serious case never pauses."""

    AWAITING_COMPLAINANT = "awaiting_complainant"
    AWAITING_OUTSIDE_BODY = "awaiting_outside_body"
    COMPLAINANT_ABSENT = "complainant_absent"
    DISASTER = "disaster"


class Level(StrEnum):
    """Who is told next when a decision takes too long, from below to above."""

    HANDLER = "handler"
    SUPERIOR = "superior"
    HEAD = "head"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time with the source it comes from."""

    amount: int
    unit: Unit
    cite: tuple[str, ...]
    certainty: str


@dataclass(frozen=True, slots=True)
class Clocks:
    """One version of all limits."""

    number: int
    since: date
    first_answer: Mapping[ClockClass, Limit]
    decision: Mapping[ClockClass, Limit]
    delivery: Limit
    silence: Limit
    appeal: Limit
    escalation: Mapping[Level, int]


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which a decision could not go on; ``until`` None still lasts."""

    since: datetime
    until: datetime | None
    reason: PauseReason


def _limit(row: Mapping[str, Any]) -> Limit:
    if not (found := re.fullmatch(r"(\d+)(h|wd|d)", row["value"])):
        raise ValueError(f"not a limit: {row['value']!r}")
    return Limit(int(found[1]), Unit(found[2]), tuple(row["cite"]), row["certainty"])


def _by_class(rows: Mapping[str, Any]) -> Mapping[ClockClass, Limit]:
    return MappingProxyType({one: _limit(rows[one]) for one in ClockClass})


def read_clocks(path: Path) -> tuple[Clocks, ...]:
    """Read the versions from a TOML file, oldest first.

    :raise ValueError: if a value is not an amount and a unit.
    """
    with path.open("rb") as file:
        versions = tomllib.load(file)["version"]
    return tuple(
        Clocks(
            number=one["number"],
            since=one["since"],
            first_answer=_by_class(one["first_answer"]),
            decision=_by_class(one["decision"]),
            delivery=_limit(one["after"]["delivery"]),
            silence=_limit(one["after"]["silence"]),
            appeal=_limit(one["after"]["appeal"]),
            escalation=MappingProxyType(
                {level: one["escalation"][level]["value"] for level in Level}
            ),
        )
        for one in versions
    )


VERSIONS = read_clocks(Path(__file__).with_name("clocks.toml"))
_BY_NUMBER: Mapping[int, Clocks] = MappingProxyType({one.number: one for one in VERSIONS})


def current(day: date) -> Clocks:
    """Return the limits in force on a day; before the first, the first."""
    begun = [one for one in VERSIONS if one.since <= day]
    return begun[-1] if begun else VERSIONS[0]


def version(number: int) -> Clocks:
    """Return the limits a case began under.

    :raise KeyError: if there never was such a version.
    """
    return _BY_NUMBER[number]


def is_working_day(day: date, holidays: Collection[date] = NO_HOLIDAYS) -> bool:
    """Tell whether offices work on a day: Monday to Friday, and no holiday."""
    return day.weekday() < SATURDAY and day not in holidays


def may_pause(clock_class: ClockClass) -> bool:
    """Tell whether the clock may stand still at all."""
    return clock_class is not ClockClass.SERIOUS


def _stands_still(moment: datetime, pauses: Collection[Pause]) -> bool:
    return any(
        pause.since <= moment and (pause.until is None or moment < pause.until) for pause in pauses
    )


def _ends_counted(
    start: datetime,
    zone: ZoneInfo,
    counts: Callable[[date], bool],
    pauses: Collection[Pause],
) -> Iterator[datetime]:
    """Return, without end, the last moment of each day that counts after the first telling."""
    told_on = start.astimezone(zone).date()
    days = (told_on + timedelta(days=number) for number in count(1))
    ends = (datetime.combine(day, END_OF_DAY, zone) for day in days if counts(day))
    return (end for end in ends if not _stands_still(end, pauses))


def due(
    start: datetime,
    limit: Limit,
    zone: ZoneInfo,
    holidays: Collection[date] = NO_HOLIDAYS,
    pauses: Collection[Pause] = (),
) -> datetime | None:
    """Return the last moment in which the limit is kept; None while an open pause keeps it away.

    A limit in days skips each day whose end lies in a pause; one in hours moves by the time paused.
    """
    if any(pause.until is None for pause in pauses):
        return None
    if limit.unit is Unit.HOURS:
        return _due_in_hours(start, limit.amount, pauses)
    ends = _ends_counted(
        start,
        zone,
        lambda day: limit.unit is Unit.CALENDAR_DAYS or is_working_day(day, holidays),
        pauses,
    )
    return next(islice(ends, limit.amount - 1, None))


def _due_in_hours(start: datetime, hours: int, pauses: Collection[Pause]) -> datetime:
    end = start + timedelta(hours=hours)
    for pause in sorted(pauses, key=lambda one: one.since):
        since = max(pause.since, start)
        if pause.until is not None and since < end and pause.until > since:
            end += pause.until - since
    return end


def breached(due_at: datetime | None, done_at: datetime | None, now: datetime) -> bool:
    """Tell whether a limit was missed: done too late, or not done and the time is over."""
    return due_at is not None and (done_at or now) > due_at


def escalation(
    start: datetime, due_at: datetime, now: datetime, clocks: Clocks
) -> tuple[Level, ...]:
    """Return everybody who is to be told by now, lowest first; nobody is skipped."""
    used = Fraction(
        int((now - start).total_seconds()), max(int((due_at - start).total_seconds()), 1)
    )
    return tuple(level for level in Level if used * PER_CENT >= clocks.escalation[level])


def age_days(first_told: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Count the days from the first telling; nothing, not even reopening, begins it anew."""
    return (now.astimezone(zone).date() - first_told.astimezone(zone).date()).days
