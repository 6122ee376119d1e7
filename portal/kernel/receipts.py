"""Sent twice, done once: the key of a submission is written with what it made."""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped

from portal.domain.errors import Conflict
from portal.kernel import clock
from portal.kernel.db import Base, internal
from portal.kernel.work import Work


class SubmissionKey(Base):
    """The key of one submission, what it said, and what came of it. Kept for 90 days."""

    __tablename__ = "kernel_submission_key"

    key: Mapped[str] = internal(sa.String(40), primary_key=True)
    content_hash: Mapped[bytes] = internal(sa.LargeBinary)
    result: Mapped[str | None] = internal(sa.String(80))
    created_at: Mapped[datetime] = internal(index=True)


def receipt(work: Work, key: str, content: str) -> str | None:
    """Return the result of the earlier submission with this key, or None: then go on.

    Two requests that bring one key at the same moment wait for each other here.

    :raise Conflict: if the key came before with other content.
    """
    content_hash = hashlib.sha256(content.encode()).digest()
    work.session.execute(
        insert(SubmissionKey)
        .values(key=key, content_hash=content_hash, created_at=clock.now())
        .on_conflict_do_nothing()
    )
    row = work.session.scalar(
        sa.select(SubmissionKey).where(SubmissionKey.key == key).with_for_update()
    )
    if row is None or row.content_hash != content_hash:
        raise Conflict
    return row.result


def remember(work: Work, key: str, result: str) -> None:
    """Write down what the submission made, in the transaction that made it."""
    work.session.execute(
        sa.update(SubmissionKey).where(SubmissionKey.key == key).values(result=result)
    )
