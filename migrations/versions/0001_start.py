"""Make the ground: facilities, the trail, the outbox, keys of submissions and outgoing mail.

The rights of the portal's own role are set here once: it owns nothing, may change rows, and may
only add to the trail. Tables that later migrations make get the same rights by default.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001_start"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "kernel_outgoing_mail",
    "kernel_submission_key",
    "kernel_heartbeat",
    "kernel_job",
    "kernel_audit_head",
    "kernel_audit_entry",
    "kernel_facility",
    "kernel_region",
)

RIGHTS = """
DO $$
DECLARE app text := current_setting('portal.app_role', true);
BEGIN
  IF app IS NULL OR app = current_user THEN RETURN; END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app);
  EXECUTE format('GRANT SELECT ON alembic_version TO %I', app);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public
                  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', app);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public
                  GRANT USAGE, SELECT ON SEQUENCES TO %I', app);
END $$
"""

NO_RIGHTS = """
DO $$
DECLARE app text := current_setting('portal.app_role', true);
BEGIN
  IF app IS NULL OR app = current_user THEN RETURN; END IF;
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public
                  REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM %I', app);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public
                  REVOKE USAGE, SELECT ON SEQUENCES FROM %I', app);
  EXECUTE format('REVOKE SELECT ON alembic_version FROM %I', app);
END $$
"""

TRAIL_RIGHTS = """
DO $$
DECLARE app text := current_setting('portal.app_role', true);
BEGIN
  IF app IS NULL OR app = current_user THEN RETURN; END IF;
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON kernel_audit_entry FROM %I', app);
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON kernel_audit_head FROM %I', app);
END $$
"""

# Runs as the owner: the portal's role can neither write a head nor choose a number or a hash.
# The head's row lock, held to the commit, makes the chain a line; each chain waits for itself only.
CHAIN = """
CREATE FUNCTION kernel_audit_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  head kernel_audit_head;
BEGIN
  INSERT INTO kernel_audit_head (chain, number, digest)
    VALUES (NEW.chain, 0, decode(repeat('00', 32), 'hex'))
    ON CONFLICT (chain) DO UPDATE SET number = kernel_audit_head.number
    RETURNING * INTO head;
  NEW.number := head.number + 1;
  NEW.previous := head.digest;
  NEW.digest := sha256(NEW.previous || convert_to(concat_ws(E'\\x1f',
    NEW.chain, NEW.number::text, coalesce(NEW.facility_id::text, ''),
    ((extract(epoch FROM NEW.at) * 1000000)::bigint)::text, coalesce(NEW.actor_id::text, ''),
    NEW.actor_name, NEW.action, NEW.subject_type, NEW.subject_id, NEW.detail::text), 'UTF8'));
  UPDATE kernel_audit_head SET number = NEW.number, digest = NEW.digest WHERE chain = NEW.chain;
  RETURN NEW;
END $$
"""

KEEP = """
CREATE FUNCTION kernel_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the trail is not changed' USING ERRCODE = 'insufficient_privilege';
END $$
"""

SEEN = """
CASE current_setting('portal.facilities', true)
  WHEN 'everywhere' THEN true
  ELSE facility_id = ANY (string_to_array(current_setting('portal.facilities', true), ',')::int[])
END
"""


def upgrade() -> None:
    """Make tables, rights, the chain of the trail and its policies."""
    op.execute(RIGHTS)
    op.create_table(
        "kernel_region",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(40), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
    )
    op.create_table(
        "kernel_facility",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.String(60), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("short_name", sa.String(60), nullable=False),
        sa.Column("town", sa.String(60), nullable=False),
        sa.Column("time_zone", sa.String(40), nullable=False),
        sa.Column("region_id", sa.Integer, sa.ForeignKey("kernel_region.id"), index=True),
        sa.Column("public", sa.Boolean, nullable=False),
    )
    op.create_table(
        "kernel_audit_head",
        sa.Column("chain", sa.String(80), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "kernel_audit_entry",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True),
        sa.Column("chain", sa.String(80), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("facility_id", sa.Integer, sa.ForeignKey("kernel_facility.id"), index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer, index=True),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("subject_type", sa.String(60), nullable=False),
        sa.Column("subject_id", sa.String(60), nullable=False),
        sa.Column("detail", JSONB, nullable=False),
        sa.Column("previous", sa.LargeBinary, nullable=False, server_default=""),
        sa.Column("digest", sa.LargeBinary, nullable=False, server_default=""),
        sa.UniqueConstraint("chain", "number", name="uq_kernel_audit_entry_chain_number"),
    )
    op.create_index(
        "ix_kernel_audit_entry_subject", "kernel_audit_entry", ["subject_type", "subject_id"]
    )
    op.create_table(
        "kernel_job",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("arguments", JSONB, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "ix_kernel_job_open",
        "kernel_job",
        ["id"],
        postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
    )
    op.create_table(
        "kernel_heartbeat",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "kernel_submission_key",
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("result", sa.String(80)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.create_table(
        "kernel_outgoing_mail",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("facility_id", sa.Integer, sa.ForeignKey("kernel_facility.id"), index=True),
        sa.Column("to", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    )
    op.execute(TRAIL_RIGHTS)
    op.execute(CHAIN)
    op.execute(KEEP)
    op.execute(
        "CREATE TRIGGER chain BEFORE INSERT ON kernel_audit_entry"
        " FOR EACH ROW EXECUTE FUNCTION kernel_audit_chain()"
    )
    op.execute(
        "CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON kernel_audit_entry"
        " FOR EACH ROW EXECUTE FUNCTION kernel_audit_keep()"
    )
    op.execute("ALTER TABLE kernel_audit_entry ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE kernel_audit_entry FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY facility ON kernel_audit_entry FOR SELECT USING ({SEEN})")
    op.execute("CREATE POLICY added ON kernel_audit_entry FOR INSERT WITH CHECK (true)")


def downgrade() -> None:
    """Take everything away again."""
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION kernel_audit_chain()")
    op.execute("DROP FUNCTION kernel_audit_keep()")
    op.execute(NO_RIGHTS)
