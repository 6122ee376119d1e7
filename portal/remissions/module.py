"""What the rest of the portal sees of this room."""

from __future__ import annotations

from portal.domain.text import message
from portal.kernel.module import MenuItem, Module
from portal.remissions.commands import commands
from portal.remissions.demo import demo
from portal.remissions.permissions import GRANTS, Permission
from portal.remissions.report import desk, report_section
from portal.remissions.tasks import SCHEDULE
from portal.remissions.views import bp

MODULE = Module(
    name="remissions",
    title=message("Remissions"),
    blueprints={"internal": bp},
    permissions=Permission,
    grants=GRANTS,
    report_section=report_section,
    desk=desk,
    menu=(
        MenuItem(message("Remissions"), "remissions.people", Permission.SEE_PERSONS, "remissions"),
        MenuItem(
            message("Figures on remissions"),
            "remissions.figures",
            Permission.SEE_FIGURES,
            "remissions",
        ),
    ),
    schedule=SCHEDULE,
    commands=commands,
    demo=demo,
)
