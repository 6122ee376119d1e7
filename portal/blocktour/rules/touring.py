"""Tours: which cells were heard, which are still open, and how long ago each was heard.

A stop that was not reached is written down with its reason and opens the next tour (proposal).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from portal.domain.text import message


class TourState(StrEnum):
    """How far a tour has come."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    SIGNED = "signed"


class StopOutcome(StrEnum):
    """What happened at a cell; ``nil`` means: asked, and nobody had anything to tell."""

    HEARD = "heard"
    NIL = "nil"
    ASLEEP = "asleep"
    AT_WORK = "at_work"
    REFUSED = "refused"
    NOT_REACHED = "not_reached"


COVERED: frozenset[StopOutcome] = frozenset({StopOutcome.HEARD, StopOutcome.NIL})
"""Outcomes after which the cell had its chance; the others open the next tour."""

NEEDS_REASON: frozenset[StopOutcome] = frozenset({StopOutcome.NOT_REACHED})

OUTCOME_NAMES: Mapping[StopOutcome, str] = MappingProxyType(
    {
        StopOutcome.HEARD: message("Heard"),
        StopOutcome.NIL: message("Nothing to tell"),
        StopOutcome.ASLEEP: message("Asleep"),
        StopOutcome.AT_WORK: message("At work"),
        StopOutcome.REFUSED: message("Did not want to talk"),
        StopOutcome.NOT_REACHED: message("Not reached"),
    }
)
TOUR_STATE_NAMES: Mapping[TourState, str] = MappingProxyType(
    {
        TourState.PLANNED: message("Planned"),
        TourState.OPEN: message("Under way"),
        TourState.CLOSED: message("Tour closed"),
        TourState.SIGNED: message("Signed"),
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """One stop as it was marked; ``outcome`` None is not marked yet."""

    cell: str
    outcome: StopOutcome | None
    reason: str = ""


def still_open(stops: Iterable[Told]) -> tuple[str, ...]:
    """Name the cells that keep a tour from closing: unmarked, or missed without a reason."""
    return tuple(
        stop.cell
        for stop in stops
        if stop.outcome is None or (stop.outcome in NEEDS_REASON and not stop.reason.strip())
    )


def next_time(stops: Iterable[Told]) -> tuple[str, ...]:
    """Name the cells that open the next tour, in the order they were met."""
    return tuple(stop.cell for stop in stops if stop.outcome not in COVERED)


def days_since(last_heard: date | None, today: date) -> int | None:
    """Count the days since a cell was last covered; None if it never was."""
    return None if last_heard is None else (today - last_heard).days
