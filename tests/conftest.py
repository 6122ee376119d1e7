"""What the tests stand on: real servers, the portal on them, people, and a client that looks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import flask_migrate
import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_login import UserMixin
from psycopg import sql

from portal import embedded
from portal.app import create_app
from portal.domain.actor import Actor, Role
from portal.kernel import facility as facilities
from portal.kernel.audit import AuditEntry
from portal.kernel.db import Base, db
from portal.kernel.facility import Facility, everywhere
from portal.kernel.jobs import Job
from portal.kernel.limits import limiter
from portal.kernel.module import grants
from portal.settings import Settings
from tests.pages import PageClient

SERVERS = "TEST_SERVERS"
TABLES_OF_PEOPLE = "accounts_person"


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the controller; workers inherit the addresses."""
    if hasattr(config, "workerinput") or SERVERS in os.environ:
        return
    stack = ExitStack()
    config.add_cleanup(stack.close)
    folder = stack.enter_context(TemporaryDirectory(prefix="portal-", dir="/tmp"))
    addresses = stack.enter_context(embedded.servers(Path(folder), durable=False))
    os.environ[SERVERS] = json.dumps(asdict(addresses))
    stack.callback(os.environ.pop, SERVERS)


@pytest.fixture(scope="session")
def servers() -> dict[str, str]:
    """Return the addresses of the servers."""
    addresses: dict[str, str] = json.loads(os.environ[SERVERS])
    return addresses


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    """Number the xdist worker, from 0."""
    name = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return int(name.removeprefix("gw"))


def make_database(servers: dict[str, str], name: str) -> tuple[str, str]:
    """Make an empty database; return its address for the portal and for the owner."""
    admin = servers["admin_url"].replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER portal_owner").format(sql.Identifier(name))
        )
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO portal_app").format(sql.Identifier(name))
        )
    urls = (sa.make_url(servers[key]).set(database=name) for key in ("database_url", "owner_url"))
    app_url, owner_url = (url.render_as_string(hide_password=False) for url in urls)
    return app_url, owner_url


@pytest.fixture(scope="session")
def test_settings(
    servers: dict[str, str], worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Return settings built by hand, on a database of this worker's own."""
    database_url, owner_url = make_database(servers, f"portal_test_{worker_number}")
    return Settings(
        database_url=database_url,
        owner_url=owner_url,
        redis_url=servers["redis_url"],
        secret_key="t" * 40,
        seal_keys=((1, b"k" * 32),),
        storage_root=tmp_path_factory.mktemp("storage"),
        secure_cookies=False,
        argon2_memory_kib=1024,
        base_url="http://localhost",
    )


@pytest.fixture(scope="session")
def app(test_settings: Settings) -> Iterator[Flask]:
    """Return the portal, its tables made by the real migrations."""
    made = create_app(test_settings)
    made.config.update(TESTING=True)
    limiter.enabled = False  # read once, when it is set up; tests of limits turn it on
    made.login_manager.request_loader(_known_person)  # type: ignore[attr-defined]
    with made.app_context():
        flask_migrate.upgrade()
    yield made
    with made.app_context():
        db.engine.dispose()
    made.extensions["portal.redis"].close()


@pytest.fixture
def world(app: Flask) -> Iterator[None]:
    """Undo whatever the test writes, its commits included (after flask-sqlalchemy#1171)."""
    with app.app_context():
        engines, engine = db.engines, db.engine
        with engine.connect() as connection, connection.begin() as transaction:
            engines[None] = connection  # type: ignore[index]
            try:
                yield
            finally:
                db.session.remove()
                engines[None] = engine  # type: ignore[index]
                transaction.rollback()


@pytest.fixture
def scope(world: None) -> Iterator[None]:
    """See every facility: for tests that are not about walls."""
    with everywhere():
        yield


@pytest.fixture
def prison(scope: None) -> Facility:
    """Return a facility in Sumatra."""
    return make_facility("muara-contoh")


@pytest.fixture
def other_prison(scope: None) -> Facility:
    """Return a second facility, whose rows must never show."""
    return make_facility("seberang", time_zone="Asia/Jayapura")


def make_facility(slug: str, *, time_zone: str = "Asia/Jakarta", public: bool = True) -> Facility:
    """Make a facility."""
    made = Facility(
        slug=slug,
        name=f"Lapas {slug.title()}",
        short_name=slug.title(),
        town=slug.title(),
        time_zone=time_zone,
        public=public,
    )
    db.session.add(made)
    db.session.commit()
    return made


def make_actor(*roles: Role, at: Facility | int | None, fresh: bool = True) -> Actor:
    """Make a person with roles at one facility, as the sign-in would hand him over."""
    place = at.id if isinstance(at, Facility) else at
    where = frozenset() if place is None else frozenset({place})
    reach = {name: where for name, holders in grants().items() if holders & set(roles)}
    person_id = _person_row("-".join(roles))
    return Actor(
        id=person_id,
        name=f"person {person_id}",
        reach=reach,
        roles=frozenset(roles),
        fresh=fresh,
    )


@pytest.fixture
def actor(prison: Facility) -> Callable[..., Actor]:
    """Return a function that makes a person of some roles at the prison."""
    return lambda *roles, at=prison, fresh=True: make_actor(*roles, at=at, fresh=fresh)


def _person_row(name: str) -> int:
    """Write the row of a person, so that foreign keys hold; sign-in has tests of its own."""
    table = Base.metadata.tables.get(TABLES_OF_PEOPLE)
    number = next(_numbers)
    if table is None:
        return number
    from tests.factories import person_values  # noqa: PLC0415  the table's owner knows its columns

    row = db.session.execute(
        sa.insert(table).values(**person_values(f"{name}-{number}")).returning(table.c.id)
    )
    person_id = int(row.scalar_one())
    db.session.commit()  # or the first request undoes it
    return person_id


_numbers = iter(range(100, 10_000_000))
_people: dict[str, Actor] = {}


class KnownPerson(UserMixin):
    """A person whose sign-in is not what the test is about."""

    both_factors = True

    def __init__(self, known: Actor) -> None:
        self.actor = known
        self.id = str(known.id)


def _known_person(request: object) -> KnownPerson | None:
    name = request.headers.get("X-Test-Person", "")  # type: ignore[attr-defined]
    return KnownPerson(_people[name]) if name in _people else None


class Client(PageClient):
    """A browser without scripts: looks at each page it fetches, and can be somebody."""

    def signed_in(self, known: Actor) -> Client:
        """Return a client that is this person from now on."""
        _people[str(known.id)] = known
        copy = type(self)(self.application, self.response_wrapper, use_cookies=True)
        copy.environ_base = {**self.environ_base, "HTTP_X_TEST_PERSON": str(known.id)}
        return copy

    def renewed(self, known: Actor, **values: object) -> Client:
        """Return a client for the same person with something changed."""
        return self.signed_in(replace(known, **values))  # type: ignore[arg-type]


@pytest.fixture
def client(app: Flask, world: None) -> Client:
    """Return a browser that is nobody yet."""
    app.test_client_class = Client
    made = app.test_client()
    assert isinstance(made, Client)
    made.environ_base = {**made.environ_base, "HTTP_SEC_FETCH_SITE": "same-origin"}
    return made


def trail(action: str | None = None) -> list[tuple[str, str, dict[str, object]]]:
    """Return what the trail says, oldest first: action, subject, detail."""
    wanted = sa.select(AuditEntry).order_by(AuditEntry.id)
    if action:
        wanted = wanted.where(AuditEntry.action == action)
    with everywhere():
        return [
            (e.action, f"{e.subject_type}:{e.subject_id}", e.detail)
            for e in db.session.scalars(wanted)
        ]


def asked_for() -> list[tuple[str, dict[str, object]]]:
    """Return the jobs that were asked for, oldest first."""
    rows = db.session.scalars(sa.select(Job).order_by(Job.id))
    return [(row.name, row.arguments) for row in rows]


__all__ = ["asked_for", "facilities", "make_actor", "make_database", "make_facility", "trail"]
