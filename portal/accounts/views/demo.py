"""The demo's own door: one click signs in as any role, on this machine alone.

The blueprint is registered only where the demo flag is set; a production start has no such page.
"""

from __future__ import annotations

from ipaddress import ip_address

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import login, queries
from portal.accounts.services import demo as services
from portal.accounts.views.blueprint import demo_bp
from portal.domain.actor import ROLE_NAMES
from portal.domain.errors import NotFound
from portal.kernel.web import public, settings


def _only_here() -> None:
    """Answer as if there were nothing unless this is the demo, asked from its own machine.

    :raise NotFound: then.
    """
    address = request.remote_addr
    if not (settings().demo and address and ip_address(address).is_loopback):
        raise NotFound


@demo_bp.get("/demo")
@public
def people() -> ResponseReturnValue:
    """Show whom one can be."""
    _only_here()
    return render_template(
        "accounts/demo.html", places=queries.demo_people(), role_names=ROLE_NAMES
    )


@demo_bp.post("/demo/<int:person_id>")
@public
def enter(person_id: int) -> ResponseReturnValue:
    """Sign in as one of the demo's people."""
    _only_here()
    services.enter(person_id)
    login.let_in(person_id, login.DEMO)
    return redirect(url_for("web.desk"), code=303)
