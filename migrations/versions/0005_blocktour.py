"""Make the tables of `portal.blocktour`.

One room, one migration: tours and stops, cases with their moves, answers and deliveries, and who
is kept from which case. Triggers hold what nobody may do: change the words first told, restart the
age, change an answer once decided, take a case, a move or an exclusion away.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_blocktour"
down_revision = "0004_survey"
branch_labels = None
depends_on = None

TABLES = (
    "blocktour_delivery",
    "blocktour_answer",
    "blocktour_excluded",
    "blocktour_event",
    "blocktour_case",
    "blocktour_stop",
    "blocktour_tour",
)
KEEPERS = {
    "blocktour_case": "blocktour_case_keep",
    "blocktour_answer": "blocktour_answer_keep",
    "blocktour_event": "blocktour_added_keep",
    "blocktour_excluded": "blocktour_added_keep",
    "blocktour_delivery": "blocktour_added_keep",
}
CASE_STATES = (
    "captured",
    "received",
    "triaged",
    "in_progress",
    "awaiting_info",
    "referred_out",
    "refusal_proposed",
    "answer_drafted",
    "decided",
    "delivered",
    "reopened",
    "handed_over",
    "withdrawn",
    "closed",
    "closed_undelivered",
)
REPLIES = ("yes", "no", "not_asked")

SEEN = """
CASE current_setting('portal.facilities', true)
  WHEN 'everywhere' THEN true
  ELSE facility_id = ANY (string_to_array(current_setting('portal.facilities', true), ',')::int[])
END
"""

# What was told first stays. One change is allowed, once: a case that moves to the sealed lane takes
# its words along into the envelope.
KEEP_CASE = """
CREATE FUNCTION blocktour_case_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a case is not deleted' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF (NEW.uuid, NEW.number, NEW.facility_id, NEW.recorder_id, NEW.first_told_at, NEW.first_told_on,
      NEW.received_at, NEW.hurt, NEW.safe, NEW.category_version)
     IS DISTINCT FROM
     (OLD.uuid, OLD.number, OLD.facility_id, OLD.recorder_id, OLD.first_told_at, OLD.first_told_on,
      OLD.received_at, OLD.hurt, OLD.safe, OLD.category_version) THEN
    RAISE EXCEPTION 'what was told first is not changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.lane = 'sealed' AND NEW.lane <> 'sealed' THEN
    RAISE EXCEPTION 'a sealed case is not opened' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF (NEW.words IS DISTINCT FROM OLD.words OR NEW.envelope IS DISTINCT FROM OLD.envelope)
     AND NOT (OLD.lane = 'ordinary' AND NEW.lane = 'sealed') THEN
    RAISE EXCEPTION 'the words first told are not changed'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
"""
KEEP_ANSWER = """
CREATE FUNCTION blocktour_answer_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.decided_at IS NOT NULL THEN
    RAISE EXCEPTION 'an answer once decided is not changed'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
"""
KEEP_ADDED = """
CREATE FUNCTION blocktour_added_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what happened to a case is only added to'
    USING ERRCODE = 'insufficient_privilege';
END $$
"""


def _facility() -> sa.Column:
    return sa.Column(
        "facility_id",
        sa.Integer,
        sa.ForeignKey("kernel_facility.id"),
        nullable=False,
        index=True,
    )


def _id() -> sa.Column:
    return sa.Column("id", sa.Integer, primary_key=True)


def _to(name: str, table: str, *, nullable: bool = False, index: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{table}.id"), nullable=nullable, index=index)


def _text(name: str, length: int | None = None, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length) if length else sa.Text, nullable=nullable)


def _number(name: str, *, nullable: bool = False, index: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=nullable, index=index)


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean, nullable=False)


def _instant(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Date, nullable=nullable)


def _one_of(
    name: str, check: str, values: tuple[str, ...], *, nullable: bool = False
) -> tuple[sa.Column, sa.CheckConstraint]:
    listed = ", ".join(f"'{value}'" for value in values)
    return (
        sa.Column(name, sa.String(40), nullable=nullable),
        sa.CheckConstraint(f"{name} IN ({listed})", name=check),
    )


def _tours() -> None:
    op.create_table(
        "blocktour_tour",
        _id(),
        _to("block_id", "register_block"),
        *_one_of("state", "tourstate", ("planned", "open", "closed", "signed")),
        _number("recorder_id", index=True),
        _text("recorder_name", 120),
        _text("partner_name", 120),
        _day("opened_on"),
        _instant("opened_at", nullable=False),
        _instant("closed_at"),
        _facility(),
        sa.CheckConstraint("closed_at >= opened_at", name="closed_after_opened"),
    )
    op.create_index(
        "ix_blocktour_tour_block_id_opened_on", "blocktour_tour", ["block_id", "opened_on"]
    )
    op.create_table(
        "blocktour_stop",
        _id(),
        _to("tour_id", "blocktour_tour"),
        _to("cell_id", "register_cell", index=True),
        _number("cell_number"),
        _flag("carried"),
        *_one_of(
            "outcome",
            "stopoutcome",
            ("heard", "nil", "asleep", "at_work", "refused", "not_reached"),
            nullable=True,
        ),
        _text("reason", 200),
        _instant("marked_at"),
        _facility(),
        sa.UniqueConstraint("tour_id", "cell_id", name="uq_blocktour_stop_tour_id_cell_id"),
    )


def _cases() -> None:
    op.create_table(
        "blocktour_case",
        _id(),
        sa.Column("uuid", sa.Uuid, nullable=False, unique=True),
        sa.Column("number", sa.String(13), nullable=False, unique=True),
        *_one_of("lane", "lane", ("ordinary", "sealed")),
        *_one_of("state", "casestate", CASE_STATES),
        _number("category_version"),
        _text("category", 30),
        _text("kind", 30, nullable=True),
        _number("clock_version"),
        *_one_of(
            "clock_class",
            "clockclass",
            ("serious", "basic_needs", "information", "service", "staff", "field_check"),
        ),
        _flag("urgent"),
        *_one_of("hurt", "hurt", REPLIES),
        *_one_of("safe", "safe", REPLIES),
        _text("triggers", 200),
        _to("cell_id", "register_cell", nullable=True, index=True),
        _to("inmate_id", "register_inmate", nullable=True, index=True),
        _text("told_name", 120),
        _to("tour_id", "blocktour_tour", nullable=True, index=True),
        _text("words"),
        sa.Column("envelope", sa.LargeBinary),
        _day("first_told_on"),
        _instant("first_told_at", nullable=False),
        _instant("received_at", nullable=False),
        _number("recorder_id", nullable=True, index=True),
        _number("handler_id", nullable=True),
        _number("level"),
        _instant("first_answer_due"),
        _instant("decision_due"),
        _instant("delivery_due"),
        _instant("first_answered_at"),
        _instant("decided_at"),
        _day("delivered_on", nullable=True),
        _instant("closed_at"),
        _facility(),
        sa.CheckConstraint(
            "CASE lane WHEN 'sealed' THEN envelope IS NOT NULL AND cell_id IS NULL"
            " AND inmate_id IS NULL AND tour_id IS NULL AND told_name = '' AND words = ''"
            " ELSE envelope IS NULL AND cell_id IS NOT NULL END",
            name="sealed_shut",
        ),
        sa.CheckConstraint("received_at >= first_told_at", name="received_after_told"),
    )
    op.create_index(
        "ix_blocktour_case_list",
        "blocktour_case",
        ["facility_id", "state", "first_told_on", "number"],
    )
    op.create_table(
        "blocktour_event",
        _id(),
        _to("case_id", "blocktour_case"),
        *_one_of(
            "step",
            "step",
            (
                "receive",
                "triage",
                "start",
                "ask",
                "resume",
                "refer",
                "draft",
                "propose_refusal",
                "agree",
                "disagree",
                "decide",
                "return",
                "deliver",
                "hand_over",
                "give_up",
                "close",
                "reopen",
                "withdraw",
            ),
        ),
        *_one_of("old", "old", CASE_STATES),
        *_one_of("new", "new", CASE_STATES),
        _instant("at", nullable=False),
        _number("actor_id", nullable=True),
        _text("actor_name", 120),
        _text("role", 40),
        _text("reason"),
        _facility(),
    )
    op.create_index("ix_blocktour_event_case_id_id", "blocktour_event", ["case_id", "id"])
    op.create_table(
        "blocktour_excluded",
        _id(),
        _to("case_id", "blocktour_case"),
        _number("person_id", index=True),
        *_one_of(
            "ground",
            "ground",
            (
                "named",
                "post",
                "recorder",
                "line",
                "squad",
                "relation",
                "head_named",
                "took_part",
                "implicated",
                "named_before",
                "asked_out",
                "stepped_aside",
            ),
        ),
        _instant("since", nullable=False),
        _number("by_id", nullable=True),
        _facility(),
        sa.UniqueConstraint(
            "case_id", "person_id", "ground", name="uq_blocktour_excluded_case_id_person_id_ground"
        ),
    )


def _answers() -> None:
    op.create_table(
        "blocktour_answer",
        _id(),
        _to("case_id", "blocktour_case"),
        *_one_of("ruling", "ruling", ("granted", "partly", "not_possible", "not_ours", "refused")),
        _text("sentence"),
        _text("article", 300),
        _text("would_change", 500),
        _text("next_door", 300),
        *_one_of(
            "reason", "refusalreason", ("wrong_door", "already_open", "abusive"), nullable=True
        ),
        _number("drafted_by", nullable=True),
        _instant("drafted_at", nullable=False),
        _number("decided_by", nullable=True),
        _instant("decided_at"),
        _facility(),
        sa.CheckConstraint("decided_by <> drafted_by", name="two_people"),
        sa.CheckConstraint(
            "(ruling = 'refused') = (reason IS NOT NULL)", name="refused_with_reason"
        ),
    )
    op.create_index("ix_blocktour_answer_case_id_id", "blocktour_answer", ["case_id", "id"])
    op.create_table(
        "blocktour_delivery",
        _id(),
        _to("case_id", "blocktour_case"),
        _to("answer_id", "blocktour_answer", index=True),
        _day("on_day"),
        _instant("at", nullable=False),
        *_one_of(
            "outcome",
            "attemptoutcome",
            (
                "reached",
                "asleep",
                "at_work",
                "court",
                "hospital",
                "would_not_listen",
                "moved_cell",
                "moved_unit",
                "released",
            ),
        ),
        *_one_of("understood", "understood", ("yes", "partly", "no"), nullable=True),
        *_one_of(
            "mark", "mark", ("thumb", "signature", "spoken", "refused_to_sign"), nullable=True
        ),
        _text("witness", 120),
        *_one_of("satisfaction", "face", ("content", "so_so", "not_content"), nullable=True),
        _number("by_id", nullable=True),
        _text("by_name", 120),
        _facility(),
    )
    op.create_index("ix_blocktour_delivery_case_id_id", "blocktour_delivery", ["case_id", "id"])


def upgrade() -> None:
    """Make the tables, their policies, and the triggers that keep what was said and done."""
    _tours()
    _cases()
    _answers()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY facility ON {table} USING ({SEEN})")
    op.execute(KEEP_CASE)
    op.execute(KEEP_ANSWER)
    op.execute(KEEP_ADDED)
    for table, keeper in KEEPERS.items():
        op.execute(
            f"CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {keeper}()"
        )


def downgrade() -> None:
    """Take them away again."""
    for table in TABLES:
        op.drop_table(table)
    for keeper in sorted(set(KEEPERS.values())):
        op.execute(f"DROP FUNCTION {keeper}()")
