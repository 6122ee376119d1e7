"""Signing in: the password, then a second factor. Guessing is slowed, each code counts once.

Whatever is wrong, the answer is one and the same.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyotp
import sqlalchemy as sa
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from portal.accounts import queries
from portal.accounts.models import KnownDevice, Passkey, Person, RecoveryCode
from portal.accounts.rules import codes, lockout, totp
from portal.accounts.rules.lockout import Tries
from portal.domain.actor import Actor
from portal.domain.errors import DomainError
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.sealing import NotOurs, hash_secret, matches, outdated, unseal
from portal.kernel.work import Work, unit_of_work

SIGN_IN = "accounts.sign-in"
log = logging.getLogger("portal.accounts")
DEVICE_BYTES = 32


class WrongCredentials(DomainError):
    """Name, password or code is wrong, or the next try has to wait: which one is not told."""

    text = message(
        "The user name, password or code is wrong. After five wrong tries, wait before the next."
    )


@dataclass(frozen=True, slots=True)
class Site:
    """What passkeys are bound to: our host name and our address."""

    host: str
    origin: str


def totp_owner(person_id: int) -> str:
    """Return the name a TOTP secret is sealed for."""
    return f"accounts.totp:{person_id}"


# --- Tries ----------------------------------------------------------------------------------------


def _counter(work: Work, person: Person, device: str) -> Person | KnownDevice:
    """Return what counts the tries: the device if the person has used it before, else the account.

    So a colleague who guesses elsewhere slows himself, not the person.
    """
    known = work.session.scalar(
        sa.select(KnownDevice)
        .where(KnownDevice.token_hash == _hash(device), KnownDevice.person_id == person.id)
        .with_for_update()
    )
    return known or person


def _may_try(counter: Person | KnownDevice) -> bool:
    return lockout.may_try(Tries(counter.failures, counter.wait_until), clock.now())


def _failed(work: Work, person: Person, counter: Person | KnownDevice, factor: str) -> None:
    """Count a failure, unless the try came too early to count, and note it."""
    if _may_try(counter):
        after = lockout.after_failure(Tries(counter.failures, counter.wait_until), clock.now())
        counter.failures, counter.wait_until = after.failures, after.wait_until
    work.note(person, result="refused", factor=factor, failures=counter.failures)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _acting(person: Person) -> Actor:
    return Actor(person.id, person.display_name)


# --- The password ---------------------------------------------------------------------------------


def check_password(login: str, password: str, *, device: str = "") -> int:
    """Return whose name and password these are; the second factor is still owed.

    :raise WrongCredentials: if they are not, the person is disabled, or the try came too early.
    """
    person = db.session.scalar(sa.select(Person).where(Person.login == login.strip().casefold()))
    right = matches(person.password_hash if person else None, password)
    if person is None:
        db.session.rollback()
        log.warning("sign-in refused", extra={"factor": "password", "reason": "no such name"})
        raise WrongCredentials
    person_id, usable = person.id, person.disabled_at is None
    with unit_of_work(_acting(person), SIGN_IN) as work:
        row = work.load(Person, person_id)
        counter = _counter(work, row, device)
        if good := right and usable and _may_try(counter):
            work.note(row, result="owes second factor", factor="password")
            if row.password_hash and outdated(row.password_hash):
                row.password_hash = hash_secret(password)
        else:
            _failed(work, row, counter, "password")
    if not good:
        raise WrongCredentials
    return person_id


def check_own_password(person_id: int, password: str, *, device: str = "") -> None:
    """Check the password of who is signed in already.

    :raise WrongCredentials: if it is wrong, or the try came too early.
    """
    check_password(_login_of(person_id), password, device=device)


def _login_of(person_id: int) -> str:
    return db.session.scalar(sa.select(Person.login).where(Person.id == person_id)) or ""


# --- The second factor ----------------------------------------------------------------------------


def _second(person_id: int, factor: str, device: str, check: Callable[[Work, Person], bool]) -> str:
    """Check a second factor with the person's row held, so that one code cannot count twice."""
    with unit_of_work(Actor(person_id, ""), SIGN_IN) as work:
        person = work.load(Person, person_id)
        work.actor = _acting(person)
        counter = _counter(work, person, device)
        known: str | None = None
        if person.disabled_at is None and _may_try(counter) and check(work, person):
            known = _welcome(work, person, device)
            work.note(person, result="signed in", factor=factor)
        else:
            _failed(work, person, counter, factor)
    if known is None:
        raise WrongCredentials
    return known


def _welcome(work: Work, person: Person, device: str) -> str:
    """Forget the failures and know the device from now on; returns the device's token."""
    now = clock.now()
    person.failures, person.wait_until = 0, None
    token = device or secrets.token_urlsafe(DEVICE_BYTES)
    known = work.session.get(KnownDevice, (_hash(token), person.id))
    if known is None:
        known = KnownDevice(token_hash=_hash(token), person_id=person.id, failures=0, seen_at=now)
        work.session.add(known)
    known.failures, known.wait_until, known.seen_at = 0, None, now
    return token


def by_password_alone(person_id: int, *, device: str = "") -> str:
    """Let in who has no second factor yet, to set one up; returns the device's token.

    :raise WrongCredentials: if there is a second factor after all.
    """
    return _second(person_id, "password", device, lambda _work, person: not _has_second(person))


def _has_second(person: Person) -> bool:
    known = queries.standing(person.id)
    return known is None or bool(known.second_factors)


def by_totp(person_id: int, code: str, *, device: str = "") -> str:
    """Take a code of the authenticator app; returns the device's token.

    :raise WrongCredentials: if the code is wrong, was used before, or came too early.
    """

    def check(_work: Work, person: Person) -> bool:
        if person.totp_sealed is None:
            return False
        try:
            secret = unseal(person.totp_sealed, totp_owner(person.id))
        except NotOurs:
            return False
        step = accepted_step(secret, code, person.totp_step)
        if step is None:
            return False
        person.totp_step = step
        return True

    return _second(person_id, "totp", device, check)


def accepted_step(secret: str, code: str, last: int | None) -> int | None:
    """Return the step of a code under this secret, or None if it is wrong or was used."""
    app = pyotp.TOTP(secret)
    return totp.accepted_step(
        lambda step: app.at(step * totp.STEP_SECONDS), code, clock.now(), last
    )


def by_recovery_code(person_id: int, typed: str, *, device: str = "") -> str:
    """Take one of the codes on paper; it works once. Returns the device's token.

    :raise WrongCredentials: if it is wrong, was used before, or came too early.
    """

    def check(work: Work, person: Person) -> bool:
        code = codes.read_recovery_code(typed)
        row = work.session.get(RecoveryCode, (person.id, code.number)) if code else None
        stored = row.code_hash if row and row.used_at is None else None
        if not matches(stored, code.secret if code else "", code=True) or row is None:
            return False
        row.used_at = clock.now()
        return True

    return _second(person_id, "recovery", device, check)


def passkey_question(person_id: int, site: Site) -> tuple[str, str]:
    """Return what the browser is asked, as JSON, and the challenge to be remembered."""
    known = [PublicKeyCredentialDescriptor(id=key) for key in queries.credential_ids(person_id)]
    options = webauthn.generate_authentication_options(rp_id=site.host, allow_credentials=known)
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def by_passkey(
    person_id: int, answer: dict[str, Any], *, challenge: str, site: Site, device: str = ""
) -> str:
    """Take the browser's answer to the question; returns the device's token.

    :raise WrongCredentials: if it is not the person's key, or not an answer to this question.
    """

    def check(work: Work, person: Person) -> bool:
        key = work.session.scalar(
            sa.select(Passkey).where(
                Passkey.credential_id == raw_id(answer), Passkey.person_id == person.id
            )
        )
        if key is None or not challenge:
            return False
        try:
            seen = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=key.public_key,
                credential_current_sign_count=key.sign_count,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            return False
        key.sign_count, key.used_at = seen.new_sign_count, clock.now()
        return True

    return _second(person_id, "passkey", device, check)


def raw_id(answer: dict[str, Any]) -> bytes:
    """Return which key a browser's answer speaks of; nothing if it is garbled."""
    try:
        return base64url_to_bytes(str(answer.get("rawId", "")))
    except ValueError:
        return b""
