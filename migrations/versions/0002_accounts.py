"""Make the tables of `portal.accounts`.

People, what they hold and what they sign in with. None of them belongs to one facility, so none has
a row-level policy: they decide which facilities a person sees at all.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002_accounts"
down_revision = "0001_start"
branch_labels = None
depends_on = None

ROLES = (
    "prison_head",
    "block_officer",
    "tour_coordinator",
    "complaints_custodian",
    "case_worker",
    "registrar",
    "board_member",
    "press_editor",
    "survey_officer",
    "media_partner",
    "regional_viewer",
    "data_protection_officer",
    "administrator",
    "kiosk",
)
MOMENT = sa.DateTime(timezone=True)


def _person(name: str = "person_id", *, nullable: bool = False, **options: bool) -> sa.Column[int]:
    return sa.Column(
        name, sa.Integer, sa.ForeignKey("accounts_person.id"), nullable=nullable, **options
    )


def upgrade() -> None:
    op.create_table(
        "accounts_person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("login", sa.String(80), nullable=False, unique=True),
        sa.Column("display_name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), server_default="", nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("handle", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("totp_sealed", sa.LargeBinary),
        sa.Column("totp_step", sa.Integer),
        sa.Column("failures", sa.Integer, server_default="0", nullable=False),
        sa.Column("wait_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
    )
    op.create_table(
        "accounts_role",
        sa.Column("id", sa.Integer, primary_key=True),
        _person(index=True),
        sa.Column(
            "role",
            sa.Enum(*ROLES, name="role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("facility_id", sa.Integer, sa.ForeignKey("kernel_facility.id"), index=True),
        sa.Column("region_id", sa.Integer, sa.ForeignKey("kernel_region.id"), index=True),
        _person("given_by", nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.CheckConstraint("(facility_id IS NULL) <> (region_id IS NULL)", name="one_place"),
        sa.CheckConstraint("role <> 'kiosk'", name="a_kiosk_is_a_device"),
        sa.CheckConstraint("until >= since", name="until_after_since"),
    )
    for place in ("facility", "region"):
        op.create_index(
            f"uq_accounts_role_{place}",
            "accounts_role",
            ["person_id", "role", f"{place}_id"],
            unique=True,
            postgresql_where=sa.column("until").is_(None),
        )
    op.create_table(
        "accounts_session",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
        _person(nullable=True, index=True),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("factors", sa.String(40), server_default="", nullable=False),
        sa.Column("device", sa.String(60), server_default="", nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False, index=True),
        sa.Column("idle_seconds", sa.Integer, nullable=False),
        sa.Column("absolute_seconds", sa.Integer, nullable=False),
    )
    op.create_table(
        "accounts_known_device",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        _person(primary_key=True, index=True),
        sa.Column("failures", sa.Integer, server_default="0", nullable=False),
        sa.Column("wait_until", MOMENT),
        sa.Column("seen_at", MOMENT, nullable=False, index=True),
    )
    op.create_table(
        "accounts_recovery_code",
        _person(primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("code_hash", sa.String(200), nullable=False),
        sa.Column("used_at", MOMENT),
    )
    op.create_table(
        "accounts_passkey",
        sa.Column("id", sa.Integer, primary_key=True),
        _person(index=True),
        sa.Column("credential_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
    )
    op.create_table(
        "accounts_invitation",
        sa.Column("id", sa.Integer, primary_key=True),
        _person(index=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        _person("made_by", nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
    )
    op.create_table(
        "accounts_factor_reset",
        sa.Column("id", sa.Integer, primary_key=True),
        _person(index=True),
        _person("asked_by"),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        _person("confirmed_by", nullable=True),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("confirmed_by <> asked_by", name="two_people"),
        sa.CheckConstraint("person_id <> asked_by", name="not_for_oneself"),
        sa.CheckConstraint("person_id <> confirmed_by", name="not_by_oneself"),
    )
    op.create_index(
        "uq_accounts_factor_reset_open",
        "accounts_factor_reset",
        ["person_id"],
        unique=True,
        postgresql_where=sa.column("ended_at").is_(None),
    )


def downgrade() -> None:
    for table in (
        "accounts_factor_reset",
        "accounts_invitation",
        "accounts_passkey",
        "accounts_recovery_code",
        "accounts_known_device",
        "accounts_session",
        "accounts_role",
        "accounts_person",
    ):
        op.drop_table(table)
