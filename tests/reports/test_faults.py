"""F-09: the builder is killed (-9) at marked points; the report is late, whole, and one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from portal.app import create_app
from portal.domain.actor import PORTAL
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import everywhere
from portal.kernel.jobs import PortalTask
from portal.kernel.storage import storage
from portal.reports import queries, services
from portal.reports.models import Report
from portal.reports.rules.states import LEASE, State
from portal.settings import Settings
from tests.conftest import make_database, make_facility

pytestmark = pytest.mark.faults
POINTS = [
    ("_take", 1), ("_step", 1), ("_gather", 1), ("make_pdf", 1), ("_step", 4), ("make_book", 1),
    ("put", 1), ("put", 2),
]  # fmt: skip


@pytest.fixture(scope="module")
def own_app(
    test_settings: Settings, servers: dict[str, str], worker_number: int, app: Flask
) -> Iterator[Flask]:
    """Return the portal on a database that another process can see."""
    urls = make_database(servers, f"portal_reports_{worker_number}")
    made = create_app(replace(test_settings, database_url=urls[0], owner_url=urls[1]))
    with made.app_context():
        flask_migrate.upgrade()
    yield made
    with made.app_context():
        db.engine.dispose()
    PortalTask.flask_app = app


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point[0]}-{point[1]}")
def test_a_killed_builder_delays_the_report_and_nothing_else(
    own_app: Flask, point: tuple[str, int]
) -> None:
    settings: Settings = own_app.extensions["portal.settings"]
    with own_app.app_context(), everywhere():
        report_id = services.order(PORTAL, make_facility(f"mati-{point[0]}-{point[1]}").id)
        told = {
            "database_url": settings.database_url,
            "owner_url": settings.owner_url,
            "redis_url": settings.redis_url,
            "storage_root": str(settings.storage_root),
            "report_id": report_id,
            "point": point,
        }

        died = subprocess.run(
            [sys.executable, "-m", "tests.reports.killed_builder", json.dumps(told)], check=False
        )

        assert died.returncode == -signal.SIGKILL
        assert queries.report(report_id).state is State.RUNNING
        assert services.build(PORTAL, report_id) is False  # the dead one still holds the lease
        with clock.fixed(clock.now() + LEASE + timedelta(seconds=1)):
            assert services.resume(PORTAL) == 1
            assert services.build(PORTAL, report_id) is True

        db.session.expire_all()
        place = queries.report(report_id).facility_id
        (row,) = db.session.scalars(sa.select(Report).where(Report.facility_id == place))
        assert (row.state, row.attempts) == (State.DONE, 2)
        assert services._sha256(storage().read(row.pdf_key)) == row.pdf_sha256
        assert not list(settings.storage_root.rglob("*.part"))
