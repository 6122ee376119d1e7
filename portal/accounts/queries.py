"""What is known of people: for the gate, for their own pages, for administrators."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from portal.accounts.models import (
    FactorReset,
    Passkey,
    Person,
    RecoveryCode,
    RoleHeld,
    SessionRow,
)
from portal.domain.actor import Role
from portal.domain.errors import NotFound
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, Region


@dataclass(frozen=True, slots=True)
class Held:
    """A task and the facilities it reaches; a region's are spelled out."""

    role: Role
    facilities: frozenset[int]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the gate needs to know of a person who is not disabled."""

    id: int
    login: str
    name: str
    second_factors: tuple[str, ...]
    held: tuple[Held, ...]

    @property
    def roles(self) -> frozenset[Role]:
        """Every task the person has somewhere."""
        return frozenset(held.role for held in self.held)

    @property
    def facilities(self) -> frozenset[int]:
        """Every facility in which the person has a task."""
        return frozenset().union(*(held.facilities for held in self.held))


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of a person's sessions, as shown to people."""

    number: int
    device: str
    factors: tuple[str, ...]
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """One of a person's passkeys, as shown to people."""

    id: int
    device: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A task somebody holds or held, and where."""

    id: int
    role: Role
    place: str
    since: datetime
    until: datetime | None
    facilities: frozenset[int]


@dataclass(frozen=True, slots=True)
class OpenReset:
    """A reset of the second factor that waits for the second administrator."""

    id: int
    asked_by: int
    asked_by_name: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class PersonFile:
    """What an administrator sees of a person."""

    id: int
    login: str
    name: str
    email: str
    second_factors: tuple[str, ...]
    has_password: bool
    disabled_at: datetime | None
    roles: tuple[RoleLine, ...]

    @property
    def open_roles(self) -> tuple[RoleLine, ...]:
        """The tasks held now."""
        return tuple(line for line in self.roles if line.until is None)

    @property
    def facilities(self) -> frozenset[int]:
        """Every facility in which the person has a task now."""
        return frozenset().union(*(line.facilities for line in self.open_roles))


def _second_factors(totp: bool, passkeys: bool) -> tuple[str, ...]:  # noqa: FBT001  two columns
    return ("totp", "recovery") * totp + ("passkey",) * passkeys


_HAS_PASSKEY = sa.exists().where(Passkey.person_id == Person.id)
_PLACE = sa.func.coalesce(Facility.name, Region.name)
_HAS_TOTP = Person.totp_sealed.is_not(None)


def _reached() -> sa.ColumnElement[bool]:
    """Join a task to the facilities it reaches."""
    return sa.or_(Facility.id == RoleHeld.facility_id, Facility.region_id == RoleHeld.region_id)


def standing(person_id: int) -> Standing | None:
    """Return what the gate needs; None if there is no such person, or a disabled one."""
    found = db.session.execute(
        sa.select(Person.id, Person.login, Person.display_name, _HAS_TOTP, _HAS_PASSKEY).where(
            Person.id == person_id, Person.disabled_at.is_(None)
        )
    ).one_or_none()
    if found is None:
        return None
    reached = db.session.execute(
        sa.select(RoleHeld.role, Facility.id)
        .join(Facility, _reached())
        .where(RoleHeld.person_id == person_id, RoleHeld.until.is_(None))
        .order_by(RoleHeld.role, Facility.id)
    )
    by_role: dict[Role, set[int]] = {}
    for role, facility_id in reached:
        by_role.setdefault(role, set()).add(facility_id)
    held = tuple(Held(role, frozenset(ids)) for role, ids in by_role.items())
    number, login, name, totp, passkeys = found
    return Standing(number, login, name, _second_factors(totp, passkeys), held)


def sessions_of(person_id: int) -> tuple[OpenSession, ...]:
    """Return the person's sessions that still live, newest first."""
    now = clock.now()
    age, idle = now - SessionRow.started_at, now - SessionRow.seen_at
    second = sa.func.make_interval(0, 0, 0, 0, 0, 0, sa.literal(1))
    rows = db.session.scalars(
        sa.select(SessionRow)
        .where(
            SessionRow.person_id == person_id,
            age <= second * SessionRow.absolute_seconds,
            idle <= second * SessionRow.idle_seconds,
        )
        .order_by(SessionRow.started_at.desc(), SessionRow.number.desc())
    )
    return tuple(
        OpenSession(row.number, row.device, tuple(row.factors.split()), row.started_at, row.seen_at)
        for row in rows
    )


def passkeys_of(person_id: int) -> tuple[OwnPasskey, ...]:
    """Return the person's passkeys, oldest first."""
    rows = db.session.scalars(
        sa.select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    )
    return tuple(OwnPasskey(row.id, row.device, row.added_at, row.used_at) for row in rows)


def credential_ids(person_id: int) -> tuple[bytes, ...]:
    """Return what browsers call the person's passkeys."""
    return tuple(
        db.session.scalars(
            sa.select(Passkey.credential_id)
            .where(Passkey.person_id == person_id)
            .order_by(Passkey.id)
        )
    )


def recovery_codes_left(person_id: int) -> int:
    """Count the recovery codes that still work."""
    left = sa.select(sa.func.count()).where(
        RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)
    )
    return db.session.scalar(left) or 0


def passkey_owner(person_id: int) -> tuple[bytes, str, str]:
    """Return handle, login and name for a new passkey.

    :raise NotFound: if there is no such person.
    """
    found = db.session.execute(
        sa.select(Person.handle, Person.login, Person.display_name).where(Person.id == person_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found.handle, found.login, found.display_name


def people(reach: Collection[int]) -> tuple[PersonFile, ...]:
    """Return who has or had a task in these facilities, by name."""
    return _files(reach)


def person(person_id: int, reach: Collection[int]) -> PersonFile:
    """Return one person's file.

    :raise NotFound: if nobody of that number has or had a task in these facilities.
    """
    found = _files(reach, person_id)
    if not found:
        raise NotFound
    return found[0]


def _files(reach: Collection[int], person_id: int | None = None) -> tuple[PersonFile, ...]:
    seen = sa.select(RoleHeld.person_id).join(Facility, _reached()).where(Facility.id.in_(reach))
    wanted = (
        sa.select(Person, _HAS_PASSKEY)
        .where(Person.id.in_(seen))
        .order_by(Person.display_name, Person.id)
    )
    if person_id is not None:
        wanted = wanted.where(Person.id == person_id)
    rows = db.session.execute(wanted).all()
    lines = _role_lines([row.id for row, _ in rows])
    return tuple(
        PersonFile(
            row.id,
            row.login,
            row.display_name,
            row.email,
            _second_factors(row.totp_sealed is not None, passkeys),
            row.password_hash is not None,
            row.disabled_at,
            lines.get(row.id, ()),
        )
        for row, passkeys in rows
    )


def _role_lines(ids: Collection[int]) -> Mapping[int, tuple[RoleLine, ...]]:
    rows = db.session.execute(
        sa.select(
            RoleHeld,
            sa.func.coalesce(Region.name, sa.func.min(Facility.name)),
            sa.func.array_agg(Facility.id),
        )
        .join(Facility, _reached())
        .outerjoin(Region, Region.id == RoleHeld.region_id)
        .where(RoleHeld.person_id.in_(ids))
        .group_by(RoleHeld.id, Region.name)
        .order_by(RoleHeld.until.desc().nulls_first(), RoleHeld.role, RoleHeld.id)
    )
    lines: dict[int, tuple[RoleLine, ...]] = {}
    for held, place, reached in rows:
        line = RoleLine(held.id, held.role, place, held.since, held.until, frozenset(reached))
        lines[held.person_id] = (*lines.get(held.person_id, ()), line)
    return lines


def open_reset(person_id: int) -> OpenReset | None:
    """Return the reset that waits for a second administrator, if there is one in time."""
    found = db.session.execute(
        sa.select(FactorReset.id, FactorReset.asked_by, Person.display_name, FactorReset.asked_at)
        .join(Person, Person.id == FactorReset.asked_by)
        .where(
            FactorReset.person_id == person_id,
            FactorReset.ended_at.is_(None),
            FactorReset.expires_at > clock.now(),
        )
    ).one_or_none()
    return OpenReset(*found) if found else None


def resets_waiting(reach: Collection[int], but: int) -> int:
    """Count the resets of people in these facilities that somebody else has asked for."""
    here = sa.select(RoleHeld.person_id).join(Facility, _reached()).where(Facility.id.in_(reach))
    waiting = sa.select(sa.func.count(FactorReset.id)).where(
        FactorReset.person_id.in_(here),
        FactorReset.asked_by != but,
        FactorReset.ended_at.is_(None),
        FactorReset.expires_at > clock.now(),
    )
    return db.session.scalar(waiting) or 0


def regions_within(reach: Collection[int]) -> tuple[tuple[int, str], ...]:
    """Return the regions all of whose facilities are in reach: number and name."""
    outside = sa.exists().where(Facility.region_id == Region.id, Facility.id.not_in(reach))
    inside = sa.exists().where(Facility.region_id == Region.id)
    rows = db.session.execute(
        sa.select(Region.id, Region.name).where(inside, ~outside).order_by(Region.name)
    )
    return tuple((row.id, row.name) for row in rows)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody one can be in the demo."""

    id: int
    name: str
    role: Role


def demo_people() -> tuple[tuple[str, tuple[DemoPerson, ...]], ...]:
    """Return who has no password, by place: only the demo has such people."""
    rows = db.session.execute(
        sa.select(Person.id, Person.display_name, RoleHeld.role, _PLACE)
        .join(RoleHeld, RoleHeld.person_id == Person.id)
        .outerjoin(Facility, Facility.id == RoleHeld.facility_id)
        .outerjoin(Region, Region.id == RoleHeld.region_id)
        .where(
            Person.password_hash.is_(None), Person.disabled_at.is_(None), RoleHeld.until.is_(None)
        )
        .order_by(RoleHeld.facility_id.nulls_last(), RoleHeld.id)
    )
    places: dict[str, tuple[DemoPerson, ...]] = {}
    for number, name, role, place in rows:
        places[place] = (*places.get(place, ()), DemoPerson(number, name, role))
    return tuple(places.items())
