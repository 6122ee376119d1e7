"""Reads of places and persons in custody: plain values, for every room.

All of it runs in the caller's facility scope; "today" is always an argument.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from portal.domain.errors import NotFound
from portal.kernel.db import db
from portal.register import models as m
from portal.register.rules.custody import Custody, Evidence, Sex

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Block:
    """A block and how many cells and places it has."""

    id: int
    code: str
    name: str
    cells: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, known by its block's code and its number: ``C-12``."""

    id: int
    block_id: int
    block_code: str
    number: int
    capacity: int

    @property
    def label(self) -> str:
        """How officers say it."""
        return f"{self.block_code}-{self.number}"


@dataclass(frozen=True, slots=True)
class Inmate:
    """A person in custody; ``cell`` is where he sleeps now, if that is known."""

    id: int
    facility_id: int
    inmate_number: str
    name: str
    alias: str
    sex: Sex
    birth_date: date | None
    religion_first_recorded: str
    nationality: str
    custody: Custody
    register_class: str
    admitted_on: date | None
    left_on: date | None
    cell: Cell | None


@dataclass(frozen=True, slots=True)
class Population:
    """How many persons are in custody at the end of a day."""

    as_of: date
    total: int
    sentenced: int
    detainees: int


@dataclass(frozen=True, slots=True)
class Service:
    """What visitors come for."""

    code: str
    name: str
    free: bool


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day that is no working day, as the library proposes or a person has confirmed."""

    id: int
    day: date
    name: str
    source: str
    estimated: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """Something said about the facility, with its day, source and mark."""

    key: str
    value: str
    unit: str
    as_of: date
    source: str
    evidence: Evidence
    confirmed: bool


# --- Places ---------------------------------------------------------------------------------------


def blocks() -> tuple[Block, ...]:
    """Return the blocks by code."""
    wanted = (
        sa.select(
            m.Block.id,
            m.Block.code,
            m.Block.name,
            sa.func.count(m.Cell.id),
            sa.func.coalesce(sa.func.sum(m.Cell.capacity), 0),
        )
        .outerjoin(m.Cell, m.Cell.block_id == m.Block.id)
        .group_by(m.Block.id)
        .order_by(m.Block.code)
    )
    return tuple(Block(*row) for row in db.session.execute(wanted))


def _cells() -> sa.Select[int, int, str, int, int]:
    return sa.select(m.Cell.id, m.Cell.block_id, m.Block.code, m.Cell.number, m.Cell.capacity).join(
        m.Block, m.Block.id == m.Cell.block_id
    )


def cells(block_id: int) -> tuple[Cell, ...]:
    """Return the cells of a block by number."""
    wanted = _cells().where(m.Cell.block_id == block_id).order_by(m.Cell.number)
    return tuple(Cell(*row) for row in db.session.execute(wanted))


def cell(cell_id: int) -> Cell:
    """Return a cell.

    :raise NotFound: if the scope has no such cell.
    """
    if (row := db.session.execute(_cells().where(m.Cell.id == cell_id)).first()) is None:
        raise NotFound
    return Cell(*row)


def cell_labels() -> dict[int, str]:
    """Return how officers call each cell, by its number in the database."""
    return {row.id: f"{row.code}-{row.number}" for row in db.session.execute(_cells())}


# --- Persons in custody ---------------------------------------------------------------------------


def _inmates() -> sa.Select[m.Inmate, int, int, str, int, int]:
    return (
        sa.select(
            m.Inmate, m.Cell.id, m.Cell.block_id, m.Block.code, m.Cell.number, m.Cell.capacity
        )
        .outerjoin(m.Stay, sa.and_(m.Stay.inmate_id == m.Inmate.id, m.Stay.until.is_(None)))
        .outerjoin(m.Cell, m.Cell.id == m.Stay.cell_id)
        .outerjoin(m.Block, m.Block.id == m.Cell.block_id)
    )


def _inmate(row: sa.Row[m.Inmate, int, int, str, int, int]) -> Inmate:
    person = row[0]
    cell_id: int | None = row[1]  # of an outer join: nobody's cell may be known
    slept = Cell(row[1], row[2], row[3], row[4], row[5]) if cell_id is not None else None
    return Inmate(
        id=person.id,
        facility_id=person.facility_id,
        inmate_number=person.inmate_number,
        name=person.name,
        alias=person.alias,
        sex=person.sex,
        birth_date=person.birth_date,
        religion_first_recorded=person.religion_first_recorded,
        nationality=person.nationality,
        custody=person.custody,
        register_class=person.register_class,
        admitted_on=person.admitted_on,
        left_on=person.left_on,
        cell=slept,
    )


def inmate(inmate_id: int) -> Inmate:
    """Return a person in custody.

    :raise NotFound: if the scope has no such person.
    """
    if (row := db.session.execute(_inmates().where(m.Inmate.id == inmate_id)).first()) is None:
        raise NotFound
    return _inmate(row)


def inmates(ids: Collection[int]) -> dict[int, Inmate]:
    """Return persons by number in the database; those out of scope are left out."""
    rows = db.session.execute(_inmates().where(m.Inmate.id.in_(ids)))
    return {row[0].id: _inmate(row) for row in rows}


def inmate_by_number(number: str) -> Inmate | None:
    """Return the person with that inmate number (nomor induk), if the scope has one."""
    row = db.session.execute(_inmates().where(m.Inmate.inmate_number == number.strip())).first()
    return _inmate(row) if row else None


def inmate_ids_by_number(numbers: Collection[str]) -> dict[str, int]:
    """Return the database numbers of persons by inmate number; unknown ones are left out."""
    wanted = sa.select(m.Inmate.inmate_number, m.Inmate.id)
    rows = db.session.execute(wanted.where(m.Inmate.inmate_number.in_(numbers)))
    return {row.inmate_number: row.id for row in rows}


def find_inmates(text: str, *, most: int = MOST_FOUND) -> tuple[Inmate, ...]:
    """Return persons whose name, alias or number holds the text, taken letter by letter."""
    if not (sought := text.strip()):
        return ()
    matches = [
        column.icontains(sought, autoescape=True)
        for column in (m.Inmate.name, m.Inmate.alias, m.Inmate.inmate_number)
    ]
    rows = db.session.execute(
        _inmates().where(sa.or_(*matches)).order_by(m.Inmate.name, m.Inmate.id).limit(most)
    )
    return tuple(map(_inmate, rows))


def inmates_in_cell(cell_id: int) -> tuple[Inmate, ...]:
    """Return who sleeps in a cell now, by name."""
    rows = db.session.execute(
        _inmates().where(m.Cell.id == cell_id).order_by(m.Inmate.name, m.Inmate.id)
    )
    return tuple(map(_inmate, rows))


def present(day: date) -> sa.ColumnElement[bool]:
    """Say as a condition: in custody at the end of ``day``."""
    return sa.and_(
        sa.or_(m.Inmate.admitted_on.is_(None), m.Inmate.admitted_on <= day),
        sa.or_(m.Inmate.left_on.is_(None), m.Inmate.left_on > day),
    )


def ids_present(day: date) -> sa.Select[int]:
    """Say as a subquery: the numbers of everyone in custody at the end of ``day``."""
    return sa.select(m.Inmate.id).where(present(day))


def inmates_present(day: date, custody: Custody | None = None) -> tuple[Inmate, ...]:
    """Return everyone in custody at the end of a day, by name."""
    wanted = _inmates().where(present(day)).order_by(m.Inmate.name, m.Inmate.id)
    if custody is not None:
        wanted = wanted.where(m.Inmate.custody == custody)
    return tuple(map(_inmate, db.session.execute(wanted)))


def population(facility_id: int, day: date) -> Population:
    """Count who was in custody at the end of a day."""
    wanted = (
        sa.select(m.Inmate.custody, sa.func.count())
        .where(m.Inmate.facility_id == facility_id, present(day))
        .group_by(m.Inmate.custody)
    )
    counts = {row[0]: row[1] for row in db.session.execute(wanted)}
    sentenced, detainees = counts.get(Custody.SENTENCED, 0), counts.get(Custody.DETAINEE, 0)
    return Population(day, sentenced + detainees, sentenced, detainees)


def names_of_inmates(facility_id: int) -> tuple[str, ...]:
    """Return names, aliases and inmate numbers: for the gate that keeps them out of releases."""
    wanted = sa.select(m.Inmate.name, m.Inmate.alias, m.Inmate.inmate_number)
    rows = db.session.execute(wanted.where(m.Inmate.facility_id == facility_id))
    return tuple(word for row in rows for word in row if word)


# --- Services, holidays, facts --------------------------------------------------------------------


def services() -> tuple[Service, ...]:
    """Return the services on offer, in the order they were entered."""
    rows = db.session.scalars(sa.select(m.Service).where(m.Service.active).order_by(m.Service.id))
    return tuple(Service(row.code, row.name, row.free) for row in rows)


def service(code: str) -> Service:
    """Return a service, active or not.

    :raise NotFound: if the scope has no such service.
    """
    row = db.session.scalar(sa.select(m.Service).where(m.Service.code == code))
    if row is None:
        raise NotFound
    return Service(row.code, row.name, row.free)


def holidays(since: date, until: date) -> tuple[Holiday, ...]:
    """Return the holidays from ``since`` to ``until``, both included, by day."""
    wanted = sa.select(m.Holiday).where(m.Holiday.day.between(since, until))
    rows = db.session.scalars(wanted.order_by(m.Holiday.day, m.Holiday.id))
    return tuple(
        Holiday(row.id, row.day, row.name, row.source, row.estimated, row.confirmed_at is not None)
        for row in rows
    )


def facts(facility_id: int, key: str | None = None) -> tuple[Fact, ...]:
    """Return what is said about a facility, the newest day first within each key."""
    wanted = sa.select(m.Fact).where(m.Fact.facility_id == facility_id)
    if key is not None:
        wanted = wanted.where(m.Fact.key == key)
    rows = db.session.scalars(wanted.order_by(m.Fact.key, m.Fact.as_of.desc(), m.Fact.id.desc()))
    return tuple(
        Fact(row.key, row.value, row.unit, row.as_of, row.source, row.evidence, row.confirmed)
        for row in rows
    )


def fact(facility_id: int, key: str, day: date | None = None) -> Fact | None:
    """Return the latest fact of a key, as of ``day`` if one is given."""
    return next((f for f in facts(facility_id, key) if day is None or f.as_of <= day), None)


def capacity(facility_id: int, day: date | None = None) -> Fact | None:
    """Return how many places the facility has, by the latest dated statement (decision F2)."""
    return fact(facility_id, "capacity", day)
