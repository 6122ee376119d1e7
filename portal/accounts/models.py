"""People who may sign in, what they hold, and what they sign in with.

None of these tables belongs to one facility: a person may work in several, and what a person holds
decides which facilities are seen at all. ``queries.py`` shows an administrator his own people only.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from portal.domain.actor import Role
from portal.kernel.db import Base, internal, personal, secret

PERSON = "accounts_person.id"


class Person(Base):
    """Somebody who may sign in; ended by ``disabled_at``, never deleted."""

    __tablename__ = "accounts_person"

    id: Mapped[int] = internal(primary_key=True)
    login: Mapped[str] = personal(sa.String(80), unique=True)
    display_name: Mapped[str] = personal(sa.String(120))
    email: Mapped[str] = personal(sa.String(254), default="", server_default="")
    password_hash: Mapped[str | None] = secret(sa.String(200))
    handle: Mapped[bytes] = secret(sa.LargeBinary, unique=True)
    totp_sealed: Mapped[bytes | None] = secret(sa.LargeBinary)
    totp_step: Mapped[int | None] = internal()
    failures: Mapped[int] = internal(default=0, server_default="0")
    wait_until: Mapped[datetime | None] = internal()
    created_at: Mapped[datetime] = internal()
    disabled_at: Mapped[datetime | None] = internal()


class RoleHeld(Base):
    """A task a person has, in one facility or in all of a region."""

    __tablename__ = "accounts_role"
    __table_args__ = (
        sa.CheckConstraint("(facility_id IS NULL) <> (region_id IS NULL)", name="one_place"),
        sa.CheckConstraint("role <> 'kiosk'", name="a_kiosk_is_a_device"),
        sa.CheckConstraint("until >= since", name="until_after_since"),
        sa.Index(
            "uq_accounts_role_facility",
            "person_id",
            "role",
            "facility_id",
            unique=True,
            postgresql_where=sa.column("until").is_(None),
        ),
        sa.Index(
            "uq_accounts_role_region",
            "person_id",
            "role",
            "region_id",
            unique=True,
            postgresql_where=sa.column("until").is_(None),
        ),
    )

    id: Mapped[int] = internal(primary_key=True)
    person_id: Mapped[int] = internal(sa.ForeignKey(PERSON), index=True)
    role: Mapped[Role] = internal()
    facility_id: Mapped[int | None] = internal(sa.ForeignKey("kernel_facility.id"), index=True)
    region_id: Mapped[int | None] = internal(sa.ForeignKey("kernel_region.id"), index=True)
    given_by: Mapped[int | None] = internal(sa.ForeignKey(PERSON))
    since: Mapped[datetime] = internal()
    until: Mapped[datetime | None] = internal()


class SessionRow(Base):
    """What is behind one session cookie; without the row the cookie is worth nothing.

    ``number`` names the session to people, ``token_hash`` is the SHA-256 of what the cookie holds.
    """

    __tablename__ = "accounts_session"

    token_hash: Mapped[bytes] = secret(sa.LargeBinary, primary_key=True)
    number: Mapped[int] = internal(sa.BigInteger, sa.Identity(), unique=True)
    person_id: Mapped[int | None] = internal(sa.ForeignKey(PERSON), index=True)
    data: Mapped[dict[str, object]] = secret()
    factors: Mapped[str] = internal(sa.String(40), default="", server_default="")
    device: Mapped[str] = personal(sa.String(60), default="", server_default="")
    started_at: Mapped[datetime] = internal()
    seen_at: Mapped[datetime] = internal(index=True)
    idle_seconds: Mapped[int] = internal()
    absolute_seconds: Mapped[int] = internal()


class KnownDevice(Base):
    """A browser a person has signed in from; its tries are counted apart from the account's."""

    __tablename__ = "accounts_known_device"

    token_hash: Mapped[bytes] = secret(sa.LargeBinary, primary_key=True)
    person_id: Mapped[int] = internal(sa.ForeignKey(PERSON), primary_key=True, index=True)
    failures: Mapped[int] = internal(default=0, server_default="0")
    wait_until: Mapped[datetime | None] = internal()
    seen_at: Mapped[datetime] = internal(index=True)


class RecoveryCode(Base):
    """One of the codes a person keeps on paper; works once."""

    __tablename__ = "accounts_recovery_code"

    person_id: Mapped[int] = internal(sa.ForeignKey(PERSON), primary_key=True)
    number: Mapped[int] = internal(primary_key=True, autoincrement=False)
    code_hash: Mapped[str] = secret(sa.String(200))
    used_at: Mapped[datetime | None] = internal()


class Passkey(Base):
    """A public key of a person's phone, computer or security stick."""

    __tablename__ = "accounts_passkey"

    id: Mapped[int] = internal(primary_key=True)
    person_id: Mapped[int] = internal(sa.ForeignKey(PERSON), index=True)
    credential_id: Mapped[bytes] = secret(sa.LargeBinary, unique=True)
    public_key: Mapped[bytes] = internal(sa.LargeBinary)
    sign_count: Mapped[int] = internal(sa.BigInteger)
    device: Mapped[str] = personal(sa.String(60))
    added_at: Mapped[datetime] = internal()
    used_at: Mapped[datetime | None] = internal()


class Invitation(Base):
    """A link with which a person chooses a password: once, within a day."""

    __tablename__ = "accounts_invitation"

    id: Mapped[int] = internal(primary_key=True)
    person_id: Mapped[int] = internal(sa.ForeignKey(PERSON), index=True)
    token_hash: Mapped[bytes] = secret(sa.LargeBinary, unique=True)
    made_by: Mapped[int | None] = internal(sa.ForeignKey(PERSON))
    made_at: Mapped[datetime] = internal()
    expires_at: Mapped[datetime] = internal()
    ended_at: Mapped[datetime | None] = internal()


class FactorReset(Base):
    """A lost second factor: one administrator asks, another one confirms, face to face."""

    __tablename__ = "accounts_factor_reset"
    __table_args__ = (
        sa.CheckConstraint("confirmed_by <> asked_by", name="two_people"),
        sa.CheckConstraint("person_id <> asked_by", name="not_for_oneself"),
        sa.CheckConstraint("person_id <> confirmed_by", name="not_by_oneself"),
        sa.Index(
            "uq_accounts_factor_reset_open",
            "person_id",
            unique=True,
            postgresql_where=sa.column("ended_at").is_(None),
        ),
    )

    id: Mapped[int] = internal(primary_key=True)
    person_id: Mapped[int] = internal(sa.ForeignKey(PERSON), index=True)
    asked_by: Mapped[int] = internal(sa.ForeignKey(PERSON))
    asked_at: Mapped[datetime] = internal()
    expires_at: Mapped[datetime] = internal()
    confirmed_by: Mapped[int | None] = internal(sa.ForeignKey(PERSON))
    ended_at: Mapped[datetime | None] = internal()
