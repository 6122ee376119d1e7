"""The command ``portal``: run it, look at it, mend it; and each module's own commands.

A command needs the settings only if it needs the application: ``portal demo`` and a module's
commands marked ``with_appcontext=False`` work without any.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup, FlaskGroup

from portal import supervise
from portal.processes import CannotStart
from portal.settings import Settings, UnfitSettings

HOME = Path("var/demo")
PORT = 8000
UNFIT, REFUSED = 2, 1


class PortalGroup(FlaskGroup):
    """Our own commands first; the modules' are looked up when one of them is asked for.

    So a command that needs no application, or becomes another program, does not load one.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name our own commands and each module's group."""
        return sorted({*click.Group.list_commands(self, ctx), *_groups()})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Find a command of ours, else a module's group."""
        return click.Group.get_command(self, ctx, name) or _groups().get(name)


def _groups() -> dict[str, click.Group]:
    from flask_migrate.cli import db  # noqa: PLC0415  loaded by whoever needs it

    from portal.modules import MODULES  # noqa: PLC0415  as above

    groups = {module.commands.name or "": module.commands for module in MODULES if module.commands}
    return {"db": db, **groups}


def _app() -> Flask:
    """Make the application out of the environment, or tell what is wrong with it."""
    from portal.app import create_app  # noqa: PLC0415  as above

    return create_app(_settings())


def _settings() -> Settings:
    try:
        return Settings.from_environ()
    except UnfitSettings as unfit:
        click.echo(f"These settings are not fit (docs/settings.md):\n{unfit}", err=True)
        raise click.exceptions.Exit(UNFIT) from None


main = PortalGroup(
    name="portal",
    help="The portal of a prison: serve it, run its work, look after it.",
    create_app=_app,
    add_default_commands=False,  # our "run" is gunicorn, not the development server
    load_dotenv=False,
    set_debug_flag=False,
    add_version_option=False,
)
main.params.clear()  # Flask's --app, --env-file and --debug: the settings decide, and they alone


@main.command("run", with_appcontext=False)
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address or unix:PATH.")
@click.option("--workers", default=2, show_default=True)
@click.option("--threads", default=4, show_default=True)
def run(bind: str, workers: int, threads: int) -> None:
    """Serve the pages of the site that PORTAL_SITE names."""
    _settings()
    _become(supervise.web(bind, workers=workers, threads=threads))


@main.command("worker", with_appcontext=False)
@click.option("--concurrency", default=2, show_default=True)
def worker(concurrency: int) -> None:
    """Do the work that was asked for."""
    _settings()
    _become(supervise.worker(concurrency=concurrency))


@main.command("beat", with_appcontext=False)
def beat() -> None:
    """Say when it is time to look; run it once, not twice."""
    _settings()
    # A new file each time: what it holds is worthless after a stop, and a broken one stops beat.
    _become(supervise.beat(f"{tempfile.mkdtemp(prefix='portal-beat-')}/schedule"))


def _become(command: list[str]) -> None:
    os.execv(sys.executable, [sys.executable, "-m", *command])


@main.command("demo", with_appcontext=False)
@click.option("--home", type=click.Path(path_type=Path), default=HOME, show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option("--reset", is_flag=True, help="Forget the data first, and stop then.")
def demo(home: Path, port: int, *, reset: bool) -> None:
    """Run the whole portal on this machine, with invented people."""
    from portal import demo as whole  # noqa: PLC0415  as above

    try:
        if reset:
            whole.reset(home)
        else:
            whole.run(home, port)
    except CannotStart as refusal:
        click.echo(str(refusal), err=True)
        raise click.exceptions.Exit(REFUSED) from None
    except OSError as error:
        click.echo(f"{error.strerror or error}: {error.filename or home}", err=True)
        raise click.exceptions.Exit(REFUSED) from None
    except KeyboardInterrupt:
        click.echo("Berhenti. / Stopped.", err=True)
        raise click.exceptions.Exit(REFUSED) from None


@main.command("doctor", with_appcontext=False)
def doctor() -> None:
    """Examine settings, servers and parts; tell how to mend what is wrong."""
    from portal.doctor import examine  # noqa: PLC0415  as above

    fit = True
    for found in examine():
        fit = fit and found.state != "fail"
        colour = {"ok": "green", "warn": "yellow", "fail": "red"}[found.state]
        click.echo(f"{click.style(f'{found.state:<5}', fg=colour)} {found.name:<10} {found.says}")
    if not fit:
        raise click.exceptions.Exit(REFUSED)


audit = AppGroup("audit", help="The trail of who did what.")


@audit.command("verify")
def verify() -> None:
    """Recompute the chain of the trail; tell each entry that was changed or is missing."""
    from portal.kernel.audit import verify as breaks  # noqa: PLC0415  as above
    from portal.kernel.facility import everywhere  # noqa: PLC0415  as above

    with everywhere():
        found = list(breaks())
    for gap in found:
        click.echo(str(gap))
    click.echo(f"{len(found)} breaks in the trail" if found else "The trail is whole.", err=True)
    if found:
        raise click.exceptions.Exit(REFUSED)


main.add_command(audit)

if __name__ == "__main__":
    main()
