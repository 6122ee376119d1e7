"""Make the tables of imports, sentences and projections.

Facts lie apart from what was computed of them, so that a changed rule touches no fact. Days of a
person are indexed by facility, kind and day: lists of the next ninety days are one range of it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006_remissions"
down_revision = "0005_blocktour"
branch_labels = None
depends_on = None

SEEN = """
CASE current_setting('portal.facilities', true)
  WHEN 'everywhere' THEN true
  ELSE facility_id = ANY (string_to_array(current_setting('portal.facilities', true), ',')::int[])
END
"""
TABLES = (
    "remissions_milestone",
    "remissions_projection",
    "remissions_sentence",
    "remissions_import",
)


def _facility() -> sa.Column:
    return sa.Column(
        "facility_id", sa.Integer, sa.ForeignKey("kernel_facility.id"), nullable=False, index=True
    )


def _inmate() -> sa.Column:
    return sa.Column(
        "inmate_id",
        sa.Integer,
        sa.ForeignKey("register_inmate.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=False)


def upgrade() -> None:
    """Make the tables and their facility policies."""
    op.create_table(
        "remissions_import",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False, index=True),
        sa.Column("storage_key", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.Column("applied_by", sa.Integer),
        *map(_number, ("persons", "errors", "added", "changed", "unchanged")),
        *map(_number, ("comparable", "different")),
        sa.Column("problems", JSONB, nullable=False),
        sa.Column("columns", JSONB, nullable=False),
        _facility(),
        sa.CheckConstraint("state IN ('dry_run', 'applied', 'refused')", name="importstate"),
        sa.CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied_when"),
    )
    op.create_table(
        "remissions_sentence",
        _inmate(),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("remissions_import.id"), index=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("years", sa.Integer),
        sa.Column("months", sa.Integer),
        sa.Column("days", sa.Integer),
        sa.Column("start_date", sa.Date),
        sa.Column("verdict_number", sa.String(120), nullable=False),
        sa.Column("verdict_date", sa.Date),
        sa.Column("offence", sa.String(120), nullable=False),
        sa.Column("article", sa.String(120), nullable=False),
        sa.Column("recidivist", sa.Boolean),
        _number("credit_days"),
        _number("days_outside"),
        sa.Column("remission_days", sa.Integer),
        sa.Column("last_remission_days", sa.Integer),
        sa.Column("substitute_months", sa.Integer),
        _number("substitute_days"),
        sa.Column("substitute_paid", sa.Boolean),
        sa.Column("fine", sa.BigInteger),
        sa.Column("category", sa.String(40)),
        sa.Column("register_expiry", sa.Date),
        sa.Column("register_one_third", sa.Date),
        sa.Column("register_half", sa.Date),
        sa.Column("register_two_thirds", sa.Date),
        _facility(),
        sa.CheckConstraint(
            "years >= 0 AND months >= 0 AND days >= 0 AND credit_days >= 0"
            " AND days_outside >= 0 AND remission_days >= 0",
            name="nothing_negative",
        ),
        sa.CheckConstraint("category IN ('normal', 'pp28', 'pp99')", name="category"),
    )
    op.create_table(
        "remissions_projection",
        _inmate(),
        sa.Column("input_hash", sa.LargeBinary, nullable=False),
        sa.Column("ruleset_id", sa.String(80), nullable=False),
        sa.Column("engine_version", sa.String(20), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quality", sa.String(40), nullable=False),
        sa.Column("missing", sa.String(200), nullable=False),
        sa.Column("findings", sa.String(400), nullable=False),
        sa.Column("assumed", sa.Boolean, nullable=False),
        sa.Column("different", sa.Boolean, nullable=False),
        _facility(),
        sa.CheckConstraint("quality IN ('computed', 'interval', 'unknown')", name="quality"),
    )
    op.create_table(
        "remissions_milestone",
        _inmate(),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("due", sa.Date),
        sa.Column("due_lo", sa.Date),
        sa.Column("due_hi", sa.Date),
        sa.Column("days", sa.Integer),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("certainty", sa.String(40), nullable=False),
        sa.Column("assumes", sa.String(200), nullable=False),
        _facility(),
        sa.CheckConstraint("due_lo <= due_hi", name="interval_in_order"),
        sa.CheckConstraint("num_nonnulls(due, due_lo, days) = 1", name="one_answer"),
        sa.CheckConstraint("source IN ('computed', 'overridden', 'imported')", name="source"),
        sa.CheckConstraint(
            "certainty IN ('text', 'secondary', 'practice', 'assumption')", name="certainty"
        ),
    )
    op.create_index(
        "ix_remissions_milestone_due", "remissions_milestone", ["facility_id", "kind", "due"]
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY facility ON {table} USING ({SEEN})")


def downgrade() -> None:
    """Take them away again."""
    for table in TABLES:
        op.drop_table(table)
