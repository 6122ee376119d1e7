"""Make the tables of the survey: tablets, deliveries, answers, visits.

What arrived and what was answered stand in two tables that share no column but the facility, so
that nobody can tell from them which answer came when. Each table has the policy of its facility.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0004_survey"
down_revision = "0003_register"
branch_labels = None
depends_on = None

TABLES = (
    "survey_visits",
    "survey_review",
    "survey_response",
    "survey_delivery",
    "survey_enrolment",
    "survey_device",
)
SCORES = (
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "sarana",
    "pengaduan",
)
SEEN = """
CASE current_setting('portal.facilities', true)
  WHEN 'everywhere' THEN true
  ELSE facility_id = ANY (string_to_array(current_setting('portal.facilities', true), ',')::int[])
END
"""
INSTANT = sa.DateTime(timezone=True)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _facility() -> sa.Column:
    return sa.Column(
        "facility_id",
        sa.Integer,
        sa.ForeignKey("kernel_facility.id"),
        nullable=False,
        index=True,
    )


def _device() -> sa.Column:
    return sa.Column("device_id", sa.Integer, sa.ForeignKey("survey_device.id"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "survey_device",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("place", sa.String(60), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("enrolled_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.Column("last_seen_at", INSTANT),
        sa.Column("last_seq", sa.Integer, nullable=False),
        _facility(),
    )
    op.create_table(
        "survey_enrolment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("place", sa.String(60), nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        _facility(),
    )
    op.create_table(
        "survey_delivery",
        sa.Column("uuid", sa.Uuid, primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False),
        _device(),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("status", _one_of("deliverystatus", "stored", "late"), nullable=False),
        _facility(),
    )
    op.create_index("ix_survey_delivery_device_seq", "survey_delivery", ["device_id", "seq"])
    _make_response()
    op.create_table(
        "survey_review",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uuid", sa.Uuid, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        _device(),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("scores", JSONB, nullable=False),
        sa.Column("settled_at", INSTANT),
        _facility(),
        sa.UniqueConstraint("uuid", "hash"),
    )
    op.create_index("ix_survey_review_device_id", "survey_review", ["device_id"])
    op.create_table(
        "survey_visits",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("visitors", sa.Integer, nullable=False),
        _facility(),
        sa.UniqueConstraint("facility_id", "day", "service"),
        sa.CheckConstraint("visitors >= 0", name="visitors"),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY facility ON {table} USING ({SEEN})")


def _make_response() -> None:
    ages = _one_of("ageband", "to-25", "26-40", "41-60", "over-60")
    op.create_table(
        "survey_response",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("half_day", _one_of("halfday", "pagi", "siang"), nullable=False),
        sa.Column("lane", _one_of("lane", "skm", "pulse", "integrity"), nullable=False),
        sa.Column("entry", _one_of("entry", "ticket", "open"), nullable=False),
        sa.Column("assisted", sa.Boolean, nullable=False),
        sa.Column("place", sa.String(60), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("form_version", sa.Integer, nullable=False),
        sa.Column("lang", sa.String(3), nullable=False),
        *(sa.Column(code, sa.SmallInteger) for code in SCORES),
        sa.Column("age_band", ages),
        sa.Column("sex", _one_of("sex", "male", "female")),
        sa.Column("duration_s", sa.SmallInteger),
        sa.Column("flags", ARRAY(sa.String(20)), nullable=False),
        _facility(),
        *(sa.CheckConstraint(f"{code} BETWEEN 1 AND 4", name=code) for code in SCORES),
        sa.CheckConstraint("duration_s >= 0", name="duration_s"),
    )
    op.create_index("ix_survey_response_facility_day", "survey_response", ["facility_id", "day"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
