"""Facilities are founded at the terminal: before one stands, nobody can sign in."""

from __future__ import annotations

import re

import click
from flask.cli import AppGroup

from portal.domain.actor import PORTAL
from portal.kernel.facility import everywhere
from portal.kernel.text import ZONES, said
from portal.register import services

LONGEST = 60
commands = AppGroup("facilities", help="Found facilities.")


def _slug(_context: click.Context, _argument: click.Parameter, slug: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or len(slug) > LONGEST:
        raise click.BadParameter("use small letters, digits and dashes, such as muara-enim")
    return slug


@commands.command("add")
@click.argument("slug", callback=_slug)
@click.option("--name", required=True, help="In full, as on a letterhead.")
@click.option("--short-name", help="As people say it; without it, the full name.")
@click.option("--town", default="", help="The town it stands in.")
@click.option("--zone", type=click.Choice(sorted(ZONES)), default="Asia/Jakarta")
@click.option("--region", default="", help="Name of the regional office; made if it is new.")
@click.option("--hidden", is_flag=True, help="Without public pages.")
def add(slug: str, **said_of_it: str | bool | None) -> None:
    """Add a facility; SLUG is its part of public addresses, such as muara-enim."""
    new = services.NewFacility(
        slug=slug,
        name=str(said_of_it["name"]),
        short_name=str(said_of_it["short_name"] or said_of_it["name"]),
        town=str(said_of_it["town"]),
        time_zone=str(said_of_it["zone"]),
        region=str(said_of_it["region"]),
        public=not said_of_it["hidden"],
    )
    with everywhere():
        try:
            services.found_facility(PORTAL, new)
        except services.AddressTaken as refusal:
            click.echo(said(refusal), err=True)
            raise click.exceptions.Exit(2) from None
    click.echo(f"{new.slug}: {new.name}")
