"""The trail: who did what to which thing, in a chain that shows every gap and change.

The database writes the chain: a trigger, owned by ``portal_owner``, numbers each entry, hashes it
with the one before, and keeps the head. ``portal_app`` can only insert. ``verify`` recomputes the
chain here, in another language, so that the two must agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from portal.kernel.db import Base, db, internal, personal

GENESIS = b"\x00" * 32


class AuditEntry(Base):
    """One act, noted when it was committed. Never changed, never deleted."""

    __tablename__ = "kernel_audit_entry"
    __table_args__ = (
        sa.UniqueConstraint("chain", "number"),
        sa.Index("ix_kernel_audit_entry_subject", "subject_type", "subject_id"),
    )

    id: Mapped[int] = internal(sa.BigInteger, sa.Identity(always=False), primary_key=True)
    chain: Mapped[str] = internal(sa.String(80))
    number: Mapped[int] = internal(sa.BigInteger, server_default="0")
    facility_id: Mapped[int | None] = internal(sa.ForeignKey("kernel_facility.id"), index=True)
    at: Mapped[datetime] = internal()
    actor_id: Mapped[int | None] = internal(index=True)
    actor_name: Mapped[str] = personal(sa.String(120))
    action: Mapped[str] = internal(sa.String(80))
    subject_type: Mapped[str] = internal(sa.String(60))
    subject_id: Mapped[str] = internal(sa.String(60))
    detail: Mapped[dict[str, object]] = internal()
    previous: Mapped[bytes] = internal(sa.LargeBinary, default=b"", server_default="")
    digest: Mapped[bytes] = internal(sa.LargeBinary, default=b"", server_default="")


class AuditHead(Base):
    """How long each chain is and how it ends: a trail cut at its end does not go unseen."""

    __tablename__ = "kernel_audit_head"

    chain: Mapped[str] = internal(sa.String(80), primary_key=True)
    number: Mapped[int] = internal(sa.BigInteger)
    digest: Mapped[bytes] = internal(sa.LargeBinary)


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold, and why."""

    chain: str
    number: int
    reason: str


def digest(previous: bytes, *parts: str) -> bytes:
    """Hash one entry onto the one before it; parts are joined by the ASCII unit separator."""
    return hashlib.sha256(previous + "\x1f".join(parts).encode()).digest()


_PARTS = (
    AuditEntry.chain,
    sa.cast(AuditEntry.number, sa.Text),
    sa.func.coalesce(sa.cast(AuditEntry.facility_id, sa.Text), ""),
    sa.cast(
        sa.cast(sa.func.extract("epoch", AuditEntry.at) * 1_000_000, sa.BigInteger),
        sa.Text,
    ),
    sa.func.coalesce(sa.cast(AuditEntry.actor_id, sa.Text), ""),
    AuditEntry.actor_name,
    AuditEntry.action,
    AuditEntry.subject_type,
    AuditEntry.subject_id,
    sa.cast(AuditEntry.detail, sa.Text),
)


def verify() -> Iterator[Break]:
    """Recompute every chain in the scope and yield where one does not hold.

    Found are changed, removed, inserted and moved entries, and an end that was cut off.
    """
    heads = {head.chain: head for head in db.session.scalars(sa.select(AuditHead))}
    seen: dict[str, tuple[int, bytes]] = {}
    parts_named: list[sa.Label[str]] = [
        part.label(f"part_{place}") for place, part in enumerate(_PARTS)
    ]
    entries = sa.select(AuditEntry.number, AuditEntry.previous, AuditEntry.digest, *parts_named)
    entries = entries.order_by(AuditEntry.chain, AuditEntry.number)
    for number, previous, stored, *parts in db.session.execute(entries).yield_per(1000):
        chain = parts[0]
        last, before = seen.get(chain, (0, GENESIS))
        if number != last + 1:
            yield Break(chain, number, f"follows {last}")
        elif previous != before:
            yield Break(chain, number, "does not point to the entry before it")
        elif digest(previous, *parts) != stored:
            yield Break(chain, number, "was changed")
        seen[chain] = (number, stored)
    for chain, (number, last_digest) in seen.items():
        head = heads.get(chain)
        if head is None or (head.number, head.digest) != (number, last_digest):
            yield Break(chain, number, "is not where the chain ends")
    for chain in set(heads) - set(seen):
        yield Break(chain, 0, "is gone")
