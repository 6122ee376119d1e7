"""``portal remissions``: one case from a file, and everyone's projection."""

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import click
from babel.dates import format_date
from babel.support import Translations
from flask.cli import AppGroup

from portal.domain.actor import PORTAL
from portal.kernel.facility import by_slug, everywhere
from portal.remissions.rules import explain
from portal.remissions.services import calculating, projecting

commands = AppGroup("remissions", help="Work on remissions.")
DAY = click.DateTime(["%Y-%m-%d"])
TRANSLATIONS = Path(__file__).parents[1] / "translations"


@commands.command("calculate", with_appcontext=False)
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--on", "day", type=DAY, help="As of when; without it, the day in the file.")
@click.option("--trace", is_flag=True, help="Tell every step with its citation.")
@click.option("--lang", type=click.Choice(["id", "en"]), default="id", help="Language of words.")
def calculate(*, file: TextIO, day: datetime | None, trace: bool, lang: str) -> None:
    """Calculate one case from plain facts; FILE is JSON, ``-`` is standard input.

    Exit 0: calculated, also if the answer is unknown; 2: the file does not fit, each error told
    with its path.
    """
    say = Translations.load(TRANSLATIONS, [lang]).gettext
    try:
        result = calculating.calculate(file.read(), on=day.date() if day else None, trace=trace)
    except UnicodeDecodeError:
        click.echo("$: " + say(explain.NOT_UTF8), err=True)
        raise click.exceptions.Exit(2) from None
    except calculating.Unfit as unfit:
        for problem in unfit.problems:
            click.echo(f"{problem.path}: {say(problem.text) % dict(problem.values)}", err=True)
        raise click.exceptions.Exit(2) from None
    told = calculating.told(result, trace=trace)
    told["explanation"] = _explanation(result, say, lang)
    click.echo(json.dumps(told, ensure_ascii=False, sort_keys=True, indent=2))


@commands.command("project")
@click.option("--all", "everyone", is_flag=True, help="All facilities.")
@click.option("--place", help="One facility, by its short address, such as muara-enim.")
def project(*, everyone: bool, place: str | None) -> None:
    """Compute the dates whose facts or rules changed, without the queue."""
    if everyone == bool(place):
        raise click.UsageError("Say either --all or --place.")
    with everywhere():
        if place is None:
            count = projecting.project_all(PORTAL)
        else:
            count = projecting.project(PORTAL, by_slug(place).id)
    click.echo(str(count))


def _explanation(result: calculating.Result, say: Callable[[str], str], lang: str) -> list[str]:
    """Return the notice, the findings and, if traced, the arithmetic in words."""

    def day(value: date) -> str:
        return str(format_date(value, "d MMMM y", locale=lang))

    told = [
        *((explain.FINDINGS[finding.code], finding.told) for finding in result.findings),
        *((line.text, line.values) for line in map(explain.line, result.steps)),
    ]
    return [say(explain.NOTICE), *(explain.words(*each, say, day) for each in told)]
