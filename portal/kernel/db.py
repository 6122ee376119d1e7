"""The base every model stands on, classed columns, and locks over lists."""

from __future__ import annotations

import enum
import hashlib
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, orm
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
LOCK_TIMEOUT_MS = 5_000
UNUSED_FOR = 10.0  # seconds after which a pooled connection is asked whether it still lives


class Base(orm.DeclarativeBase):
    """What every model inherits."""

    # On the registry, not on the class: Flask-SQLAlchemy copies the class, and
    # SQLAlchemy refuses a map beside a registry (flask-sqlalchemy#1361).
    registry = orm.registry(
        metadata=sa.MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: sa.DateTime(timezone=True),
            dict[str, object]: JSONB,
            list[object]: JSONB,
            enum.Enum: sa.Enum(
                enum.Enum,
                native_enum=False,
                create_constraint=True,
                length=40,
                values_callable=lambda members: [member.value for member in members],
            ),
        },
    )


def _classed(data_class: str) -> Callable[..., MappedColumn[Any]]:  # Any: the annotation decides
    def column(*args: Any, **options: Any) -> MappedColumn[Any]:
        return mapped_column(*args, info={"data_class": data_class}, **options)

    return column


DATA_CLASSES = ("public", "internal", "personal", "specific", "secret")
public, internal, personal, specific, secret = map(_classed, DATA_CLASSES)

db = SQLAlchemy(model_class=Base, session_options={"join_transaction_mode": "create_savepoint"})


def lock_number(key: str) -> int:
    """Turn a key into the signed 64 bits that PostgreSQL's advisory locks take."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)


def locked(*keys: str) -> None:
    """Hold the keys until the transaction ends, so that lists behind them do not change.

    Keys are taken in one order everywhere, hence without deadlock; after five seconds of waiting
    the database raises ``OperationalError``.
    """
    db.session.execute(
        sa.select(sa.func.set_config("lock_timeout", f"{LOCK_TIMEOUT_MS}ms", sa.true()))
    )
    for number in sorted(lock_number(key) for key in keys):
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def begin_anew() -> None:
    """End the session's transaction, if there is one; what was not committed was not wanted."""
    if db.session.registry.has():
        db.session.rollback()


@event.listens_for(QueuePool, "checkin")
def _note_the_time(_connection: psycopg.Connection | None, record: Any) -> None:  # Any: its record
    record.info["used_at"] = time.monotonic()


@event.listens_for(QueuePool, "checkout")
def _look_whether_it_lives(
    connection: psycopg.Connection, record: Any, _lent: PoolProxiedConnection
) -> None:
    """Ask the database whether a connection lives only if there is a reason to doubt it.

    A server that ended has closed its side, so that there is something to read where nothing was
    asked: seeing that costs no round trip. One that lay unused for long is asked in any case, since
    a network forgets in silence.
    """
    used_at = record.info.get("used_at")
    if used_at is None:
        return  # it is new
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    try:
        if looking.poll(0) or time.monotonic() - used_at > UNUSED_FOR:
            connection.execute("SELECT 1")
            connection.rollback()
    except psycopg.Error as error:
        raise InvalidatePoolError from error


@contextmanager
def at_once() -> Iterator[psycopg.Cursor]:
    """Lend a cursor whose every statement is a transaction of its own, hence one round trip.

    The session's transaction ends first. Where the caller's world is itself a transaction (a
    test's), a savepoint in it takes the place of the transaction.

    :raise OperationalError: if the database does not answer.
    """
    begin_anew()
    engine: sa.Engine | sa.Connection = db.engine
    if isinstance(engine, sa.Connection):
        with engine.begin_nested(), _driven(engine.connection).cursor() as cursor:
            yield cursor
        return
    try:
        with _driver(engine) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
    except psycopg.OperationalError as error:
        raise OperationalError("at once", None, error) from error


@contextmanager
def _driver(engine: sa.Engine) -> Iterator[psycopg.Connection]:
    lent = engine.raw_connection()
    connection = _driven(lent)
    try:
        yield connection
    finally:
        if connection.closed:
            lent.invalidate()
        else:
            connection.autocommit = False
        lent.close()


def _driven(lent: PoolProxiedConnection) -> psycopg.Connection:
    """Return the driver's own connection behind the pool's."""
    return cast(psycopg.Connection, lent.driver_connection)
