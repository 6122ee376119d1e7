"""The command group ``portal accounts``."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from portal.accounts.rules.limits import INVITATION
from portal.accounts.services import people
from portal.domain.actor import PORTAL, Role
from portal.kernel.facility import Facility, everywhere, facilities
from portal.kernel.web import settings

commands = AppGroup("accounts", help="People who may sign in.")


@commands.command("create-admin")
@click.option("--login", required=True, help="User name, such as sari.wulandari.")
@click.option("--name", required=True, help="Full name.")
@click.option("--facility", "slug", help="Short name of the facility, if there are several.")
def create_admin(*, login: str, name: str, slug: str | None) -> None:
    """Make an administrator and print a code, good once and for a day, to choose a password."""
    with everywhere():
        place = _one(facilities(), slug)
        task = people.Task(role=Role.ADMINISTRATOR, facility_id=place.id)
        invitee = people.Invitee(login=login, name=name, email="", task=task)
        try:
            code = people.create_administrator(PORTAL, invitee)
        except people.LoginTaken:
            raise click.UsageError(f"{login}: this user name is taken") from None
    address = f"{settings().base_url}/invitation#{code}"
    hours = int(INVITATION.total_seconds()) // 3600
    click.echo(f"{address}\nThe code {code} works once, within {hours} hours.")


def _one(known: tuple[Facility, ...], slug: str | None) -> Facility:
    """Pick the facility that is meant.

    :raise UsageError: if there is none, or it is not clear which.
    """
    found = [each for each in known if slug in {None, each.slug}]
    if len(found) == 1:
        return found[0]
    if not known:
        raise click.UsageError("there is no facility yet; make one first: portal facilities add")
    raise click.UsageError("say --facility: " + ", ".join(each.slug for each in known))
