"""What nobody needs any more: sessions past their limits, browsers not seen for long."""

from __future__ import annotations

import sqlalchemy as sa

from portal.accounts.models import KnownDevice, SessionRow
from portal.accounts.rules.limits import KNOWN_DEVICE
from portal.domain.actor import Actor
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.work import unit_of_work

SECOND = sa.func.make_interval(0, 0, 0, 0, 0, 0, sa.literal(1))


def forget_old(actor: Actor) -> int:
    """Delete what is past its limits; returns how many rows went."""
    now = clock.now()
    over = sa.or_(
        now - SessionRow.seen_at > SECOND * SessionRow.idle_seconds,
        now - SessionRow.started_at > SECOND * SessionRow.absolute_seconds,
    )
    unseen = KnownDevice.seen_at < now - KNOWN_DEVICE
    counts = (
        sa.select(sa.func.count()).select_from(SessionRow).where(over),
        sa.select(sa.func.count()).select_from(KnownDevice).where(unseen),
    )
    if not any(db.session.scalar(count) for count in counts):
        return 0
    with unit_of_work(actor, "accounts.session.forget") as work:
        gone = work.session.execute(
            sa.delete(SessionRow).where(over).returning(SessionRow.number)
        ).all()
        devices = work.session.execute(
            sa.delete(KnownDevice).where(unseen).returning(KnownDevice.person_id)
        ).all()
        work.note("accounts_session", sessions=len(gone), devices=len(devices))
    return len(gone) + len(devices)
