"""What the room says in numbers: ordinary complaints alone, small groups hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from portal.blocktour import queries
from portal.blocktour.queries import MonthCounts
from portal.blocktour.rules import categories
from portal.blocktour.rules.counting import hide_small, is_small, share
from portal.domain.figures import Figure, ReportSection, Table
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import facility

SOURCE = message("Block tours, ordinary complaints")
SEALED = message(
    "Complaints about officers are counted outside the prison and are in none of these figures."
)
TRUST = message("More complaints can mean more trust: people who expect an answer speak.")
NOT_SHOWN = message("not shown")
PER_CENT = 100


def report_section(facility_id: int, month: Month) -> ReportSection:
    """Count a month of one facility, by the day of the first telling and of each move."""
    counts = queries.month_counts(facility_id, month, clock.now())
    return ReportSection(
        "blocktour",
        message("Complaints from the blocks"),
        (*_numbers(counts), *_shares(counts)),
        tables=(_by_category(counts.by_category, month),),
        sentences=(SEALED, TRUST),
    )


def front(facility_id: int) -> tuple[Figure, ...]:
    """Return for the public how many of last month's answers arrived; nothing if too few."""
    last = Month.of(clock.today(facility(facility_id).time_zone)).previous
    counts = queries.month_counts(facility_id, last, clock.now())
    shares = [figure for figure in _shares(counts)[-1:] if figure.value is not None]
    return tuple(replace(figure, as_of=last.last) for figure in shares)


def _numbers(counts: MonthCounts) -> tuple[Figure, ...]:
    named = (
        ("heard", message("Heard"), counts.heard),
        ("decided", message("Decided"), counts.decided),
        ("delivered", message("Answers that arrived"), counts.delivered),
        ("reopened", message("Opened again"), counts.reopened),
    )
    return tuple(
        Figure(
            key=key,
            label=label,
            value=None if is_small(value) else value,
            suppressed=is_small(value),
            source=SOURCE,
        )
        for key, label, value in named
    )


def _shares(counts: MonthCounts) -> tuple[Figure, ...]:
    named = (
        (
            "first_kept",
            message("First word in time"),
            counts.first_kept,
            message("Told in the month: the person knew number and day before the limit."),
        ),
        (
            "decision_kept",
            message("Decided in time"),
            counts.decision_kept,
            message("Told in the month: decided before the limit of its kind."),
        ),
        (
            "arrived",
            message("Answers that arrived at the cell"),
            counts.arrived,
            message("Told in the month and decided: the answer was read at the cell."),
        ),
    )
    return tuple(_share(key, label, parts, definition) for key, label, parts, definition in named)


def _share(key: str, label: str, parts: tuple[int, int], definition: str) -> Figure:
    part, whole = parts
    found: Fraction | None = share(part, whole)
    return Figure(
        key=key,
        label=label,
        value=None if found is None else Decimal(round(found * PER_CENT)),
        unit="" if found is None else "%",
        numerator=None if found is None else part,
        denominator=None if found is None else whole,
        definition=definition,
        source=SOURCE,
    )


def _by_category(counts: Mapping[str, int], month: Month) -> Table:
    listed = [one for one in categories.current(month.last).categories if not one.sealed]
    shown = hide_small({one.code: counts.get(one.code, 0) for one in listed})
    rows = (
        (one.names["id"], NOT_SHOWN if (count := shown[one.code]) is None else count)
        for one in listed
    )
    return Table(
        key="by_category",
        label=message("Heard, by what they are about"),
        columns=(message("About"), message("Number of complaints")),
        rows=tuple(rows),
    )
