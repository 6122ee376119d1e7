"""What the worker does for this room: dates that are stale, files that nobody needs."""

from __future__ import annotations

from celery.schedules import crontab

from portal.domain.actor import PORTAL
from portal.kernel.facility import everywhere, within
from portal.kernel.jobs import task
from portal.remissions.services import importing, projecting

SCHEDULE = {  # UTC; neither depends on a facility's clock
    "remissions.project_all": crontab(hour=18, minute=20),
    "remissions.forget_files": crontab(hour=18, minute=50),
}


@task("remissions.project")
def project(facility_id: int) -> None:
    """Compute a facility's stale dates; computed twice, nothing changes."""
    with within({facility_id}):
        projecting.project(PORTAL, facility_id)


@task("remissions.project_all")
def project_all() -> None:
    """Compute every facility's stale dates: a new rule-set makes all of them stale."""
    with everywhere():
        projecting.project_all(PORTAL)


@task("remissions.forget_files")
def forget_files() -> None:
    """Delete the files of dry runs that nobody applied."""
    with everywhere():
        importing.forget_files(PORTAL)
