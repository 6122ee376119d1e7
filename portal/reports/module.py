"""What the rest of the portal sees of the reports."""

from __future__ import annotations

from portal.domain.text import message
from portal.kernel.module import MenuItem, Module
from portal.reports.commands import commands
from portal.reports.demo import demo
from portal.reports.permissions import GRANTS, Permission
from portal.reports.report import report_section
from portal.reports.tasks import SCHEDULE
from portal.reports.views import bp

MODULE = Module(
    name="reports",
    title=message("Reports"),
    blueprints={"internal": bp},
    permissions=Permission,
    grants=GRANTS,
    report_section=report_section,
    menu=(MenuItem(message("Reports"), "reports.reports", Permission.READ_REPORT, "reports"),),
    schedule=SCHEDULE,
    commands=commands,
    demo=demo,
)
