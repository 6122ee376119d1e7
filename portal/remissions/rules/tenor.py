"""Lengths of time as a verdict speaks them, and the only date arithmetic of the room.

Whole numbers and ``Fraction``; a choice the law leaves open is a field of the ``Convention``.
Source: the parameters ``count.*``; shared counting of the registers, section 4.3 of the law notes.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

ROUNDINGS: Mapping[str, Callable[[Fraction], int]] = {"up": math.ceil, "down": math.floor}
LEAP_DAYS: Mapping[str, tuple[int, int]] = {"28_february": (2, 28), "1_march": (3, 1)}


class Ambiguous(ValueError):
    """The result hangs on a choice that the convention does not state."""


@dataclass(frozen=True, slots=True)
class Tenor:
    """A length as spoken: years, months and days, none of them negative."""

    years: int = 0
    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Convention:
    """How days, months and years are counted under the law of one period."""

    month_days: int
    months_of_year: int
    rounding: str
    leap_day: str


def norm(tenor: Tenor, how: Convention) -> Tenor:
    """Turn days into months and months into years, as far as they fill them."""
    months, days = divmod(tenor.days, how.month_days)
    years, months = divmod(tenor.months + months, how.months_of_year)
    return Tenor(tenor.years + years, months, days)


def total(tenors: Iterable[Tenor]) -> Tenor:
    """Return several terms as one, added part by part and not yet converted."""
    years = months = days = 0
    for tenor in tenors:
        years, months, days = years + tenor.years, months + tenor.months, days + tenor.days
    return Tenor(years, months, days)


def scale_days(tenor: Tenor, how: Convention) -> int:
    """Return the length in days of the 360 scale: twelve months of thirty days are a year."""
    months = tenor.years * how.months_of_year + tenor.months
    return months * how.month_days + tenor.days


def rounded(share: Fraction, rounding: str) -> int:
    """Return a whole number of days.

    :raise Ambiguous: if ``share`` is not whole and ``rounding`` says neither up nor down.
    """
    if share.denominator == 1:
        return share.numerator
    if rounding not in ROUNDINGS:
        raise Ambiguous(f"{share} days are rounded neither up nor down")
    return ROUNDINGS[rounding](share)


def part(tenor: Tenor, fraction: Fraction, how: Convention) -> Tenor:
    """Return a fraction of a length, taken on the 360 scale.

    :raise Ambiguous: if it is no whole number of days and the rounding is not stated.
    """
    return norm(Tenor(days=rounded(scale_days(tenor, how) * fraction, how.rounding)), how)


def anniversary(start: date, years: int, how: Convention) -> date:
    """Return the same day ``years`` later; 29 February as the convention says.

    :raise Ambiguous: if that day does not exist and the convention names no other.
    """
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        if how.leap_day not in LEAP_DAYS:
            raise Ambiguous(f"{start.year + years} has no 29 February") from None
        month, day = LEAP_DAYS[how.leap_day]
        return date(start.year + years, month, day)


def add(start: date, tenor: Tenor, how: Convention) -> date:
    """Return the day a length after ``start``: years by the calendar, the rest in days.

    :raise Ambiguous: as ``anniversary``.
    """
    whole = norm(tenor, how)
    days = whole.months * how.month_days + whole.days
    return anniversary(start, whole.years, how) + timedelta(days=days)


def later(day: date, days: int) -> date:
    """Return the day ``days`` later; earlier for a negative number."""
    return day + timedelta(days=days)


def days_between(since: date, until: date) -> int:
    """Return how many days lie from ``since`` to ``until``; the first is day 0."""
    return (until - since).days


def hits_leap_day(start: date, years: int) -> bool:
    """Tell whether the same day ``years`` later does not exist."""
    try:
        start.replace(year=start.year + years)
    except ValueError:
        return True
    return False
