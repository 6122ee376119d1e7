"""A block with three cells, and people with their tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest

from portal.accounts.models import RoleHeld
from portal.blocktour.rules.deciding import Draft, Ruling
from portal.blocktour.services import handling, recording
from portal.blocktour.services.handling import Triage
from portal.blocktour.services.recording import Told
from portal.domain.actor import Actor, Role
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility
from portal.register.models import Cell
from tests.factories import make_block

GRANTED = Draft(Ruling.GRANTED, "Air di Blok C mengalir lagi mulai besok pagi.")


@dataclass(frozen=True)
class Staff:
    """Who works in the prison."""

    officer: Actor
    desk: Actor
    head: Actor
    custodian: Actor
    second_custodian: Actor
    colleague: Actor


@pytest.fixture
def cells(prison: Facility) -> list[Cell]:
    """Return the cells of block C."""
    return make_block(prison, "C", cells=3)


def give_task(person: Actor, role: Role, at: Facility) -> None:
    """Write down that a person has a task, as an administrator does."""
    db.session.add(RoleHeld(person_id=person.id, role=role, facility_id=at.id, since=clock.now()))
    db.session.commit()


@pytest.fixture
def staff(actor: Callable[..., Actor], prison: Facility) -> Staff:
    """Return the people of the prison."""

    def works(role: Role) -> Actor:
        person = actor(role)
        give_task(person, role, prison)
        return person

    return Staff(
        officer=works(Role.BLOCK_OFFICER),
        desk=works(Role.TOUR_COORDINATOR),
        head=works(Role.PRISON_HEAD),
        custodian=works(Role.COMPLAINTS_CUSTODIAN),
        second_custodian=works(Role.COMPLAINTS_CUSTODIAN),
        colleague=works(Role.BLOCK_OFFICER),
    )


def told(cell: Cell, category: str = "air_kamar", **more: object) -> Told:
    """Say what was told at a cell."""
    values = {"words": "Air mati sejak tiga hari.", "who": "Jaya Meranti", **more}
    return Told(cell_id=cell.id, category=category, **values)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Thread:
    """Leads a case along its way, up to where a test begins."""

    prison: Facility
    staff: Staff
    cells: list[Cell]

    def recorded(self, category: str = "air_kamar", by: Actor | None = None, **more: object) -> str:
        said = told(self.cells[1], category, **more)
        return recording.record_case(by or self.staff.officer, self.prison.id, uuid4(), said)

    def triaged(self, category: str = "air_kamar", **more: object) -> str:
        number = self.recorded(category, **more)
        sealed = category == "petugas"
        handling.triage(
            self.staff.custodian if sealed else self.staff.desk, number, Triage(category)
        )
        return number

    def drafted(self, category: str = "air_kamar", answer: Draft = GRANTED) -> str:
        number = self.triaged(category)
        sealed = category == "petugas"
        handling.draft(self.staff.custodian if sealed else self.staff.desk, number, answer)
        return number

    def decided(self, category: str = "air_kamar", answer: Draft = GRANTED) -> str:
        number = self.drafted(category, answer)
        handling.decide(self.staff.head, number, agree=True)
        return number


@pytest.fixture
def thread(prison: Facility, staff: Staff, cells: list[Cell]) -> Thread:
    """Return what leads a case along its way."""
    return Thread(prison, staff, cells)
