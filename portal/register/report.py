"""The register's part of the monthly report and of the public home page."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from portal.domain.figures import Figure, ReportSection
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import facility
from portal.register import queries
from portal.register.rules.custody import excess, occupancy

DEFINITION_OCCUPANCY = message("Persons in custody divided by places, at the end of the day.")
DEFINITION_EXCESS = message("Persons above the number of places, divided by places.")
REGISTER = message("The portal's register")


def report_section(facility_id: int, month: Month) -> ReportSection:
    """Count who was in custody on the month's last day, against the capacity of that day."""
    return ReportSection("register", message("Occupancy"), figures(facility_id, month.last))


def front(facility_id: int) -> tuple[Figure, ...]:
    """Return population, capacity and occupancy for the public: no figure without a register."""
    today = clock.today(facility(facility_id).time_zone)
    return figures(facility_id, today) if queries.population(facility_id, today).total else ()


def figures(facility_id: int, day: date) -> tuple[Figure, ...]:
    """Return population, capacity, occupancy and excess of a day; rates are in percent."""
    people = queries.population(facility_id, day)
    places = queries.capacity(facility_id, day)
    found = [
        Figure(
            key=key,
            label=label,
            value=count,
            unit=message("persons"),
            as_of=day,
            source=REGISTER,
        )
        for key, label, count in (
            ("population", message("In custody"), people.total),
            ("sentenced", message("Sentenced"), people.sentenced),
            ("detainees", message("On remand"), people.detainees),
        )
    ]
    if places is None:
        return tuple(found)
    beds = int(places.value)
    mark = "" if places.confirmed else message("Capacity not confirmed by the prison yet")
    shares = (
        ("occupancy", message("Occupancy"), occupancy(people.total, beds), DEFINITION_OCCUPANCY),
        ("excess", message("Excess"), excess(people.total, beds), DEFINITION_EXCESS),
    )
    return (
        *found,
        Figure(
            key="capacity",
            label=message("Capacity"),
            value=beds,
            unit=message("places"),
            as_of=places.as_of,
            source=places.source,
            note=mark,
        ),
        *(
            Figure(
                key=key,
                label=label,
                value=round(Decimal(share.numerator * 100) / Decimal(share.denominator)),
                unit="%",
                numerator=people.total,
                denominator=beds,
                definition=definition,
                as_of=day,
                source=REGISTER,
                note=mark,
            )
            for key, label, share, definition in shares
        ),
    )
