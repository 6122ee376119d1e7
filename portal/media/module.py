"""What the rest of the portal sees of this module."""

from __future__ import annotations

from portal.domain.actor import Actor
from portal.domain.text import message
from portal.kernel.module import DeskCard, MenuItem, Module
from portal.media import queries
from portal.media.demo import demo
from portal.media.permissions import GRANTS, Permission
from portal.media.report import report_section
from portal.media.views import newsroom, press


def desk(actor: Actor) -> tuple[DeskCard, ...]:
    """Show who may approve how many texts of others wait."""
    where = actor.where(Permission.APPROVE)
    if not where or actor.id is None:
        return ()
    waiting = queries.waiting_for(actor.id, where)
    return (DeskCard(message("Texts wait for your approval"), waiting, "newsroom.items"),)


MODULE = Module(
    name="media",
    title=message("Newsroom"),
    blueprints={"internal": newsroom.bp, "press": press.bp},
    permissions=Permission,
    grants=GRANTS,
    report_section=report_section,
    desk=desk,
    demo=demo,
    menu=(MenuItem(message("Newsroom"), "newsroom.items", Permission.READ, "newsroom"),),
)
