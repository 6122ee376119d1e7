"""Examines an installation; each finding is one line with the mend."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import redis
import sqlalchemy as sa

from portal.kernel import clock
from portal.kernel.jobs import STALE_AFTER, Heartbeat, Job
from portal.settings import Settings, UnfitSettings, spelling
from portal.supervise import ROOT

State = Literal["ok", "warn", "fail"]
FONTS = "fontpkg_ibm_plex_sans"
LITTLE_ROOM, NO_ROOM = 2 * 1024**3, 200 * 1024**2  # bytes
DRIFT, WRONG_TIME = timedelta(seconds=2), timedelta(minutes=1)
WAITS_LONG = timedelta(minutes=15)

ROLES = sa.table("pg_roles", *map(sa.column, ("rolname", "rolsuper", "rolbypassrls")))
TABLES = sa.table("pg_tables", *map(sa.column, ("schemaname", "tableowner")))
VERSION = sa.table("alembic_version", sa.column("version_num"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do about it."""

    name: str
    state: State
    says: str


def examine() -> Iterator[Finding]:
    """Look at everything; without fit settings there is nothing more to look at."""
    try:
        settings = Settings.from_environ()
    except UnfitSettings as unfit:
        for line in str(unfit).splitlines():
            yield Finding("settings", "fail", f"{line}; see docs/settings.md")
        return
    yield Finding("settings", "ok", f"site {settings.site}, at {settings.base_url}")
    yield from _of_the_database(settings)
    yield from _of_the_broker(settings)
    yield _storage(settings.storage_root)
    yield _fonts()
    yield _mail(settings)
    yield _exposure(settings)


# --- database -------------------------------------------------------------------------------------


def _of_the_database(settings: Settings) -> Iterator[Finding]:
    engine = sa.create_engine(
        settings.database_url, poolclass=sa.NullPool, connect_args={"connect_timeout": 5}
    )
    try:
        with engine.connect() as at:
            version = at.scalar(sa.select(sa.func.current_setting("server_version")))
            yield Finding("database", "ok", f"PostgreSQL {version}")
            for look in DATABASE_LOOKS:
                yield look(at)
                at.rollback()
    except sa.exc.OperationalError as error:
        reason = str(error.orig).strip().splitlines()[-1]
        yield Finding("database", "fail", f"{reason}; start it or mend PORTAL_DATABASE_URL")


def _role(at: sa.Connection) -> Finding:
    """Look whether the row policies bind the app; superusers and owners they do not."""
    mine = ROLES.c.rolname == sa.func.current_user()
    above = at.execute(sa.select(ROLES.c.rolsuper, ROLES.c.rolbypassrls).where(mine)).one()
    owned = at.scalar(
        sa.select(sa.func.count())
        .select_from(TABLES)
        .where(TABLES.c.tableowner == sa.func.current_user())
    )
    if any(above) or owned:
        what = "may pass the walls between prisons" if any(above) else f"owns {owned} tables"
        return Finding("role", "fail", f"the app's role {what}; make it by deploy/roles.sql")
    return Finding("role", "ok", "the app owns nothing and is bound by the row policies")


def _durability(at: sa.Connection) -> Finding:
    names = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
    said = at.execute(sa.select(*(sa.func.current_setting(name) for name in names))).one()
    off = [name for name, value in zip(names, said, strict=True) if value == "off"]
    if off:
        return Finding("durability", "fail", f"{', '.join(off)} off: set to on, or data get lost")
    return Finding("durability", "ok", f"{', '.join(names)} on")


def _schema(at: sa.Connection) -> Finding:
    wanted = (ROOT / "migrations" / "head.txt").read_text().strip()
    try:
        found = at.scalar(sa.select(VERSION.c.version_num))
    except sa.exc.DBAPIError:
        found = None
    if found != wanted:
        return Finding("schema", "fail", f"at {found}, wanted {wanted}: portal db upgrade")
    return Finding("schema", "ok", str(found))


def _clock(at: sa.Connection) -> Finding:
    there = at.scalar(sa.select(sa.func.clock_timestamp()))
    if not isinstance(there, datetime):
        return Finding("clock", "fail", "the database tells no time")
    apart = abs(clock.now() - there)
    says = f"{apart.total_seconds():.1f} s apart from the database's"
    if apart > DRIFT:
        state: State = "fail" if apart > WRONG_TIME else "warn"
        return Finding("clock", state, f"{says}: let both keep time by NTP")
    return Finding("clock", "ok", says)


def _queue(at: sa.Connection) -> Finding:
    """Look at the last task done: a worker may look alive and take nothing."""
    try:
        last = at.scalar(sa.select(Heartbeat.at).where(Heartbeat.name == "worker"))
    except sa.exc.DBAPIError:
        return Finding("queue", "fail", "no table of heartbeats: portal db upgrade")
    if last is None:
        return Finding("queue", "warn", "no heartbeat yet: start portal worker and portal beat")
    age = clock.now() - last
    says = f"last heartbeat {age.total_seconds():.0f} s ago"
    if age > STALE_AFTER:
        return Finding("queue", "fail", f"{says}: start worker and beat again")
    return Finding("queue", "ok", says)


def _outbox(at: sa.Connection) -> Finding:
    try:
        waiting, given_up = at.execute(
            sa.select(
                sa.func.count().filter(
                    Job.done_at.is_(None),
                    Job.failed_at.is_(None),
                    Job.asked_at < clock.now() - WAITS_LONG,
                ),
                sa.func.count().filter(Job.failed_at > clock.now() - timedelta(days=7)),
            )
        ).one()
    except sa.exc.DBAPIError:
        return Finding("outbox", "fail", "no table of jobs: portal db upgrade")
    if waiting or given_up:
        says = f"{waiting} jobs wait for over 15 minutes, {given_up} were given up this week"
        return Finding("outbox", "warn", f"{says}: look into the worker's log")
    return Finding("outbox", "ok", "nothing waits, nothing was given up")


DATABASE_LOOKS: tuple[Callable[[sa.Connection], Finding], ...] = (
    _role,
    _durability,
    _schema,
    _clock,
    _queue,
    _outbox,
)


# --- the rest -------------------------------------------------------------------------------------


def _of_the_broker(settings: Settings) -> Iterator[Finding]:
    client = redis.Redis.from_url(
        spelling(settings.redis_url, "redis"), socket_timeout=3, socket_connect_timeout=3
    )
    try:
        server: Any = client.info("server")  # Any: the client's types cover its asynchronous twin
        name = "Valkey" if "valkey_version" in server else "Redis"
        version = server.get("valkey_version", server.get("redis_version"))
        yield Finding("broker", "ok", f"{name} {version}")
        yield _memory_of(client)
    except redis.RedisError as error:
        mend = "what is asked for waits in the database; start it or mend PORTAL_REDIS_URL"
        yield Finding("broker", "fail", f"{error}; {mend}")
    finally:
        client.close()


def _memory_of(client: redis.Redis) -> Finding:
    told: Any = client.config_get  # Any: the client's types cover its asynchronous twin
    try:
        policy = told("maxmemory-policy").get("maxmemory-policy")
        kept = told("appendonly").get("appendonly")
    except redis.ResponseError:
        return Finding("broker", "warn", "does not tell its configuration; see docs/operations.md")
    if policy != "noeviction":
        return Finding("broker", "fail", f"forgets by {policy}: set maxmemory-policy noeviction")
    if kept != "yes":
        return Finding("broker", "warn", "keeps nothing over a restart: set appendonly yes")
    return Finding("broker", "ok", "forgets nothing (noeviction, appendonly)")


def _storage(root: Path) -> Finding:
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root) as file:
            file.write(b"whole")
        free = shutil.disk_usage(root).free
    except OSError as error:
        return Finding("storage", "fail", f"{root}: {error.strerror}; mend PORTAL_STORAGE_ROOT")
    says = f"{root} can be written to, {free / 2**30:.1f} GB free"
    if free < LITTLE_ROOM:
        return Finding("storage", "fail" if free < NO_ROOM else "warn", f"{says}: make room")
    return Finding("storage", "ok", says)


def _fonts() -> Finding:
    try:
        folder = resources.files(FONTS)
    except ModuleNotFoundError:
        return Finding("fonts", "fail", f"{FONTS} is missing: install the lock again")
    with resources.as_file(folder) as place:
        count = sum(1 for file in place.rglob("*") if file.suffix in {".ttf", ".otf"})
    if not count:
        return Finding("fonts", "fail", f"{FONTS} holds no font: install the lock again")
    return Finding("fonts", "ok", f"IBM Plex Sans, {count} files")


def _mail(settings: Settings) -> Finding:
    if not settings.smtp_url:
        return Finding("mail", "warn", "waits in the database: set PORTAL_SMTP_URL")
    return Finding("mail", "ok", f"from {settings.mail_from}")


def _exposure(settings: Settings) -> Finding:
    if settings.demo:
        return Finding("exposure", "warn", "the demo's door is open: never with real people")
    if not settings.secure_cookies:
        return Finding("exposure", "fail", "cookies go over plain http: PORTAL_SECURE_COOKIES=1")
    if settings.owner_url != settings.database_url:
        says = "the owner's address is known here: leave PORTAL_OWNER_URL out but for portal db"
        return Finding("exposure", "warn", says)
    return Finding("exposure", "ok", "cookies over https alone, no owner's address")
