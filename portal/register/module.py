"""What the rest of the portal sees of the register."""

from __future__ import annotations

from portal.domain.text import message
from portal.kernel.module import MenuItem, Module
from portal.register.commands import commands
from portal.register.demo import demo
from portal.register.permissions import GRANTS, Permission
from portal.register.report import front, report_section
from portal.register.views import bp

MODULE = Module(
    name="register",
    title=message("Places and persons"),
    blueprints={"internal": bp},
    permissions=Permission,
    grants=GRANTS,
    report_section=report_section,
    front=front,
    menu=(MenuItem(message("Places"), "register.places", Permission.SEE_PLACES, "register"),),
    commands=commands,
    demo=demo,
)
