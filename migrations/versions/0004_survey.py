"""Make the tables of the survey: tablets, deliveries, answers, visits.

What arrived and what was answered stand in two tables that share no column but the facility, so
that nobody can tell from them which answer came when. Each table has the policy of its facility.
A function stores a batch whole, so that a tablet's call costs one question (ADR 0013).
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
_LIST = ", ".join(SCORES)

# The rights are the caller's, so the policies hold for each row. A revoked tablet gets no answer
# and stores nothing. Answers are stored in the order of their own random keys, not as they came.
# What is known already is looked up by a later statement, which sees what others just committed.
STORE = f"""
CREATE FUNCTION survey_store(
  p_scope text, p_actor_id integer, p_actor_name text, p_action text, p_at timestamptz, p_sent jsonb
) RETURNS jsonb LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
  v_device integer := p_sent ->> 'device';
  v_facility integer := p_sent ->> 'facility';
  v_counts jsonb := p_sent -> 'counts';
  v_number integer := jsonb_array_length(p_sent -> 'sheets');
  v_in_use boolean;
  v_new uuid[];
  v_said jsonb;
BEGIN
  PERFORM set_config('portal.facilities', p_scope, true);

  WITH seen AS (
    UPDATE survey_device
      SET last_seen_at = p_at, last_seq = greatest(last_seq, (p_sent ->> 'seq')::integer)
      WHERE id = v_device AND revoked_at IS NULL
      RETURNING id
  ), sent AS (
    SELECT * FROM jsonb_to_recordset(p_sent -> 'sheets') AS sent (
      uuid uuid, hash text, device_id integer, seq integer, status text, first boolean,
      id uuid, day date, half_day text, lane text, entry text, assisted boolean, service text,
      form_version integer, lang text, {" smallint, ".join(SCORES)} smallint,
      age_band text, sex text, duration_s smallint, flags text[])
    WHERE first AND EXISTS (SELECT FROM seen)
  ), new AS (
    INSERT INTO survey_delivery (uuid, hash, device_id, seq, status, facility_id)
      SELECT uuid, hash, device_id, seq, status, v_facility FROM sent ORDER BY uuid
      ON CONFLICT (uuid) DO NOTHING
      RETURNING uuid
  ), kept AS (
    INSERT INTO survey_response (
        id, facility_id, place, day, half_day, lane, entry, assisted, service, form_version, lang,
        {_LIST}, age_band, sex, duration_s, flags)
      SELECT
        id, v_facility, p_sent ->> 'place', day, half_day, lane, entry, assisted, service,
        form_version, lang, {_LIST}, age_band, sex, duration_s, flags
      FROM sent JOIN new USING (uuid) ORDER BY id
  )
  SELECT EXISTS (SELECT FROM seen), array(SELECT uuid FROM new) INTO v_in_use, v_new;
  IF NOT v_in_use THEN
    RETURN NULL;
  END IF;

  IF cardinality(v_new) = v_number THEN
    v_said := to_jsonb(array_fill('stored'::text, ARRAY[v_number]));
    IF v_number > 0 THEN
      v_counts := v_counts || jsonb_build_object('stored', v_number);
    END IF;
  ELSE
    SELECT jsonb_agg(CASE
        WHEN (item ->> 'first')::boolean AND (item ->> 'uuid')::uuid = ANY (v_new) THEN 'stored'
        WHEN known.hash = item ->> 'hash' THEN 'duplicate'
        ELSE 'conflict' END ORDER BY place)
      INTO v_said
      FROM jsonb_array_elements(p_sent -> 'sheets') WITH ORDINALITY AS sheet (item, place)
      LEFT JOIN survey_delivery AS known ON known.uuid = (item ->> 'uuid')::uuid;
    INSERT INTO survey_review (facility_id, uuid, hash, device_id, seq, day, scores)
      SELECT v_facility, (item ->> 'uuid')::uuid, item ->> 'hash', (item ->> 'device_id')::integer,
        (item ->> 'seq')::integer, (item ->> 'day')::date,
        jsonb_build_object({", ".join(f"'{code}', item -> '{code}'" for code in SCORES)})
      FROM jsonb_array_elements(p_sent -> 'sheets') WITH ORDINALITY AS sheet (item, place)
      WHERE v_said ->> (place - 1)::integer = 'conflict'
      ON CONFLICT DO NOTHING;
    SELECT v_counts || jsonb_object_agg(said, number) INTO v_counts
      FROM (SELECT said, count(*) AS number FROM jsonb_array_elements_text(v_said) AS said
        GROUP BY said) AS counted;
  END IF;

  INSERT INTO kernel_audit_entry (
      chain, facility_id, at, actor_id, actor_name, action, subject_type, subject_id, detail)
    VALUES (
      'device:' || v_device, v_facility, p_at, p_actor_id, p_actor_name, p_action,
      'survey_device', '', v_counts || jsonb_build_object('device', v_device));
  RETURN v_said;
END $$
"""


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
    op.execute(STORE)


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
    op.execute("DROP FUNCTION survey_store(text, integer, text, text, timestamptz, jsonb)")
    for table in TABLES:
        op.drop_table(table)
