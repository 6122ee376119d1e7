"""Tablets are enrolled by a one-time code, and revoked."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from portal.domain.actor import PORTAL, Actor, Role
from portal.domain.errors import DomainError
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import Facility, everywhere
from portal.kernel.receipts import receipt, remember
from portal.kernel.work import unit_of_work
from portal.survey import queries
from portal.survey.models import Device, Enrolment
from portal.survey.permissions import Permission

CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like another
CODE_LENGTH = 8
CODE_VALID = timedelta(hours=1)
TOKEN_BYTES = 32
REMEMBERED_FOR = timedelta(seconds=30)
DEMO_CODE = "DEMO-KIOS"  # in the database of a demo alone


class CodeUnknown(DomainError):
    """The code was never made, was used, or is too old; the three are not told apart."""

    text = message("This code does not work. Ask for a new one.")


class CodeShownBefore(DomainError):
    """A code is shown once; the form that made it came again."""

    status = 409
    text = message("This code was shown once already. Make a new one.")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a tablet learns once, when it is enrolled; the token is kept nowhere else."""

    token: str
    device: int
    name: str
    place: str
    facility: str


def hashed(text: str) -> bytes:
    """Return what is kept of a token or a code; both are random, so a plain hash will do."""
    return hashlib.sha256(text.encode()).digest()


def plain_code(text: str) -> str:
    """Return a code without the dashes, spaces and small letters of whoever typed it."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


_REMEMBERED: dict[bytes | int, tuple[datetime, queries.Tablet]] = {}


def known(key: bytes | int) -> queries.Tablet | None:
    """Return a tablet by its token's hash or its number, asking the database twice a minute.

    What was remembered may have been revoked since: whoever stores must look once more.
    """
    until, found = _REMEMBERED.get(key, (None, None))
    if until and until > clock.now():
        return found
    if isinstance(key, bytes):
        found = queries.tablet(token_hash=key)
    else:
        found = queries.tablet(device_id=key)
    if found:
        _REMEMBERED[key] = (clock.now() + REMEMBERED_FOR, found)
    return found


def forget_tablets() -> None:
    """Ask the database again for every tablet."""
    _REMEMBERED.clear()


def tablet(token: str) -> Actor | None:
    """Return the tablet that shows this token: it may store answers and nothing else."""
    found = known(hashed(token))
    if found is None:
        return None
    return Actor(
        id=None,
        name=found.name,
        reach={Permission.STORE_ANSWERS.value: frozenset({found.facility_id})},
        roles=frozenset({Role.KIOSK}),
        device_id=found.id,
    )


def make_code(actor: Actor, facility_id: int, *, place: str, key: str) -> str:
    """Make a code that enrols one tablet within the hour, and return it: it is shown this once.

    :raise CodeShownBefore: if the same form came before.
    """
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    with unit_of_work(actor, "survey.device.enrol") as work:
        if receipt(work, key, f"{facility_id}:{place}"):
            raise CodeShownBefore
        row = work.add(_code_row(facility_id, place, code))
        remember(work, key, str(row.id))
        work.note(row, step="code")
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def demo_code() -> str:
    """Return the demo's code while it works; used, it opens nothing more."""
    works = queries.code_works(hashed(plain_code(DEMO_CODE)), clock.now())
    return DEMO_CODE if works else ""


def _code_row(facility_id: int, place: str, code: str) -> Enrolment:
    now = clock.now()
    return Enrolment(
        facility_id=facility_id,
        place=place,
        code_hash=hashed(plain_code(code)),
        made_at=now,
        expires_at=now + CODE_VALID,
    )


def enrol_device(code: str, *, name: str) -> Enrolled:
    """Turn whoever shows a good code into a tablet of its facility; the code works once.

    :raise CodeUnknown: if no open code is like this.
    """
    with everywhere(), unit_of_work(PORTAL, "survey.device.enrol") as work:
        now = clock.now()
        enrolment = work.session.scalar(
            sa.select(Enrolment)
            .where(
                Enrolment.code_hash == hashed(plain_code(code)),
                Enrolment.used_at.is_(None),
                Enrolment.expires_at > now,
            )
            .with_for_update()
        )
        if enrolment is None:
            raise CodeUnknown
        enrolment.used_at = now
        token = secrets.token_urlsafe(TOKEN_BYTES)
        device = Device(
            facility_id=enrolment.facility_id,
            name=name,
            place=enrolment.place,
            token_hash=hashed(token),
            enrolled_at=now,
        )
        work.add(device)
        work.note(device, step="device")
        facility = work.session.get_one(Facility, device.facility_id)
        return Enrolled(token, device.id, device.name, device.place, facility.short_name)


def revoke_device(actor: Actor, device_id: int) -> None:
    """Take a tablet's right away at once; what it delivered stays.

    :raise NotFound: if the actor's facilities have no such tablet.
    """
    with unit_of_work(actor, "survey.device.revoke") as work:
        device = work.load(Device, device_id)
        device.revoked_at = device.revoked_at or clock.now()
        work.note(device)
    forget_tablets()
