"""Migrations are numbered, stand alone, and end where the models are."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from portal.app import create_app
from portal.kernel.db import Base
from portal.kernel.jobs import PortalTask
from portal.settings import Settings
from tests.conftest import make_database

FILES = sorted(Path("migrations/versions").glob("*.py"))
PAIRS = list(zip(FILES, [None, *FILES], strict=False))


@pytest.mark.parametrize(("file", "before"), PAIRS, ids=str)
def test_a_migration_is_numbered_follows_the_last_and_stands_alone(
    file: Path, before: Path | None
) -> None:
    tree = ast.parse(file.read_text())
    says = {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in {"revision", "down_revision"}
    }
    imported = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}

    assert re.fullmatch(r"\d{4}_[a-z0-9_]{1,27}", file.stem)  # alembic_version holds 32 signs
    assert says["revision"] == file.stem
    assert says["down_revision"] == (before.stem if before else None)
    assert not {name for name in imported if name.partition(".")[0] == "portal"}
    assert len((ast.get_docstring(tree) or "").split("\n\n")) > 1, "say in a second paragraph why"


def test_the_head_is_written_down_so_that_rivals_collide_in_git() -> None:
    assert Path("migrations/head.txt").read_text().strip() == FILES[-1].stem


@pytest.fixture
def own_app(
    test_settings: Settings, servers: dict[str, str], worker_number: int, app: Flask
) -> Iterator[Flask]:
    """Return the portal on an empty database of this test's own."""
    app_url, owner_url = make_database(servers, f"portal_migrations_{worker_number}")
    yield create_app(replace(test_settings, database_url=app_url, owner_url=owner_url))
    PortalTask.flask_app = app  # give the queue back to the suite


def test_up_down_and_up_again_ends_where_the_models_are(own_app: Flask) -> None:
    with own_app.app_context():
        flask_migrate.upgrade()
        flask_migrate.downgrade(revision="base")
        engine = sa.create_engine(own_app.config["OWNER_URL"], poolclass=sa.NullPool)
        with engine.connect() as connection:
            left = sa.inspect(connection).get_table_names()
        assert left == ["alembic_version"]

        flask_migrate.upgrade()

        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []


def test_every_check_of_the_models_stands_in_the_database(app: Flask) -> None:
    """Alembic compares no CHECKs: an enum with a new member would be missed."""
    engine = sa.create_engine(app.config["OWNER_URL"], poolclass=sa.NullPool)
    missing = []
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        for table in Base.metadata.sorted_tables:
            there = {c["name"]: c["sqltext"] for c in inspector.get_check_constraints(table.name)}
            for check in table.constraints:
                if not isinstance(check, sa.CheckConstraint) or check._type_bound:
                    continue  # of an enum: its members are looked for below, whatever its name
                name = str(
                    check.name
                    if str(check.name).startswith("ck_")
                    else f"ck_{table.name}_{check.name}"
                )
                if name not in there:
                    missing.append(name)
            for column in table.columns:
                if isinstance(column.type, sa.Enum):
                    text = " ".join(there.values())
                    missing += [
                        f"{table.name}.{column.name}: {value}"
                        for value in column.type.enums
                        if f"'{value}'" not in text
                    ]
    assert missing == []
