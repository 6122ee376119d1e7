"""Make the tables of the monthly reports.

A report is one row for each kind, facility and span of time, so that it is built once however
often it is asked for; downloads are kept, since reports are sent on.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008_reports"
down_revision = "0007_media"
branch_labels = None
depends_on = None

SEEN = """
CASE current_setting('portal.facilities', true)
  WHEN 'everywhere' THEN true
  ELSE facility_id = ANY (string_to_array(current_setting('portal.facilities', true), ',')::int[])
END
"""
TABLES = ("reports_download", "reports_report")

# The second wall around what was signed: not even the portal's own code changes it.
KEEP_SIGNED = """
CREATE FUNCTION reports_keep_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'report % is signed and does not change', OLD.id;
END $$;
CREATE TRIGGER reports_keep_signed BEFORE UPDATE OR DELETE ON reports_report
  FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION reports_keep_signed();
"""


def _facility() -> sa.Column:
    return sa.Column(
        "facility_id",
        sa.Integer,
        sa.ForeignKey("kernel_facility.id"),
        nullable=False,
        index=True,
    )


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False)


def upgrade() -> None:
    """Make the tables, their facility policies and the lock on signed rows."""
    op.create_table(
        "reports_report",
        sa.Column("id", sa.Integer, primary_key=True),
        _text("kind", 40),
        _text("period", 10),
        _text("state", 40),
        _instant("asked_at"),
        _instant("lease_until"),
        sa.Column("attempts", sa.Integer, nullable=False),
        _text("step", 120),
        sa.Column("steps_done", sa.Integer, nullable=False),
        sa.Column("steps_total", sa.Integer, nullable=False),
        _text("failure", 20),
        _text("number", 100),
        sa.Column("content", JSONB),
        _text("content_sha256", 64),
        _text("pdf_key", 40),
        _text("pdf_sha256", 64),
        _text("xlsx_key", 40),
        _text("xlsx_sha256", 64),
        _instant("built_at", nullable=True),
        _instant("signed_at", nullable=True),
        sa.Column("signed_by", sa.Integer),
        _facility(),
        sa.UniqueConstraint(
            "kind", "facility_id", "period", name="uq_reports_report_kind_facility_id_period"
        ),
        sa.CheckConstraint("kind IN ('monthly')", name="kind"),
        sa.CheckConstraint("state IN ('scheduled', 'running', 'done', 'failed')", name="state"),
        sa.CheckConstraint(r"period ~ '^\d{4}-\d{2}$'", name="period_shape"),
        sa.CheckConstraint("attempts >= 0 AND steps_done <= steps_total", name="progress"),
        sa.CheckConstraint(
            "state <> 'done' OR (content IS NOT NULL AND built_at IS NOT NULL"
            " AND pdf_key <> '' AND xlsx_key <> '')",
            name="done_has_files",
        ),
        sa.CheckConstraint("signed_at IS NULL OR state = 'done'", name="signed_is_done"),
    )
    op.create_index(
        "ix_reports_report_open",
        "reports_report",
        ["lease_until"],
        postgresql_where=sa.column("state").in_(("scheduled", "running")),
    )
    op.create_table(
        "reports_download",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "report_id",
            sa.Integer,
            sa.ForeignKey("reports_report.id"),
            nullable=False,
            index=True,
        ),
        _text("form", 40),
        sa.Column("actor_id", sa.Integer),
        _instant("at"),
        _facility(),
        sa.CheckConstraint("form IN ('pdf', 'xlsx')", name="form"),
    )
    op.execute(KEEP_SIGNED)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY facility ON {table} USING ({SEEN})")


def downgrade() -> None:
    """Take them away again."""
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION reports_keep_signed()")
