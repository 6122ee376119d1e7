"""What the worker does for reports; beat only says "look"."""

from __future__ import annotations

from celery.schedules import crontab

from portal.domain.actor import PORTAL
from portal.kernel.facility import everywhere
from portal.kernel.jobs import task
from portal.reports import services

# UTC; the service asks each facility's own clock which months are over.
SCHEDULE = {"reports.look": crontab(minute="*/15"), "reports.resume": 60.0}


@task("reports.look")
def look() -> None:
    """Ask for the reports that are missing."""
    with everywhere():
        services.look(PORTAL)


@task("reports.resume")
def resume() -> None:
    """Ask again for reports whose builder fell silent."""
    with everywhere():
        services.resume(PORTAL)


@task("reports.build")
def build(report_id: int) -> None:
    """Make a report; made twice, it is still one."""
    with everywhere():
        services.build(PORTAL, report_id)
