"""``portal reports``: make a month's report by hand."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from portal.domain.actor import PORTAL
from portal.domain.errors import DomainError
from portal.domain.months import Month
from portal.kernel.facility import by_slug, everywhere
from portal.kernel.text import said
from portal.reports import queries, services

commands = AppGroup("reports", help="Work on the monthly reports.")


@commands.command("build")
@click.option("--facility", "slug", required=True, help="The facility's address, as muara-enim.")
@click.option("--month", "period", help="As 2026-10; without it, the last complete month.")
def build(slug: str, period: str | None) -> None:
    """Make a month's report now; one that is done stays as it is."""
    try:
        month = Month.parse(period) if period else None
    except ValueError as wrong:
        click.echo(f"--month: {wrong}", err=True)
        raise click.exceptions.Exit(2) from None
    with everywhere():
        try:
            report_id = services.order(PORTAL, by_slug(slug).id, month)
        except DomainError as refusal:
            click.echo(said(refusal), err=True)
            raise click.exceptions.Exit(2) from None
        made = services.build(PORTAL, report_id)
        state = queries.report(report_id).state
        click.echo(f"{report_id}\t{state}\t{'made now' if made else 'as it was'}")
