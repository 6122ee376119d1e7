"""The survey's part of the monthly report and of the public home page."""

from __future__ import annotations

from decimal import Decimal

from portal.domain.figures import Chart, Figure, ReportSection, Table
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import facility
from portal.survey import queries
from portal.survey.queries import MonthResult

DEFINITION = message(
    "The mean of all scores of complete sheets, on a scale from 25 to 100 (Permenpan RB 14/2017)."
)
NOT_ENOUGH = message("Not enough data: fewer than 30 sheets.")
NO_INTERVAL = message("The interval tells nothing here.")
SOURCE = message("SUMANTAB, visitors' tablets")
MONITORING = message("Monitoring of one month, not the official survey.")
LEAST_SHOWN = 5


def report_section(facility_id: int, month: Month) -> ReportSection:
    """Return the month's index with its number of sheets, its interval and its elements."""
    found = queries.month_result(facility_id, month)
    return ReportSection(
        "survey",
        message("Visitors' satisfaction"),
        (*_index(found), *_coverage(found)),
        tables=_elements(found),
        charts=_chart(found),
        sentences=(MONITORING,),
    )


def front(facility_id: int) -> tuple[Figure, ...]:
    """Return the index of the last complete month for the public; none without a sheet."""
    today = clock.today(facility(facility_id).time_zone)
    found = queries.month_result(facility_id, Month.of(today).previous)
    return _index(found)[:1] if found.index else ()


def _index(found: MonthResult) -> tuple[Figure, ...]:
    shown = found.index if found.enough else None
    within = found.interval if shown else None
    return (
        Figure(
            key="ikm",
            label=message("Satisfaction index (IKM)"),
            value=shown.ikm if shown else None,
            denominator=found.complete if found.complete >= LEAST_SHOWN else None,
            definition=DEFINITION,
            as_of=found.month.last,
            source=SOURCE,
            note=MONITORING if shown else NOT_ENOUGH,
        ),
        Figure(
            key="mutu",
            label=message("Grade (mutu)"),
            value=f"{found.grade.mutu} ({found.grade.kinerja})" if shown and found.grade else None,
            as_of=found.month.last,
            source=SOURCE,
        ),
        *(
            Figure(
                key=key,
                label=label,
                value=value,
                as_of=found.month.last,
                source=SOURCE,
                note="" if value is not None else NO_INTERVAL,
            )
            for key, label, value in (
                ("ikm_low", message("95 percent interval, from"), within.low if within else None),
                ("ikm_high", message("95 percent interval, to"), within.high if within else None),
            )
        ),
    )


def _coverage(found: MonthResult) -> tuple[Figure, ...]:
    small = 0 < found.complete < LEAST_SHOWN
    rate = None
    if found.served and not small:
        rate = round(Decimal(100 * found.complete) / found.served, 1)
    return (
        Figure(
            key="sheets",
            label=message("Complete sheets"),
            value=None if small else found.complete,
            suppressed=small,
            as_of=found.month.last,
            source=SOURCE,
        ),
        Figure(
            key="visitors",
            label=message("Visitors served"),
            value=found.served,
            as_of=found.month.last,
            source=message("Entered by the survey officer"),
        ),
        Figure(
            key="response_rate",
            label=message("Response rate"),
            value=rate,
            unit="%",
            numerator=None if small else found.complete,
            denominator=found.served,
            as_of=found.month.last,
            source=SOURCE,
        ),
    )


def _elements(found: MonthResult) -> tuple[Table, ...]:
    if not found.enough:
        return ()
    rows = tuple((row.number, row.name, Decimal(row.nrr)) for row in found.elements)
    columns = (message("Element number"), message("Element"), message("Mean (NRR)"))
    label = message("Elements of service")
    return (Table(key="elements", label=label, columns=columns, rows=rows),)


def _chart(found: MonthResult) -> tuple[Chart, ...]:
    if not found.enough:
        return ()
    return (
        Chart(
            key="elements",
            label=message("Mean of each element, 1 to 4"),
            kind="bars",
            labels=tuple(row.name for row in found.elements),
            series={message("Mean (NRR)"): tuple(float(row.nrr) for row in found.elements)},
        ),
    )
