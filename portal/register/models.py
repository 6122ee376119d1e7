"""Places, persons in custody, services, holidays and facts of a facility."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from portal.kernel.db import Base, internal, personal, public, specific
from portal.kernel.facility import FacilityScoped
from portal.register.rules.custody import Custody, Evidence, Sex


class Block(FacilityScoped, Base):
    """A housing block."""

    __tablename__ = "register_block"
    __table_args__ = (sa.UniqueConstraint("facility_id", "code"),)

    id: Mapped[int] = internal(primary_key=True)
    code: Mapped[str] = internal(sa.String(10))
    name: Mapped[str] = internal(sa.String(60))


class Cell(FacilityScoped, Base):
    """A cell of a block, with the number of people it was built for."""

    __tablename__ = "register_cell"
    __table_args__ = (
        sa.UniqueConstraint("block_id", "number"),
        sa.CheckConstraint("capacity >= 0", name="capacity_not_negative"),
    )

    id: Mapped[int] = internal(primary_key=True)
    block_id: Mapped[int] = internal(sa.ForeignKey("register_block.id"), index=True)
    number: Mapped[int] = internal()
    capacity: Mapped[int] = internal()


class Inmate(FacilityScoped, Base):
    """A person in custody, as the register knows him; known by the inmate number alone."""

    __tablename__ = "register_inmate"
    __table_args__ = (
        sa.UniqueConstraint("facility_id", "inmate_number"),
        sa.CheckConstraint("left_on >= admitted_on", name="left_after_admitted"),
        sa.Index("ix_register_inmate_present", "facility_id", "admitted_on", "left_on"),
    )

    id: Mapped[int] = internal(primary_key=True)
    inmate_number: Mapped[str] = personal(sa.String(50))
    name: Mapped[str] = personal(sa.String(120))
    alias: Mapped[str] = personal(sa.String(120), default="")
    sex: Mapped[Sex] = personal()
    birth_date: Mapped[date | None] = personal()
    # The day of religious remission follows the religion FIRST recorded (Keppres 174/1999 Ps 7):
    # never edited when a person converts.
    religion_first_recorded: Mapped[str] = personal(sa.String(30), default="")
    nationality: Mapped[str] = personal(sa.String(2), default="ID")
    custody: Mapped[Custody] = specific()
    register_class: Mapped[str] = specific(sa.String(50), default="")
    admitted_on: Mapped[date | None] = specific()
    left_on: Mapped[date | None] = specific()


class Stay(FacilityScoped, Base):
    """Where a person slept, from a day until a day; open while it lasts."""

    __tablename__ = "register_stay"
    __table_args__ = (
        sa.CheckConstraint("until > since", name="until_after_since"),
        sa.Index(
            "uq_register_stay_open",
            "inmate_id",
            unique=True,
            postgresql_where=sa.column("until").is_(None),
        ),
    )

    id: Mapped[int] = internal(primary_key=True)
    inmate_id: Mapped[int] = internal(sa.ForeignKey("register_inmate.id"), index=True)
    cell_id: Mapped[int] = internal(sa.ForeignKey("register_cell.id"), index=True)
    since: Mapped[date] = specific()
    until: Mapped[date | None] = specific()


class Service(FacilityScoped, Base):
    """What visitors come for; ``free`` is a property of the service, not of a visit."""

    __tablename__ = "register_service"
    __table_args__ = (sa.UniqueConstraint("facility_id", "code"),)

    id: Mapped[int] = public(primary_key=True)
    code: Mapped[str] = public(sa.String(40))
    name: Mapped[str] = public(sa.String(120))
    free: Mapped[bool] = public(default=True)
    active: Mapped[bool] = public(default=True)


class Holiday(FacilityScoped, Base):
    """A day that is no working day; a proposal of the library until a person confirms it."""

    __tablename__ = "register_holiday"
    __table_args__ = (sa.UniqueConstraint("facility_id", "day", "name"),)

    id: Mapped[int] = public(primary_key=True)
    day: Mapped[date] = public(index=True)
    name: Mapped[str] = public(sa.String(120))
    source: Mapped[str] = public(sa.String(120))
    estimated: Mapped[bool] = public(default=False)
    confirmed_at: Mapped[datetime | None] = internal()


class Fact(FacilityScoped, Base):
    """Something said about the facility, dated and sourced; several stand side by side."""

    __tablename__ = "register_fact"
    __table_args__ = (sa.Index("ix_register_fact_key_as_of", "facility_id", "key", "as_of"),)

    id: Mapped[int] = public(primary_key=True)
    key: Mapped[str] = public(sa.String(60))
    value: Mapped[str] = public(sa.String(400))
    unit: Mapped[str] = public(sa.String(30), default="")
    as_of: Mapped[date] = public()
    source: Mapped[str] = public(sa.String(200))
    evidence: Mapped[Evidence] = public()
    confirmed: Mapped[bool] = public(default=False)
