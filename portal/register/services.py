"""What can be done to places, persons in custody, holidays and facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version

import holidays
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from portal.domain.actor import Actor
from portal.kernel import clock
from portal.kernel.work import unit_of_work
from portal.register.models import Fact, Holiday, Inmate
from portal.register.permissions import Permission
from portal.register.rules.calendar import split_names
from portal.register.rules.custody import Custody, Evidence, Sex

LIBRARY = f"holidays {version('holidays')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InmateRow:
    """A person as an export or a form brings him; what it does not know stays as it is."""

    inmate_number: str
    name: str
    sex: Sex
    custody: Custody
    alias: str = ""
    birth_date: date | None = None
    religion_first_recorded: str = ""
    nationality: str = "ID"
    register_class: str = ""
    admitted_on: date | None = None
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of a list of persons: their numbers in the database, and how many were new."""

    ids: dict[str, int]
    added: int
    changed: int


def register_inmates(actor: Actor, facility_id: int, rows: Sequence[InmateRow]) -> Registered:
    """Add persons, or bring those known by their inmate number up to date.

    The religion first recorded is never changed once it is known (Keppres 174/1999 Ps 7).
    The same list twice changes nothing.
    """
    with unit_of_work(actor, Permission.KEEP_INMATES) as work:
        known = {
            row.inmate_number: row
            for row in work.session.scalars(
                sa.select(Inmate)
                .where(
                    Inmate.facility_id == facility_id,
                    Inmate.inmate_number.in_([row.inmate_number for row in rows]),
                )
                .with_for_update()
            )
        }
        added = [row for row in rows if row.inmate_number not in known]
        if added:
            work.session.execute(
                sa.insert(Inmate), [{"facility_id": facility_id, **asdict(row)} for row in added]
            )
        changed = sum(
            _bring_up_to_date(known[row.inmate_number], row)
            for row in rows
            if row.inmate_number in known
        )
        work.session.flush()
        ids = work.session.execute(
            sa.select(Inmate.inmate_number, Inmate.id).where(
                Inmate.facility_id == facility_id,
                Inmate.inmate_number.in_([row.inmate_number for row in rows]),
            )
        )
        work.note("register_inmate", facility_id=facility_id, added=len(added), changed=changed)
        return Registered({row[0]: row[1] for row in ids}, len(added), changed)


def _bring_up_to_date(person: Inmate, row: InmateRow) -> bool:
    """Copy what the row knows; tell whether anything was different."""
    values = {name: value for name, value in asdict(row).items() if value not in {None, ""}}
    if person.religion_first_recorded:
        values.pop("religion_first_recorded", None)
    different = {name: value for name, value in values.items() if getattr(person, name) != value}
    for name, value in different.items():
        setattr(person, name, value)
    return bool(different)


def propose_holidays(actor: Actor, facility_id: int, year: int) -> int:
    """Write down the year's official holidays as the library knows them; return how many are new.

    Estimates keep their mark; what a person confirmed stays as it is.
    """
    # Without a language the names follow the machine's locale.
    found = holidays.country_holidays("ID", years=year, language="id")
    rows = [
        {
            "facility_id": facility_id,
            "day": named.day,
            "name": named.name,
            "source": LIBRARY,
            "estimated": named.estimated,
        }
        for day, names in sorted(found.items())
        for named in split_names(day, names)
    ]
    with unit_of_work(actor, Permission.KEEP_HOLIDAYS) as work:
        written = work.session.execute(
            insert(Holiday).values(rows).on_conflict_do_nothing().returning(Holiday.id)
        )
        count = len(written.all())
        work.note("register_holiday", facility_id=facility_id, year=year, added=count)
    return count


def confirm_holiday(actor: Actor, holiday_id: int) -> None:
    """Confirm that a proposed day is a holiday.

    :raise NotFound: if the actor's facilities have no such day.
    """
    with unit_of_work(actor, Permission.KEEP_HOLIDAYS) as work:
        row = work.load(Holiday, holiday_id)
        row.confirmed_at, row.estimated = row.confirmed_at or clock.now(), False
        work.note(row, day=row.day.isoformat(), confirmed=True)


def add_holiday(actor: Actor, facility_id: int, *, day: date, name: str, source: str) -> None:
    """Write down a holiday a person knows of; entered twice, it is still one."""
    with unit_of_work(actor, Permission.KEEP_HOLIDAYS) as work:
        work.session.execute(
            insert(Holiday)
            .values(
                facility_id=facility_id,
                day=day,
                name=name,
                source=source,
                estimated=False,
                confirmed_at=clock.now(),
            )
            .on_conflict_do_nothing()
        )
        work.note("register_holiday", facility_id=facility_id, day=day.isoformat(), added=1)


def remove_holiday(actor: Actor, holiday_id: int) -> None:
    """Take a day off the list that is no holiday here; the trail keeps that it stood there.

    :raise NotFound: if the actor's facilities have no such day.
    """
    with unit_of_work(actor, Permission.KEEP_HOLIDAYS) as work:
        row = work.load(Holiday, holiday_id)
        work.note(row, day=row.day.isoformat(), removed=True)
        work.session.delete(row)


def state_fact(
    actor: Actor, facility_id: int, *, key: str, value: str, as_of: date, source: str
) -> None:
    """Add a fact about the facility, stated by its staff; earlier ones stay beside it."""
    with unit_of_work(actor, Permission.KEEP_FACTS) as work:
        row = work.add(
            Fact(
                facility_id=facility_id,
                key=key,
                value=value,
                unit="",
                as_of=as_of,
                source=source,
                evidence=Evidence.VERIFIED,
                confirmed=True,
            )
        )
        work.note(row, key=key, as_of=as_of.isoformat())
