"""Valid rows with defaults; a test states only what it is about."""

from __future__ import annotations

import secrets
from datetime import date

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility
from portal.register.models import Block, Cell, Fact, Inmate, Stay
from portal.register.rules.custody import Custody, Evidence, Sex


def person_values(name: str) -> dict[str, object]:
    """Return the columns a row of ``accounts_person`` cannot do without."""
    return {
        "login": name,
        "display_name": name,
        "handle": secrets.token_bytes(32),
        "created_at": clock.now(),
    }


def make_block(at: Facility, code: str = "C", *, cells: int = 3, places: int = 5) -> list[Cell]:
    """Make a block; return its cells by number."""
    block = Block(facility_id=at.id, code=code, name=f"Blok {code}")
    db.session.add(block)
    db.session.flush()
    made = [
        Cell(facility_id=at.id, block_id=block.id, number=number, capacity=places)
        for number in range(1, cells + 1)
    ]
    db.session.add_all(made)
    db.session.commit()
    return made


def make_inmate(
    at: Facility,
    number: str = "N-1",
    *,
    name: str = "Jaya Meranti",
    cell: Cell | None = None,
    custody: Custody = Custody.SENTENCED,
    admitted_on: date = date(2024, 1, 10),
    left_on: date | None = None,
    religion: str = "Islam",
) -> Inmate:
    """Make a person in custody, in a cell if one is given."""
    made = Inmate(
        facility_id=at.id,
        inmate_number=number,
        name=name,
        sex=Sex.MALE,
        custody=custody,
        admitted_on=admitted_on,
        left_on=left_on,
        religion_first_recorded=religion,
    )
    db.session.add(made)
    db.session.flush()
    if cell is not None:
        db.session.add(
            Stay(facility_id=at.id, inmate_id=made.id, cell_id=cell.id, since=admitted_on)
        )
    db.session.commit()
    return made


def make_fact(at: Facility, key: str, value: str, *, as_of: date = date(2022, 4, 25)) -> Fact:
    """Make a fact about a facility."""
    made = Fact(
        facility_id=at.id,
        key=key,
        value=value,
        as_of=as_of,
        source="test",
        evidence=Evidence.VERIFIED,
    )
    db.session.add(made)
    db.session.commit()
    return made
