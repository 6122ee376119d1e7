"""What the rest of the portal sees of this module."""

from __future__ import annotations

from portal.domain.text import message
from portal.kernel.module import MenuItem, Module
from portal.survey.commands import commands
from portal.survey.demo import demo
from portal.survey.permissions import GRANTS, Permission
from portal.survey.report import front, report_section
from portal.survey.services.devices import tablet
from portal.survey.views import kiosk, officers

MODULE = Module(
    name="survey",
    title=message("Visitors' survey"),
    blueprints={"internal": officers.bp, "kiosk": kiosk.bp},
    permissions=Permission,
    grants=GRANTS,
    report_section=report_section,
    front=front,
    menu=(MenuItem(message("Survey"), "survey.latest", Permission.READ_RESULTS, "survey"),),
    commands=commands,
    demo=demo,
    bearer=tablet,
)
