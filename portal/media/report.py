"""The newsroom's part of the monthly report."""

from __future__ import annotations

from decimal import Decimal

from portal.domain.figures import Figure, ReportSection
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import facility
from portal.media import queries

SOURCE = message("The newsroom of this portal")


def report_section(facility_id: int, month: Month) -> ReportSection:
    """Count what was published, corrected and withdrawn in a month of local days."""
    counts = queries.counts(facility_id, month, facility(facility_id).time_zone, clock.now())
    hours = None if counts.hours is None else round(Decimal(counts.hours), 1)
    return ReportSection(
        "media",
        message("Newsroom"),
        (
            _figure(month, "published", message("Texts published"), counts.published),
            _figure(month, "corrections", message("Corrections published"), counts.corrections),
            _figure(month, "withdrawn", message("Texts withdrawn"), counts.withdrawn),
            Figure(
                key="hours_to_public",
                label=message("From first draft to public"),
                value=hours,
                unit=message("hours"),
                definition=message("The median of the texts published in the month."),
                as_of=month.last,
                source=SOURCE,
            ),
        ),
    )


def _figure(month: Month, key: str, label: str, value: int) -> Figure:
    return Figure(
        key=key, label=label, value=value, unit=message("texts"), as_of=month.last, source=SOURCE
    )
