"""The tablets, what they delivered, and the answers: two tables that nothing joins.

``survey_delivery`` knows that something arrived and never what; ``survey_response`` knows what was
answered on which half-day and never when it arrived or as which item.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped

from portal.kernel.db import Base, internal, secret
from portal.kernel.facility import FacilityScoped
from portal.survey.rules.intake import AgeBand, Entry, HalfDay, Lane, Sex

SCORES = (
    "persyaratan", "prosedur", "waktu", "biaya", "produk", "kompetensi", "perilaku", "sarana",
    "pengaduan",
)  # fmt: skip


class DeliveryStatus(StrEnum):
    """What became of an item that arrived."""

    STORED = "stored"
    LATE = "late"  # stored after the month it belongs to had ended


class Device(FacilityScoped, Base):
    """A tablet that may deliver answers until it is revoked."""

    __tablename__ = "survey_device"

    id: Mapped[int] = internal(primary_key=True)
    name: Mapped[str] = internal(sa.String(60))
    place: Mapped[str] = internal(sa.String(60))
    token_hash: Mapped[bytes] = secret(sa.LargeBinary, unique=True)
    enrolled_at: Mapped[datetime] = internal()
    revoked_at: Mapped[datetime | None] = internal()
    last_seen_at: Mapped[datetime | None] = internal()
    last_seq: Mapped[int] = internal(default=0)


class Enrolment(FacilityScoped, Base):
    """A one-time code that turns a tablet into a device of this facility."""

    __tablename__ = "survey_enrolment"

    id: Mapped[int] = internal(primary_key=True)
    place: Mapped[str] = internal(sa.String(60))
    code_hash: Mapped[bytes] = secret(sa.LargeBinary, unique=True)
    made_at: Mapped[datetime] = internal()
    expires_at: Mapped[datetime] = internal()
    used_at: Mapped[datetime | None] = internal()


class Delivery(FacilityScoped, Base):
    """One item that arrived: for "once and only once" and for gaps. It holds no answer."""

    __tablename__ = "survey_delivery"
    __table_args__ = (sa.Index("ix_survey_delivery_device_seq", "device_id", "seq"),)

    uuid: Mapped[UUID] = internal(primary_key=True)
    hash: Mapped[str] = internal(sa.String(64))
    device_id: Mapped[int] = internal(sa.ForeignKey("survey_device.id"))
    seq: Mapped[int] = internal()
    status: Mapped[DeliveryStatus] = internal()


def _score(code: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{code} BETWEEN 1 AND 4", name=code)


class Response(FacilityScoped, Base):
    """One sheet of answers. A score that is missing was skipped; then the sheet is incomplete."""

    __tablename__ = "survey_response"
    __table_args__ = (
        *(_score(code) for code in SCORES),
        sa.CheckConstraint("duration_s >= 0", name="duration_s"),
        sa.Index("ix_survey_response_facility_day", "facility_id", "day"),
    )

    id: Mapped[UUID] = internal(primary_key=True)
    day: Mapped[date] = internal()
    half_day: Mapped[HalfDay] = internal()
    lane: Mapped[Lane] = internal()
    entry: Mapped[Entry] = internal()
    assisted: Mapped[bool] = internal()
    place: Mapped[str] = internal(sa.String(60))
    service: Mapped[str] = internal(sa.String(40))
    form_version: Mapped[int] = internal()
    lang: Mapped[str] = internal(sa.String(3))
    persyaratan: Mapped[int | None] = internal(sa.SmallInteger)
    prosedur: Mapped[int | None] = internal(sa.SmallInteger)
    waktu: Mapped[int | None] = internal(sa.SmallInteger)
    biaya: Mapped[int | None] = internal(sa.SmallInteger)
    produk: Mapped[int | None] = internal(sa.SmallInteger)
    kompetensi: Mapped[int | None] = internal(sa.SmallInteger)
    perilaku: Mapped[int | None] = internal(sa.SmallInteger)
    sarana: Mapped[int | None] = internal(sa.SmallInteger)
    pengaduan: Mapped[int | None] = internal(sa.SmallInteger)
    age_band: Mapped[AgeBand | None] = internal()
    sex: Mapped[Sex | None] = internal()
    duration_s: Mapped[int | None] = internal(sa.SmallInteger)
    flags: Mapped[list[str]] = internal(ARRAY(sa.String(20)))


class Review(FacilityScoped, Base):
    """A second content under the uuid of a stored sheet: the first stays, a person looks at it."""

    __tablename__ = "survey_review"
    __table_args__ = (sa.UniqueConstraint("uuid", "hash"),)

    id: Mapped[int] = internal(primary_key=True)
    uuid: Mapped[UUID] = internal()
    hash: Mapped[str] = internal(sa.String(64))
    device_id: Mapped[int] = internal(sa.ForeignKey("survey_device.id"), index=True)
    seq: Mapped[int] = internal()
    day: Mapped[date] = internal()
    scores: Mapped[dict[str, object]] = internal()
    settled_at: Mapped[datetime | None] = internal()


class Visits(FacilityScoped, Base):
    """How many visitors one service received on one day: the denominator of the response rate."""

    __tablename__ = "survey_visits"
    __table_args__ = (
        sa.UniqueConstraint("facility_id", "day", "service"),
        sa.CheckConstraint("visitors >= 0", name="visitors"),
    )

    id: Mapped[int] = internal(primary_key=True)
    day: Mapped[date] = internal()
    service: Mapped[str] = internal(sa.String(40))
    visitors: Mapped[int] = internal()
