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
from portal.domain.errors import DomainError
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import Facility, Region
from portal.kernel.work import Work, unit_of_work
from portal.register.models import Block, Cell, Fact, Holiday, Inmate, Service
from portal.register.permissions import Permission
from portal.register.rules.calendar import split_names
from portal.register.rules.custody import Custody, Evidence, Sex

# What visitors come for in most prisons; the prison confirms which are free (survey handbook, 8).
USUAL_SERVICES = (
    ("kunjungan", "Kunjungan tatap muka"),
    ("titipan", "Penitipan barang dan makanan"),
    ("panggilan_video", "Layanan panggilan video"),
    ("informasi", "Informasi dan konsultasi"),
    ("integrasi", "Informasi PB, CB, CMB dan asimilasi"),
    ("pengaduan", "Pengaduan"),
    ("lainnya", "Lainnya"),
)
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


class AddressTaken(DomainError):
    """Two facilities, or two regions under other names, cannot share an address."""

    status = 409
    text = message("The address %(slug)s is taken. Choose another one.")


class BlockTaken(DomainError):
    """A block of that code stands already."""

    status = 409
    text = message("Block %(code)s is there already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFacility:
    """What a facility is called, and where it stands."""

    slug: str
    name: str
    short_name: str
    town: str = ""
    time_zone: str = "Asia/Jakarta"
    region: str = ""
    public: bool = True


def found_facility(actor: Actor, new: NewFacility) -> int:
    """Add a facility with the usual visitor services and this and next year's holidays.

    Returns its number. The holidays are proposals until a person confirms each.

    :raise AddressTaken: if a facility has that address already.
    """
    with unit_of_work(actor, "register.facility.found") as work:
        if work.session.scalar(sa.select(Facility.id).where(Facility.slug == new.slug)):
            raise AddressTaken(slug=new.slug)
        made = work.add(
            Facility(
                slug=new.slug,
                name=new.name,
                short_name=new.short_name,
                town=new.town,
                time_zone=new.time_zone,
                region_id=_region(work, new.region),
                public=new.public,
            )
        )
        work.session.execute(
            sa.insert(Service),
            [
                {"facility_id": made.id, "code": code, "name": name, "free": True, "active": True}
                for code, name in USUAL_SERVICES
            ],
        )
        year = clock.today(new.time_zone).year
        for each in (year, year + 1):
            propose_holidays(actor, made.id, each)
        work.note(made, facility_id=made.id, slug=new.slug)
        return made.id


def _region(work: Work, name: str) -> int | None:
    """Return the region of that name, made if it is new; None without a name."""
    if not name:
        return None
    code = "-".join(name.lower().split())[:40]
    found = work.session.scalar(sa.select(Region.id).where(Region.code == code))
    return found or work.add(Region(code=code, name=name)).id


def add_block(
    actor: Actor, facility_id: int, *, code: str, name: str, cells: int, places: int
) -> int:
    """Add a block with its cells, numbered from 1, each with the same number of places.

    :raise BlockTaken: if the facility has a block of that code.
    """
    with unit_of_work(actor, Permission.KEEP_PLACES) as work:
        there = sa.select(Block.id).where(Block.facility_id == facility_id, Block.code == code)
        if work.session.scalar(there):
            raise BlockTaken(code=code)
        block = work.add(Block(facility_id=facility_id, code=code, name=name))
        work.session.execute(
            sa.insert(Cell),
            [
                {
                    "facility_id": facility_id,
                    "block_id": block.id,
                    "number": number,
                    "capacity": places,
                }
                for number in range(1, cells + 1)
            ],
        )
        work.note(block, cells=cells, places=places)
        return block.id


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
