"""What the rest of the portal sees of this module."""

from __future__ import annotations

from portal.blocktour.permissions import GRANTS, Permission
from portal.domain.text import message
from portal.kernel.module import Module

MODULE = Module(
    name="blocktour",
    title=message("Block tours"),
    permissions=Permission,
    grants=GRANTS,
)
