"""Holidays as the `holidays` library names them, read without being fooled by its spelling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

ESTIMATED = " (perkiraan)"
JOINED = "; "


@dataclass(frozen=True, slots=True)
class NamedDay:
    """One holiday on one day; ``estimated`` until the government has fixed it."""

    day: date
    name: str
    estimated: bool


def split_names(day: date, names: str) -> tuple[NamedDay, ...]:
    """Split what the library joins with "; " and take its mark for estimates off each name.

    Source: `holidays` 0.109, traps 2 and 3 in ``docs/register.md``.
    """
    return tuple(
        NamedDay(day, name.removesuffix(ESTIMATED), name.endswith(ESTIMATED))
        for name in names.split(JOINED)
    )
