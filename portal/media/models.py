"""The rows of the newsroom: items, their unchangeable revisions, the log and the ledger."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from portal.kernel.db import Base, internal, personal, public
from portal.kernel.facility import FacilityScoped
from portal.media.rules.workflow import Kind, Language, Move, NoticedBy, Reason, State

SLUG, TITLE, SUMMARY, PLACE, NAME, HASH = 90, 160, 500, 80, 120, 64


class Item(FacilityScoped, Base):
    """One thing to be told, under one permanent address."""

    __tablename__ = "media_item"
    __table_args__ = (UniqueConstraint("facility_id", "slug"),)

    id: Mapped[int] = public(primary_key=True)
    slug: Mapped[str] = public(sa.String(SLUG))
    kind: Mapped[Kind] = public()
    language: Mapped[Language] = public()
    created_at: Mapped[datetime] = internal()


class Revision(FacilityScoped, Base):
    """One exact text of an item; the database refuses to change its words.

    ``visible_from`` is planned and part of the text; ``visible_at`` is set by the approval.
    ``seal`` is the fingerprint that was approved.
    """

    __tablename__ = "media_revision"
    __table_args__ = (
        UniqueConstraint("item_id", "number"),
        CheckConstraint(
            "state NOT IN ('approved', 'withdrawn') OR (approved_by IS NOT NULL"
            " AND approved_at IS NOT NULL AND visible_at IS NOT NULL AND seal IS NOT NULL)",
            name="approved_by_somebody",
        ),
        CheckConstraint("approved_by <> author_id", name="four_eyes"),
        CheckConstraint("visible_at >= approved_at", name="visible_after_approval"),
        CheckConstraint(
            "state <> 'withdrawn' OR (withdrawn_at IS NOT NULL AND withdrawn_for IS NOT NULL)",
            name="withdrawn_for_a_reason",
        ),
        sa.Index("ix_media_revision_public", "facility_id", "state", "visible_at"),
    )

    id: Mapped[int] = internal(primary_key=True)
    item_id: Mapped[int] = internal(ForeignKey("media_item.id"), index=True)
    number: Mapped[int] = internal()
    title: Mapped[str] = public(sa.String(TITLE))
    summary: Mapped[str] = public(sa.String(SUMMARY))
    body: Mapped[str] = public()
    body_html: Mapped[str] = public()
    place: Mapped[str] = public(sa.String(PLACE))
    visible_from: Mapped[datetime | None] = internal()
    author_id: Mapped[int] = internal()
    author_name: Mapped[str] = personal(sa.String(NAME))
    created_at: Mapped[datetime] = internal()
    state: Mapped[State] = internal(default=State.DRAFT)
    seal: Mapped[str | None] = internal(sa.String(HASH))
    approved_by: Mapped[int | None] = internal()
    approved_at: Mapped[datetime | None] = internal()
    visible_at: Mapped[datetime | None] = public()
    withdrawn_at: Mapped[datetime | None] = public()
    withdrawn_for: Mapped[Reason | None] = public()
    item: Mapped[Item] = relationship(lazy="raise")
    correction: Mapped[Correction | None] = relationship(
        back_populates="revision", lazy="raise", foreign_keys="Correction.revision_id"
    )


class Correction(FacilityScoped, Base):
    """A line of the ledger; it is public when the revision that mends the text is."""

    __tablename__ = "media_correction"

    id: Mapped[int] = internal(primary_key=True)
    revision_id: Mapped[int] = internal(ForeignKey("media_revision.id"), unique=True)
    replaces_id: Mapped[int] = internal(ForeignKey("media_revision.id"), index=True)
    wrong: Mapped[str] = public(sa.String(SUMMARY))
    right: Mapped[str] = public(sa.String(SUMMARY))
    noticed_by: Mapped[NoticedBy] = public()
    noticed_at: Mapped[datetime] = public()
    revision: Mapped[Revision] = relationship(
        back_populates="correction", lazy="raise", foreign_keys=[revision_id]
    )
    replaces: Mapped[Revision] = relationship(lazy="raise", foreign_keys=[replaces_id])


class LogEntry(FacilityScoped, Base):
    """One move of one revision: who, when, which exact text, why. Only ever added to."""

    __tablename__ = "media_move"

    id: Mapped[int] = internal(primary_key=True)
    item_id: Mapped[int] = internal(ForeignKey("media_item.id"), index=True)
    revision_id: Mapped[int] = internal(ForeignKey("media_revision.id"), index=True)
    move: Mapped[Move] = internal()
    state: Mapped[State] = internal()
    at: Mapped[datetime] = internal()
    actor_id: Mapped[int | None] = internal()
    actor_name: Mapped[str] = personal(sa.String(NAME))
    fingerprint: Mapped[str] = internal(sa.String(HASH))
    reason: Mapped[str] = internal(sa.String(SUMMARY), default="")
