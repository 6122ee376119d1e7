"""What the room does by the clock."""

from __future__ import annotations

from celery.schedules import crontab

from portal.blocktour.services import delivering
from portal.kernel.facility import everywhere
from portal.kernel.jobs import task

SCHEDULE = {"blocktour.close_delivered": crontab(minute="20")}
"""In UTC, every hour; the service asks each facility's own day."""


@task("blocktour.close_delivered")
def close_delivered() -> None:
    """Close what was told and met no objection; run twice, the second finds nothing."""
    with everywhere():
        delivering.close_delivered()
