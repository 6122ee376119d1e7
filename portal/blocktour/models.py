"""Tours, cases and everything that happened to them; what happened is added, never changed."""

from __future__ import annotations

import uuid as uuids
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from portal.blocktour.rules.categories import ClockClass, Lane
from portal.blocktour.rules.closing import AttemptOutcome, Face, Mark, Understood
from portal.blocktour.rules.deciding import RefusalReason, Ruling
from portal.blocktour.rules.recusal import Ground
from portal.blocktour.rules.severity import Reply
from portal.blocktour.rules.states import CaseState, Step
from portal.blocktour.rules.touring import StopOutcome, TourState
from portal.kernel.db import Base, internal, personal, secret, specific
from portal.kernel.facility import FacilityScoped


class Tour(FacilityScoped, Base):
    """One round through a block, from the first cell until every stop is marked."""

    __tablename__ = "blocktour_tour"
    __table_args__ = (
        sa.CheckConstraint("closed_at >= opened_at", name="closed_after_opened"),
        sa.Index("ix_blocktour_tour_block_id_opened_on", "block_id", "opened_on"),
    )

    id: Mapped[int] = internal(primary_key=True)
    block_id: Mapped[int] = internal(sa.ForeignKey("register_block.id"))
    state: Mapped[TourState] = internal()
    recorder_id: Mapped[int] = internal(index=True)
    recorder_name: Mapped[str] = personal(sa.String(120))
    partner_name: Mapped[str] = personal(sa.String(120), default="")
    opened_on: Mapped[date] = internal()
    opened_at: Mapped[datetime] = internal()
    closed_at: Mapped[datetime | None] = internal()


class Stop(FacilityScoped, Base):
    """A cell on a tour, and what happened there; ``carried`` was missed on the tour before."""

    __tablename__ = "blocktour_stop"
    __table_args__ = (sa.UniqueConstraint("tour_id", "cell_id"),)

    id: Mapped[int] = internal(primary_key=True)
    tour_id: Mapped[int] = internal(sa.ForeignKey("blocktour_tour.id"))
    cell_id: Mapped[int] = internal(sa.ForeignKey("register_cell.id"), index=True)
    cell_number: Mapped[int] = internal()
    carried: Mapped[bool] = internal(default=False)
    outcome: Mapped[StopOutcome | None] = internal()
    reason: Mapped[str] = internal(sa.String(200), default="")
    marked_at: Mapped[datetime | None] = internal()


class Case(FacilityScoped, Base):
    """One complaint as it was told, and how far it has come.

    What was told first (words, day, who wrote it down) cannot be changed: a trigger holds it. In
    the sealed lane all that tells who spoke, where and about whom lies in ``envelope`` alone.
    """

    __tablename__ = "blocktour_case"
    __table_args__ = (
        sa.CheckConstraint(
            "CASE lane WHEN 'sealed' THEN envelope IS NOT NULL AND cell_id IS NULL"
            " AND inmate_id IS NULL AND tour_id IS NULL AND told_name = '' AND words = ''"
            " ELSE envelope IS NULL AND cell_id IS NOT NULL END",
            name="sealed_shut",
        ),
        sa.CheckConstraint("received_at >= first_told_at", name="received_after_told"),
        sa.Index("ix_blocktour_case_list", "facility_id", "state", "first_told_on", "number"),
    )

    id: Mapped[int] = internal(primary_key=True)
    uuid: Mapped[uuids.UUID] = internal(unique=True)
    number: Mapped[str] = internal(sa.String(13), unique=True)
    lane: Mapped[Lane] = internal()
    state: Mapped[CaseState] = internal()
    category_version: Mapped[int] = internal()
    category: Mapped[str] = specific(sa.String(30))
    kind: Mapped[str | None] = specific(sa.String(30))
    clock_version: Mapped[int] = internal()
    clock_class: Mapped[ClockClass] = internal()
    urgent: Mapped[bool] = internal(default=False)
    hurt: Mapped[Reply] = specific()
    safe: Mapped[Reply] = specific()
    triggers: Mapped[str] = specific(sa.String(200), default="")
    cell_id: Mapped[int | None] = specific(sa.ForeignKey("register_cell.id"), index=True)
    inmate_id: Mapped[int | None] = specific(sa.ForeignKey("register_inmate.id"), index=True)
    told_name: Mapped[str] = personal(sa.String(120), default="")
    tour_id: Mapped[int | None] = internal(sa.ForeignKey("blocktour_tour.id"), index=True)
    words: Mapped[str] = specific(sa.Text, default="")
    envelope: Mapped[bytes | None] = secret(sa.LargeBinary)
    first_told_on: Mapped[date] = internal()
    first_told_at: Mapped[datetime] = internal()
    received_at: Mapped[datetime] = internal()
    recorder_id: Mapped[int | None] = internal(index=True)
    handler_id: Mapped[int | None] = internal()
    level: Mapped[int] = internal(default=1)
    first_answer_due: Mapped[datetime | None] = internal()
    decision_due: Mapped[datetime | None] = internal()
    delivery_due: Mapped[datetime | None] = internal()
    first_answered_at: Mapped[datetime | None] = internal()
    decided_at: Mapped[datetime | None] = internal()
    delivered_on: Mapped[date | None] = internal()
    closed_at: Mapped[datetime | None] = internal()


class Event(FacilityScoped, Base):
    """One move of a case: who, in which role, when, from where to where, and why."""

    __tablename__ = "blocktour_event"
    __table_args__ = (sa.Index("ix_blocktour_event_case_id_id", "case_id", "id"),)

    id: Mapped[int] = internal(primary_key=True)
    case_id: Mapped[int] = internal(sa.ForeignKey("blocktour_case.id"))
    step: Mapped[Step] = internal()
    old: Mapped[CaseState] = internal()
    new: Mapped[CaseState] = internal()
    at: Mapped[datetime] = internal()
    actor_id: Mapped[int | None] = internal()
    actor_name: Mapped[str] = personal(sa.String(120))
    role: Mapped[str] = internal(sa.String(40))
    reason: Mapped[str] = specific(sa.Text, default="")


class Excluded(FacilityScoped, Base):
    """A person for whom a case does not exist, and on which ground."""

    __tablename__ = "blocktour_excluded"
    __table_args__ = (sa.UniqueConstraint("case_id", "person_id", "ground"),)

    id: Mapped[int] = internal(primary_key=True)
    case_id: Mapped[int] = internal(sa.ForeignKey("blocktour_case.id"))
    person_id: Mapped[int] = specific(index=True)
    ground: Mapped[Ground] = specific()
    since: Mapped[datetime] = internal()
    by_id: Mapped[int | None] = internal()


class Answer(FacilityScoped, Base):
    """What is answered: drafted by one person, decided by another; the latest counts."""

    __tablename__ = "blocktour_answer"
    __table_args__ = (
        sa.CheckConstraint("decided_by <> drafted_by", name="two_people"),
        sa.CheckConstraint(
            "(ruling = 'refused') = (reason IS NOT NULL)", name="refused_with_reason"
        ),
        sa.Index("ix_blocktour_answer_case_id_id", "case_id", "id"),
    )

    id: Mapped[int] = internal(primary_key=True)
    case_id: Mapped[int] = internal(sa.ForeignKey("blocktour_case.id"))
    ruling: Mapped[Ruling] = specific()
    sentence: Mapped[str] = specific(sa.Text)
    article: Mapped[str] = specific(sa.String(300), default="")
    would_change: Mapped[str] = specific(sa.String(500), default="")
    next_door: Mapped[str] = specific(sa.String(300), default="")
    reason: Mapped[RefusalReason | None] = specific()
    drafted_by: Mapped[int | None] = internal()
    drafted_at: Mapped[datetime] = internal()
    decided_by: Mapped[int | None] = internal()
    decided_at: Mapped[datetime | None] = internal()


class Delivery(FacilityScoped, Base):
    """One visit to bring an answer, whatever came of it."""

    __tablename__ = "blocktour_delivery"
    __table_args__ = (sa.Index("ix_blocktour_delivery_case_id_id", "case_id", "id"),)

    id: Mapped[int] = internal(primary_key=True)
    case_id: Mapped[int] = internal(sa.ForeignKey("blocktour_case.id"))
    answer_id: Mapped[int] = internal(sa.ForeignKey("blocktour_answer.id"), index=True)
    on_day: Mapped[date] = internal()
    at: Mapped[datetime] = internal()
    outcome: Mapped[AttemptOutcome] = specific()
    understood: Mapped[Understood | None] = specific()
    mark: Mapped[Mark | None] = specific()
    witness: Mapped[str] = personal(sa.String(120), default="")
    satisfaction: Mapped[Face | None] = specific()
    by_id: Mapped[int | None] = internal()
    by_name: Mapped[str] = personal(sa.String(120))
