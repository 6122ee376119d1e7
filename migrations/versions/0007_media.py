"""Make the tables of `portal.media`.

The words of a revision, the ledger and the log are kept as they were written: triggers refuse
every change of them, whoever asks.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_media"
down_revision = "0006_remissions"
branch_labels = None
depends_on = None

TABLES = ("media_move", "media_correction", "media_revision", "media_item")
KINDS = ("release", "activity", "incident", "remission", "statement", "holding")
STATES = ("draft", "submitted", "returned", "approved", "withdrawn", "discarded")
MOVES = ("save", "submit", "return", "approve", "take_back", "withdraw", "discard")
REASONS = (
    "sara",
    "decency",
    "child_future",
    "trauma",
    "dewan_pers",
    "personal_data",
    "published_in_error",
    "source_withdrew_number",
)
NOTICED_BY = ("journalist", "public", "staff", "gate", "source")

SEEN = """
CASE current_setting('portal.facilities', true)
  WHEN 'everywhere' THEN true
  ELSE facility_id = ANY (string_to_array(current_setting('portal.facilities', true), ',')::int[])
END
"""

KEEP_WORDS = """
CREATE FUNCTION media_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (NEW.facility_id, NEW.item_id, NEW.number, NEW.title, NEW.summary,
      NEW.body, NEW.body_html, NEW.place, NEW.visible_from, NEW.author_id, NEW.created_at)
    IS DISTINCT FROM (OLD.facility_id, OLD.item_id, OLD.number, OLD.title, OLD.summary,
      OLD.body, OLD.body_html, OLD.place, OLD.visible_from, OLD.author_id, OLD.created_at)
  THEN
    RAISE EXCEPTION 'the words of a revision are not changed: write a new one'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
"""

KEEP_ROWS = """
CREATE FUNCTION media_keep_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log and the ledger are only added to'
    USING ERRCODE = 'insufficient_privilege';
END $$
"""


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def one_of(name: str, values: tuple[str, ...], check: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{name} IN ({listed})", name=check)


def facility() -> sa.Column:
    return sa.Column(
        "facility_id", sa.Integer, sa.ForeignKey("kernel_facility.id"), nullable=False, index=True
    )


def upgrade() -> None:
    """Make items, revisions, ledger and log, with their policies and triggers."""
    op.create_table(
        "media_item",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.String(90), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        instant("created_at"),
        facility(),
        sa.UniqueConstraint("facility_id", "slug", name="uq_media_item_facility_id_slug"),
        one_of("kind", KINDS, "kind"),
        one_of("language", ("id", "en"), "language"),
    )
    op.create_table(
        "media_revision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "item_id", sa.Integer, sa.ForeignKey("media_item.id"), nullable=False, index=True
        ),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("summary", sa.String(500), nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("body_html", sa.String, nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        instant("visible_from", nullable=True),
        sa.Column("author_id", sa.Integer, nullable=False),
        sa.Column("author_name", sa.String(120), nullable=False),
        instant("created_at"),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("seal", sa.String(64)),
        sa.Column("approved_by", sa.Integer),
        instant("approved_at", nullable=True),
        instant("visible_at", nullable=True),
        instant("withdrawn_at", nullable=True),
        sa.Column("withdrawn_for", sa.String(40)),
        facility(),
        sa.UniqueConstraint("item_id", "number", name="uq_media_revision_item_id_number"),
        one_of("state", STATES, "state"),
        one_of("withdrawn_for", REASONS, "reason"),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'withdrawn') OR (approved_by IS NOT NULL"
            " AND approved_at IS NOT NULL AND visible_at IS NOT NULL AND seal IS NOT NULL)",
            name="approved_by_somebody",
        ),
        sa.CheckConstraint("approved_by <> author_id", name="four_eyes"),
        sa.CheckConstraint("visible_at >= approved_at", name="visible_after_approval"),
        sa.CheckConstraint(
            "state <> 'withdrawn' OR (withdrawn_at IS NOT NULL AND withdrawn_for IS NOT NULL)",
            name="withdrawn_for_a_reason",
        ),
    )
    op.create_index(
        "ix_media_revision_public", "media_revision", ["facility_id", "state", "visible_at"]
    )
    op.create_table(
        "media_correction",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "revision_id",
            sa.Integer,
            sa.ForeignKey("media_revision.id"),
            nullable=False,
            unique=True,
        ),
        sa.Column(
            "replaces_id",
            sa.Integer,
            sa.ForeignKey("media_revision.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("wrong", sa.String(500), nullable=False),
        sa.Column("right", sa.String(500), nullable=False),
        sa.Column("noticed_by", sa.String(40), nullable=False),
        instant("noticed_at"),
        facility(),
        one_of("noticed_by", NOTICED_BY, "noticedby"),
    )
    op.create_table(
        "media_move",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "item_id", sa.Integer, sa.ForeignKey("media_item.id"), nullable=False, index=True
        ),
        sa.Column(
            "revision_id",
            sa.Integer,
            sa.ForeignKey("media_revision.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("move", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        instant("at"),
        sa.Column("actor_id", sa.Integer),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        facility(),
        one_of("move", MOVES, "move"),
        one_of("state", STATES, "state"),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY facility ON {table} USING ({SEEN})")
    op.execute(KEEP_WORDS)
    op.execute(KEEP_ROWS)
    op.execute(
        "CREATE TRIGGER keep_words BEFORE UPDATE OR DELETE ON media_revision"
        " FOR EACH ROW EXECUTE FUNCTION media_keep_words()"
    )
    for table in ("media_correction", "media_move"):
        op.execute(
            f"CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION media_keep_rows()"
        )


def downgrade() -> None:
    """Take everything away again."""
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION media_keep_words()")
    op.execute("DROP FUNCTION media_keep_rows()")
