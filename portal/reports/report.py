"""The reports' own part of the report: the targets of earlier years, as history."""

from __future__ import annotations

from portal.domain.figures import ReportSection, Table
from portal.domain.months import Month
from portal.domain.text import message
from portal.reports.rules.targets import WORDS, Mark, TargetSet, read_targets

MARKS = {
    Mark.VERIFIED: message("verified in the named source"),
    Mark.SECONDARY: message("told by several newspapers"),
    Mark.UNVERIFIED: message("not verified"),
    Mark.PROPOSAL: message("the portal's own reading"),
}
COLUMNS = (
    message("No."),
    message("Point"),
    message("National figure"),
    message("Applies here?"),
    message("Why"),
)


def report_section(_facility_id: int, month: Month) -> ReportSection:
    """Show the target sets with their points; those that are over stand there as history.

    National figures are never divided, and no local value is set against them.
    """
    sets = [one for one in read_targets() if one.points and one.valid_from <= month.last]
    return ReportSection(
        "targets",
        message("Targets of earlier years"),
        (),
        tables=tuple(table for one in sets for table in (_points(one), _sources(one))),
        sentences=(
            message("The figures are national. They are not divided among prisons."),
            message("Points that do not apply here count in no score."),
        ),
    )


def _points(one: TargetSet) -> Table:
    return Table(
        key=one.code,
        label=one.title,
        columns=COLUMNS,
        rows=tuple(
            (
                point.number,
                point.text,
                point.national or None,
                WORDS[point.applicable],
                point.reason or point.note,
            )
            for point in one.points
        ),
    )


def _sources(one: TargetSet) -> Table:
    return Table(
        key=f"{one.code}_sources",
        label=message("Where these targets come from"),
        columns=(message("What"), message("Source"), message("Mark")),
        rows=(
            (message("Decree"), one.instrument, MARKS[one.instrument_mark]),
            (message("Points and figures"), one.source, MARKS[one.points_mark]),
            (message("In force from"), one.valid_from, MARKS[one.valid_mark]),
            (message("In force until"), one.valid_to, MARKS[one.valid_mark]),
        ),
    )
