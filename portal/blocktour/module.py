"""What the rest of the portal sees of this module."""

from __future__ import annotations

from portal.blocktour.demo import demo
from portal.blocktour.permissions import GRANTS, Permission
from portal.blocktour.report import front, report_section
from portal.blocktour.tasks import SCHEDULE
from portal.blocktour.views import answers, capture, cases, figures, tours
from portal.blocktour.views.base import bp
from portal.blocktour.views.capture import desk
from portal.domain.text import message
from portal.kernel.module import MenuItem, Module

PAGES = (answers, capture, cases, figures, tours)
"""The files that hang their views on the blueprint."""

MODULE = Module(
    name="blocktour",
    title=message("Block tours"),
    blueprints={"internal": bp},
    permissions=Permission,
    grants=GRANTS,
    report_section=report_section,
    front=front,
    desk=desk,
    menu=(
        MenuItem(message("Block tours"), "blocktour.home", Permission.HOME, "blocktour"),
        MenuItem(
            message("Complaint figures"), "blocktour.figures", Permission.READ_FIGURES, "reports"
        ),
    ),
    schedule=SCHEDULE,
    demo=demo,
)
