"""The walls between facilities: the session's, and the database's own."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from portal.kernel.db import db
from portal.kernel.facility import Facility, UnscopedQuery, everywhere, within
from portal.register.models import Block
from tests.factories import make_block


def test_a_query_outside_any_scope_raises(world: None) -> None:
    with pytest.raises(UnscopedQuery):
        db.session.scalars(sa.select(Block)).all()


def test_inside_a_scope_only_its_rows_are_found(prison: Facility, other_prison: Facility) -> None:
    make_block(prison, "A")
    hidden = make_block(other_prison, "CANARY")[0].block_id
    prison_id = prison.id

    with within({prison_id}):
        assert [block.code for block in db.session.scalars(sa.select(Block))] == ["A"]
        assert db.session.get(Block, hidden) is None


def test_a_bulk_update_stays_inside_its_scope(prison: Facility, other_prison: Facility) -> None:
    make_block(prison, "A")
    make_block(other_prison, "CANARY")
    prison_id = prison.id

    with within({prison_id}):
        db.session.execute(sa.update(Block).values(name="changed"))
        db.session.commit()

    with everywhere():
        names = {
            row.code: row.name for row in db.session.execute(sa.select(Block.code, Block.name))
        }
    assert names == {"A": "changed", "CANARY": "Blok CANARY"}


def test_a_new_row_of_another_facility_is_refused(prison: Facility, other_prison: Facility) -> None:
    prison_id, other_id = prison.id, other_prison.id

    with within({prison_id}), pytest.raises(UnscopedQuery):
        make_block(Facility(id=other_id), "X")


def test_raw_sql_sees_its_own_facility_alone(prison: Facility, other_prison: Facility) -> None:
    make_block(prison, "A")
    make_block(other_prison, "CANARY")
    prison_id = prison.id

    with within({prison_id}):
        raw = sa.text("SELECT code FROM register_block")
        assert [code for (code,) in db.session.connection().execute(raw)] == ["A"]


def test_raw_sql_cannot_write_into_another_facility(
    prison: Facility, other_prison: Facility
) -> None:
    prison_id, other_id = prison.id, other_prison.id

    raw = sa.text("INSERT INTO register_block (code, name, facility_id) VALUES ('X', 'X', :f)")
    with within({prison_id}), pytest.raises(ProgrammingError, match="row-level security"):
        db.session.connection().execute(raw, {"f": other_id})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kernel_audit_entry SET action = 'x'",
        "DELETE FROM kernel_audit_entry",
        "INSERT INTO kernel_audit_head VALUES ('x', 1, '')",
        "UPDATE kernel_audit_head SET number = 0",
        "ALTER TABLE register_block ADD COLUMN x int",
        "DROP TABLE register_block",
        "ALTER TABLE register_block DISABLE ROW LEVEL SECURITY",
    ],
)
def test_the_portals_role_changes_neither_the_trail_nor_a_table(
    scope: None, statement: str
) -> None:
    with pytest.raises(ProgrammingError):
        db.session.connection().execute(sa.text(statement))
