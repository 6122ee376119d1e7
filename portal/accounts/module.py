"""What the rest of the portal sees of this module."""

from __future__ import annotations

from portal.accounts import queries
from portal.accounts.commands import commands
from portal.accounts.demo import demo
from portal.accounts.permissions import GRANTS, Permission
from portal.accounts.tasks import SCHEDULE
from portal.accounts.views import demo as demo_views
from portal.accounts.views import own, people, sign_in
from portal.accounts.views.blueprint import bp, demo_bp
from portal.domain.actor import Actor
from portal.domain.text import message
from portal.kernel.module import DeskCard, MenuItem, Module

VIEWS = (demo_views, own, people, sign_in)  # their pages hang on the blueprints once imported


def desk(actor: Actor) -> tuple[DeskCard, ...]:
    """Show an administrator how many resets wait for a second pair of eyes."""
    reach = actor.where(Permission.RESET_FACTORS)
    if not reach or actor.id is None:
        return ()
    waiting = queries.resets_waiting(reach, actor.id)
    return (DeskCard(message("Resets wait for your confirmation"), waiting, "accounts.people"),)


MODULE = Module(
    name="accounts",
    title=message("Accounts"),
    blueprints={"internal": bp, "demo": demo_bp},
    permissions=Permission,
    grants=GRANTS,
    menu=(MenuItem(message("People"), "accounts.people", Permission.SEE_PEOPLE, "person"),),
    schedule=SCHEDULE,
    commands=commands,
    desk=desk,
    demo=demo,
)
