"""The command ``portal survey``."""

from __future__ import annotations

import json
from typing import BinaryIO

import click
from flask.cli import AppGroup

from portal.survey.services import figures

commands = AppGroup("survey", help="Work on the visitors' survey.")


@commands.command("index", with_appcontext=False)
@click.argument("file", type=click.File("rb"))
def index(*, file: BinaryIO) -> None:
    """Compute a satisfaction index from plain facts; FILE is JSON, ``-`` is standard input."""
    try:
        answer = figures.index(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        click.echo("file: is not UTF-8", err=True)
        raise click.exceptions.Exit(2) from None
    except figures.Unfit as unfit:
        for path, problem in unfit.problems.items():
            click.echo(f"{path}: {problem}", err=True)
        raise click.exceptions.Exit(2) from None
    click.echo(json.dumps(answer, ensure_ascii=False, sort_keys=True, indent=2))
