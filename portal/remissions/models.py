"""Imports, sentences, and what the engine last said of each person."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from portal.domain.law import Certainty
from portal.kernel.db import Base, internal, specific
from portal.kernel.facility import FacilityScoped
from portal.remissions.rules.facts import Category
from portal.remissions.rules.records import ImportState, Quality, Source


class Import(FacilityScoped, Base):
    """A file of the national database: looked at first, then applied whole or not at all."""

    __tablename__ = "remissions_import"
    __table_args__ = (
        sa.CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied_when"),
    )

    id: Mapped[int] = internal(primary_key=True)
    sha256: Mapped[str] = internal(sa.String(64), index=True)
    storage_key: Mapped[str] = internal(sa.String(40), default="")  # "": forgotten again
    state: Mapped[ImportState] = internal()
    created_at: Mapped[datetime] = internal()
    created_by: Mapped[int | None] = internal()
    applied_at: Mapped[datetime | None] = internal()
    applied_by: Mapped[int | None] = internal()
    persons: Mapped[int] = internal(default=0)
    errors: Mapped[int] = internal(default=0)
    added: Mapped[int] = internal(default=0)
    changed: Mapped[int] = internal(default=0)
    unchanged: Mapped[int] = internal(default=0)
    comparable: Mapped[int] = internal(default=0)
    different: Mapped[int] = internal(default=0)
    # Row, column, message id and values: the values may quote a cell.
    problems: Mapped[list[object]] = specific()
    columns: Mapped[dict[str, object]] = internal()  # unknown, sensitive, missing


class Sentence(FacilityScoped, Base):
    """The sentence of one person, as the register has it; register dates stand beside."""

    __tablename__ = "remissions_sentence"
    __table_args__ = (
        sa.CheckConstraint(
            "years >= 0 AND months >= 0 AND days >= 0 AND credit_days >= 0"
            " AND days_outside >= 0 AND remission_days >= 0",
            name="nothing_negative",
        ),
    )

    inmate_id: Mapped[int] = internal(
        sa.ForeignKey("register_inmate.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    import_id: Mapped[int | None] = internal(sa.ForeignKey("remissions_import.id"), index=True)
    changed_at: Mapped[datetime] = internal()
    years: Mapped[int | None] = specific()
    months: Mapped[int | None] = specific()
    days: Mapped[int | None] = specific()
    start_date: Mapped[date | None] = specific()
    verdict_number: Mapped[str] = specific(sa.String(120), default="")
    verdict_date: Mapped[date | None] = specific()
    offence: Mapped[str] = specific(sa.String(120), default="")
    article: Mapped[str] = specific(sa.String(120), default="")
    recidivist: Mapped[bool | None] = specific()
    credit_days: Mapped[int] = specific(default=0)
    days_outside: Mapped[int] = specific(default=0)
    remission_days: Mapped[int | None] = specific()
    last_remission_days: Mapped[int | None] = specific()
    substitute_months: Mapped[int | None] = specific()
    substitute_days: Mapped[int] = specific(default=0)
    substitute_paid: Mapped[bool | None] = specific()
    fine: Mapped[int | None] = specific(sa.BigInteger)  # whole rupiah
    category: Mapped[Category | None] = specific()
    register_expiry: Mapped[date | None] = specific()
    register_one_third: Mapped[date | None] = specific()
    register_half: Mapped[date | None] = specific()
    register_two_thirds: Mapped[date | None] = specific()


class Projection(FacilityScoped, Base):
    """When and from what the dates of a person were last computed."""

    __tablename__ = "remissions_projection"

    inmate_id: Mapped[int] = internal(
        sa.ForeignKey("register_inmate.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    input_hash: Mapped[bytes] = internal(sa.LargeBinary)
    ruleset_id: Mapped[str] = internal(sa.String(80))
    engine_version: Mapped[str] = internal(sa.String(20))
    computed_at: Mapped[datetime] = internal()
    quality: Mapped[Quality] = internal()
    missing: Mapped[str] = internal(sa.String(200), default="")  # facts, parted by commas
    findings: Mapped[str] = internal(sa.String(400), default="")  # codes, parted by commas
    assumed: Mapped[bool] = internal(default=False)  # does a date rest on an assumption?
    different: Mapped[bool] = internal(default=False)  # does the register say another day?


class Milestone(FacilityScoped, Base):
    """One date of a person: a day, an interval, or a number of days."""

    __tablename__ = "remissions_milestone"
    __table_args__ = (
        sa.Index("ix_remissions_milestone_due", "facility_id", "kind", "due"),
        sa.CheckConstraint("due_lo <= due_hi", name="interval_in_order"),
        sa.CheckConstraint("num_nonnulls(due, due_lo, days) = 1", name="one_answer"),
    )

    inmate_id: Mapped[int] = internal(
        sa.ForeignKey("register_inmate.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    kind: Mapped[str] = internal(sa.String(40), primary_key=True)
    due: Mapped[date | None] = specific()
    due_lo: Mapped[date | None] = specific()
    due_hi: Mapped[date | None] = specific()
    days: Mapped[int | None] = specific()
    source: Mapped[Source] = internal(default=Source.COMPUTED)
    certainty: Mapped[Certainty] = internal()
    assumes: Mapped[str] = internal(sa.String(200), default="")
