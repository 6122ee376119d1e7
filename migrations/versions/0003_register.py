"""Make the tables of places, persons in custody, services, holidays and facts.

What every room may read and none owns lies in one place, below the rooms.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_register"
down_revision = "0002_accounts"
branch_labels = None
depends_on = None

SEEN = """
CASE current_setting('portal.facilities', true)
  WHEN 'everywhere' THEN true
  ELSE facility_id = ANY (string_to_array(current_setting('portal.facilities', true), ',')::int[])
END
"""
TABLES = (
    "register_fact",
    "register_holiday",
    "register_service",
    "register_stay",
    "register_inmate",
    "register_cell",
    "register_block",
)


def _facility() -> sa.Column:
    return sa.Column(
        "facility_id",
        sa.Integer,
        sa.ForeignKey("kernel_facility.id"),
        nullable=False,
        index=True,
    )


def upgrade() -> None:
    """Make the tables and their facility policies."""
    op.create_table(
        "register_block",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        _facility(),
        sa.UniqueConstraint("facility_id", "code", name="uq_register_block_facility_id_code"),
    )
    op.create_table(
        "register_cell",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "block_id", sa.Integer, sa.ForeignKey("register_block.id"), nullable=False, index=True
        ),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        _facility(),
        sa.UniqueConstraint("block_id", "number", name="uq_register_cell_block_id_number"),
        sa.CheckConstraint("capacity >= 0", name="capacity_not_negative"),
    )
    op.create_table(
        "register_inmate",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("inmate_number", sa.String(50), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("alias", sa.String(120), nullable=False),
        sa.Column("sex", sa.String(40), nullable=False),
        sa.Column("birth_date", sa.Date),
        sa.Column("religion_first_recorded", sa.String(30), nullable=False),
        sa.Column("nationality", sa.String(2), nullable=False),
        sa.Column("custody", sa.String(40), nullable=False),
        sa.Column("register_class", sa.String(50), nullable=False),
        sa.Column("admitted_on", sa.Date),
        sa.Column("left_on", sa.Date),
        _facility(),
        sa.UniqueConstraint(
            "facility_id", "inmate_number", name="uq_register_inmate_facility_id_inmate_number"
        ),
        sa.CheckConstraint("left_on >= admitted_on", name="left_after_admitted"),
        sa.CheckConstraint("sex IN ('male', 'female')", name="sex"),
        sa.CheckConstraint("custody IN ('detainee', 'sentenced')", name="custody"),
    )
    op.create_index(
        "ix_register_inmate_present", "register_inmate", ["facility_id", "admitted_on", "left_on"]
    )
    op.create_table(
        "register_stay",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "inmate_id", sa.Integer, sa.ForeignKey("register_inmate.id"), nullable=False, index=True
        ),
        sa.Column(
            "cell_id", sa.Integer, sa.ForeignKey("register_cell.id"), nullable=False, index=True
        ),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
        _facility(),
        sa.CheckConstraint("until > since", name="until_after_since"),
    )
    op.create_index(
        "uq_register_stay_open",
        "register_stay",
        ["inmate_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "register_service",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("free", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        _facility(),
        sa.UniqueConstraint("facility_id", "code", name="uq_register_service_facility_id_code"),
    )
    op.create_table(
        "register_holiday",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("day", sa.Date, nullable=False, index=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("source", sa.String(120), nullable=False),
        sa.Column("estimated", sa.Boolean, nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        _facility(),
        sa.UniqueConstraint(
            "facility_id", "day", "name", name="uq_register_holiday_facility_id_day_name"
        ),
    )
    op.create_table(
        "register_fact",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("value", sa.String(400), nullable=False),
        sa.Column("unit", sa.String(30), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("evidence", sa.String(40), nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        _facility(),
        sa.CheckConstraint("evidence IN ('verified', 'secondary', 'unverified')", name="evidence"),
    )
    op.create_index("ix_register_fact_key_as_of", "register_fact", ["facility_id", "key", "as_of"])
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY facility ON {table} USING ({SEEN})")


def downgrade() -> None:
    """Take them away again."""
    for table in TABLES:
        op.drop_table(table)
