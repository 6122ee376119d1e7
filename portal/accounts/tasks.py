"""What accounts do by themselves."""

from __future__ import annotations

from celery.schedules import crontab

from portal.accounts.services import sweep
from portal.domain.actor import PORTAL
from portal.kernel.jobs import task

SCHEDULE = {"accounts.forget": crontab(minute=7)}


@task("accounts.forget")
def forget() -> None:
    """Delete sessions past their limits and browsers not seen for long."""
    sweep.forget_old(PORTAL)
