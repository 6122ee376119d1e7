"""The base every model stands on, classed columns, and locks over lists."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import MappedColumn, mapped_column

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
LOCK_TIMEOUT_MS = 5_000


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
