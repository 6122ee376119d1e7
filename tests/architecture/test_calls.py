"""A function that is called as a whole unit of work is as good as one."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.kernel.db import db

ROOT = Path(__file__).parent.parent.parent


def _called() -> Iterator[str]:
    """Yield the functions that the portal hands to ``one_call``."""
    for file in sorted((ROOT / "portal").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "one_call":
                assert isinstance(node.args[2], ast.Constant), f"{file}: name the function in place"
                yield node.args[2].value


@pytest.mark.parametrize("function", sorted(set(_called())))
def test_a_function_called_at_once_enters_the_scope_notes_and_has_no_rights_of_its_own(
    app: Flask, function: str
) -> None:
    wanted = sa.select(sa.column("prosecdef"), sa.column("prosrc")).select_from(sa.table("pg_proc"))

    with app.app_context(), db.engine.connect() as connection:
        ((with_own_rights, body),) = connection.execute(
            wanted.where(sa.column("proname") == function)
        ).all()

    assert not with_own_rights
    assert "set_config('portal.facilities', p_scope, true)" in body
    assert "INSERT INTO kernel_audit_entry" in body
