"""What this room says in numbers: for the monthly report, the public page and the desk."""

from __future__ import annotations

from datetime import date

from portal.domain.actor import Actor
from portal.domain.figures import Figure, ReportSection
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import facility
from portal.kernel.module import DeskCard
from portal.remissions import queries
from portal.remissions.permissions import Permission
from portal.remissions.queries import Counts
from portal.remissions.rules.explain import NOTICE

SOURCE = message("The portal's calculation from SDP")
PERSONS = message("persons")
UNKNOWN = message("A fact is missing, such as the first day of detention.")
OVERDUE = message("In custody after the calculated end, substitute term included.")
REACHED = message("Two thirds of the full sentence served, credit and remission counted.")
ASSUMED = message("At least one date follows an assumption about the law.")


def report_section(facility_id: int, month: Month) -> ReportSection:
    """Count, as of the month's last day, whose dates are known and who stands where."""
    counts = queries.counts(facility_id, month.last)
    return ReportSection(
        "remissions", message("Remissions"), _figures(counts, month.last), sentences=(NOTICE,)
    )


def desk(actor: Actor) -> tuple[DeskCard, ...]:
    """Return what waits: who is past the end of custody, and whose facts are missing."""
    total = [
        queries.counts(facility_id, clock.today(facility(facility_id).time_zone))
        for facility_id in sorted(actor.where(Permission.SEE_PERSONS))
    ]
    if not total:
        return ()
    return (
        DeskCard(
            message("Past the end of custody"),
            sum(counts.overdue for counts in total),
            "remissions.people",
            message("Still here"),
        ),
        DeskCard(
            message("Two thirds within 90 days"),
            sum(counts.soon for counts in total),
            "remissions.people",
        ),
    )


def _figures(counts: Counts, day: date) -> tuple[Figure, ...]:
    told = (
        ("persons", message("Sentences on file"), counts.persons, ""),
        ("computable", message("Expiry can be calculated"), counts.computable, ""),
        ("unknown", message("Expiry not known"), counts.unknown, UNKNOWN),
        ("overdue", message("Past the end of custody"), counts.overdue, OVERDUE),
        ("reached", message("Two thirds served"), counts.reached, REACHED),
        ("soon", message("Two thirds within 90 days"), counts.soon, ""),
        ("assumed", message("Resting on an assumption"), counts.assumed, ASSUMED),
        ("different", message("Register shows another date"), counts.different, ""),
    )
    return tuple(
        Figure(
            key=key,
            label=label,
            value=value,
            unit=PERSONS,
            definition=definition,
            as_of=day,
            source=SOURCE,
            numerator=value if key != "persons" else None,
            denominator=counts.persons if key != "persons" else None,
        )
        for key, label, value, definition in told
    )
