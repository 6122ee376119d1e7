"""The demo: the whole portal on real servers out of one command, for this machine alone.

Everything it keeps lies in one folder, its home; without that folder it starts over.  Its process
loads the application once, touches no server with it, and forks the parts.
"""

from __future__ import annotations

import base64
import http.client
import os
import platform
import secrets
import shlex
import shutil
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path

import flask_migrate
from flask import Flask

from portal import embedded, supervise
from portal.app import load_demo
from portal.processes import CannotStart

ROOM_NEEDED = 300 * 1024 * 1024  # bytes: servers' data, invented people, files
FINISHED = "ready"  # what the data in this home were made by
TOLD = "settings"  # what other commands beside the demo need, while it runs
BEGUN = "begun"  # there while they are being made
DOORS = (
    ("", "Halaman publik", "public home"),
    ("demo", "Masuk sebagai siapa pun", "sign in as anyone"),
    ("kiosk", "Kios survei", "survey kiosk"),
)


def run(home: Path, port: int, environ: Mapping[str, str] = os.environ) -> None:
    """Start everything in ``home``, serve on 127.0.0.1 until a signal comes, stop in order.

    ``PORTAL_DATABASE_URL`` and ``PORTAL_REDIS_URL`` in ``environ`` name servers to use instead.

    :raise CannotStart: with one sentence for the person at the terminal.
    """
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)
    # Celery warns root of pickled messages; ours are JSON, and the demo is a machine's own.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser")
    home = home.absolute()
    _possible(home, port)
    if (home / BEGUN).exists() and "PORTAL_DATABASE_URL" not in environ:
        reset(home)  # an earlier start was killed half-way: begin again
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        running, env = _servers(home, environ, stack)
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-")))
        env |= _settings(home, port)
        stack.enter_context(_told(home / TOLD, env))
        os.environ |= env | {"PROMETHEUS_MULTIPROC_DIR": str(temporary)}
        app = import_module("wsgi").app
        _fill(home, app, embedded_database="PORTAL_DATABASE_URL" in env)
        parts = [
            supervise.Part("worker", supervise.worker(concurrency=1), grace=40),
            supervise.Part("beat", supervise.beat(str(temporary / "beat"))),
            supervise.Part("web", supervise.web(f"127.0.0.1:{port}"), grace=35),
        ]
        supervise.Supervisor(running, parts).run(
            ready=lambda: _healthy(port), announce=lambda: _announce(port)
        )
    supervise.say("Portal berhenti. Data tetap tersimpan. / The portal has stopped; data are kept.")


@contextmanager
def _told(place: Path, settings: Mapping[str, str]) -> Iterator[None]:
    """Lay the settings beside the data, for `portal doctor` and the like, while the demo runs."""
    place.unlink(missing_ok=True)
    place.touch(0o600)
    place.write_text("".join(f"{name}={shlex.quote(text)}\n" for name, text in settings.items()))
    try:
        yield
    finally:
        place.unlink(missing_ok=True)


def reset(home: Path) -> None:
    """Forget everything the demo made in ``home``; refuse a folder that is no demo's.

    :raise CannotStart: if a demo runs there, or if it is the home of something else.
    """
    home = home.absolute()
    if not home.exists():
        return
    ours = {"postgres", "valkey", "files", "secret_key", "seal_key", FINISHED, BEGUN, TOLD}
    if strangers := sorted({path.name.removesuffix(".part") for path in home.iterdir()} - ours):
        raise CannotStart(f"{home} holds {strangers[0]}, which no demo made; remove it by hand.")
    for name in ("postgres", "valkey"):
        if (home / name).exists():
            with embedded.kept_alone(home / name, name):
                pass
    elsewhere = (home / "postgres").resolve() if (home / "postgres").is_symlink() else None
    for path in filter(None, (elsewhere, home)):
        shutil.rmtree(path, ignore_errors=True)


def _possible(home: Path, port: int) -> None:
    """Refuse in words what would fail later in a traceback."""
    if sys.platform not in {"linux", "darwin"}:
        raise CannotStart(
            f"The demo runs on Linux and macOS; on {platform.system()} use WSL, or servers of "
            "your own by PORTAL_DATABASE_URL and PORTAL_REDIS_URL."
        )
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} cannot be had ({error.strerror}); end the program that uses it or "
                f"choose another: make demo PORT={port + 10}"
            ) from None
    there = next(path for path in (home, *home.parents) if path.exists())
    if not os.access(there, os.W_OK):
        raise CannotStart(f"{there} cannot be written to; choose another place with --home.")
    if (free := shutil.disk_usage(there).free) < ROOM_NEEDED:
        raise CannotStart(
            f"The disk under {there} is full: {free // 2**20} MB are free, "
            f"{ROOM_NEEDED // 2**20} MB are needed; make room and start again."
        )


def _servers(
    home: Path, environ: Mapping[str, str], stack: ExitStack
) -> tuple[list[supervise.Watched], dict[str, str]]:
    """Start the servers that nobody named; return what to watch and the addresses."""
    running: list[supervise.Watched] = []
    env: dict[str, str] = {}
    if "PORTAL_DATABASE_URL" not in environ:
        pg = stack.enter_context(embedded.postgres(home / "postgres", durable=True))
        running.append(pg.server)
        env |= {"PORTAL_DATABASE_URL": pg.database_url, "PORTAL_OWNER_URL": pg.owner_url}
    if "PORTAL_REDIS_URL" not in environ:
        vk = stack.enter_context(embedded.valkey(home / "valkey", durable=True))
        running.append(vk.server)
        env["PORTAL_REDIS_URL"] = vk.url
    return running, env


def _settings(home: Path, port: int) -> dict[str, str]:
    """Return what the demo decides; its secrets are drawn once, one file each, mode 0600."""
    seal_key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {
        "PORTAL_SECRET_KEY": _kept(home / "secret_key", secrets.token_urlsafe(48)),
        "PORTAL_SEAL_KEYS": _kept(home / "seal_key", f"1:{seal_key}"),
        "PORTAL_STORAGE_ROOT": str(home / "files"),
        "PORTAL_BASE_URL": f"http://localhost:{port}",
        "PORTAL_SECURE_COOKIES": "0",
        "PORTAL_DEMO": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _kept(file: Path, fresh: str) -> str:
    if not file.exists():
        half = file.with_name(f"{file.name}.part")
        half.unlink(missing_ok=True)
        half.touch(mode=0o600)
        half.write_text(fresh)
        half.rename(file)
    return file.read_text()


def _fill(home: Path, app: Flask, *, embedded_database: bool) -> None:
    """Migrate, and load the invented people once; at a second start it is a look at one file."""
    made_by = (supervise.ROOT / "migrations" / "head.txt").read_text().strip()
    finished, begun = home / FINISHED, home / BEGUN
    if embedded_database and finished.exists() and finished.read_text() == made_by:
        return
    if not finished.exists():
        begun.touch()
        supervise.say("Menyiapkan data rekaan … / Preparing invented people …")
    if not supervise.apart(partial(_prepare, app)):
        raise CannotStart("The demo's data could not be prepared; the reason stands above.")
    finished.write_text(made_by)
    begun.unlink(missing_ok=True)


def _prepare(app: Flask) -> None:
    with app.app_context():
        flask_migrate.upgrade()
    load_demo(app)


def _healthy(port: int) -> bool:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with suppress(OSError, http.client.HTTPException):
        asking.request("GET", "/healthz")
        return asking.getresponse().status == http.HTTPStatus.OK
    return False


def _announce(port: int) -> None:
    lines = ["", "  Portal siap. / The portal is ready.", ""]
    for path, indonesian, english in DOORS:
        lines.append(f"    http://localhost:{port}/{path:<8} {indonesian} / {english}")
    lines += ["", "  Semua orang di dalamnya rekaan. / Everybody in it is invented."]
    lines += ["  Ctrl-C untuk berhenti. / Ctrl-C stops it.", ""]
    supervise.say("\n".join(lines))
