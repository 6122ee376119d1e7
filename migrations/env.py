"""Run migrations as the owner of the tables, and see the rows of every facility."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from flask import current_app

from portal.kernel.db import Base

LOCK_TIMEOUT = "5s"


def run() -> None:
    """Run what is asked for; each migration in a transaction of its own."""
    engine = sa.create_engine(current_app.config["OWNER_URL"], poolclass=sa.NullPool)
    app_role = sa.make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).username
    with engine.connect() as connection:
        connection.execute(sa.select(sa.func.set_config("lock_timeout", LOCK_TIMEOUT, sa.false())))
        connection.execute(
            sa.select(sa.func.set_config("portal.facilities", "everywhere", sa.false()))
        )
        connection.execute(sa.select(sa.func.set_config("portal.app_role", app_role, sa.false())))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise RuntimeError("migrations run against a database, not into a file")
run()
