"""The demo asks for two reports; the worker makes them like any other."""

from __future__ import annotations

from datetime import date
from random import Random

from portal.domain.actor import PORTAL
from portal.domain.months import Month
from portal.kernel.work import unit_of_work
from portal.reports import services
from portal.reports.permissions import Permission


def demo(facility_id: int, _random: Random, today: date) -> None:
    """Ask for the reports of the last two complete months."""
    last = Month.of(today).previous
    with unit_of_work(PORTAL, Permission.ORDER_REPORT) as work:
        for month in (last.previous, last):
            services.order(PORTAL, facility_id, month)
        work.note("reports_report", facility_id=facility_id, months=2)
