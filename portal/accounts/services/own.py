"""What a person does to the own account: password, second factors, sessions."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

import pyotp
import sqlalchemy as sa
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from portal.accounts import queries
from portal.accounts.models import KnownDevice, Passkey, Person, RecoveryCode, SessionRow
from portal.accounts.rules import codes
from portal.accounts.rules.limits import RECOVERY_CODES
from portal.accounts.rules.passwords import Profile, Weakness, weakness
from portal.accounts.services.sign_in import Site, accepted_step, totp_owner
from portal.domain.actor import Actor
from portal.domain.errors import DomainError, NotFound
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.sealing import hash_secret, matches, seal
from portal.kernel.work import Work, unit_of_work

ISSUER = "Portal Pemasyarakatan"


class WeakPassword(DomainError):
    """The new password would be guessed; ``why`` says how, ``text`` says what to do."""

    texts: ClassVar[Mapping[Weakness, str]] = {
        Weakness.SHORT: message("Use at least 12 characters. Four words work well."),
        Weakness.LONG: message("Use at most 128 characters."),
        Weakness.COMMON: message("Many people use this password. Choose another one."),
        Weakness.CONTEXT: message(
            "This password is made of words from your work or your name. Add other words."
        ),
        Weakness.UNMIXED: message("Use capital and small letters, digits and other signs."),
    }

    def __init__(self, why: Weakness) -> None:
        self.why = why
        self.text = self.texts[why]  # type: ignore[misc]  # one class, five sentences
        super().__init__()


class WrongCode(DomainError):
    """The code of the authenticator app does not fit."""

    text = message("The code is wrong. Type the newest code from the app.")


class WrongPassword(DomainError):
    """The current password does not fit."""

    text = message("The current password is wrong.")


class UnfitPasskey(DomainError):
    """What the browser sent is not a new passkey for this portal."""

    text = message("The passkey could not be added. Try again, or use an authenticator app.")


class LastFactor(DomainError):
    """Without this one there would be no second factor."""

    text = message("This is your last second factor. Add another one first.")


# --- The password ---------------------------------------------------------------------------------


def new_password_hash(password: str, person: Person, profile: str) -> str:
    """Return the hash of a new password.

    :raise WeakPassword: if it is too short, too long, or one that others would guess.
    """
    names = (person.login, person.display_name)
    if why := weakness(password, names=names, profile=Profile(profile)):
        raise WeakPassword(why)
    return hash_secret(password)


def change_password(
    actor: Actor, current: str, new: str, *, profile: str, keep: int | None, end_others: bool
) -> None:
    """Change the own password; other sessions end unless the person wants them kept.

    :raise WrongPassword: if the current one is wrong.
    :raise WeakPassword: if the new one would be guessed.
    """
    with unit_of_work(actor, "accounts.password.change") as work:
        person = work.load(Person, actor.id)
        if not matches(person.password_hash, current):
            raise WrongPassword
        person.password_hash = new_password_hash(new, person, profile)
        ended = end_rows(work, person.id, but=keep) if end_others else 0
        work.note(person, ended_sessions=ended)


# --- Sessions -------------------------------------------------------------------------------------


def end_rows(work: Work, person_id: int, *, but: int | None = None) -> int:
    """End a person's sessions, all or all but one; returns how many."""
    gone = sa.delete(SessionRow).where(SessionRow.person_id == person_id)
    if but is not None:
        gone = gone.where(SessionRow.number != but)
    return len(work.session.execute(gone.returning(SessionRow.number)).all())


def forget_devices(work: Work, person_id: int) -> None:
    """Treat every browser of the person as new."""
    work.session.execute(sa.delete(KnownDevice).where(KnownDevice.person_id == person_id))


def end_session(actor: Actor, number: int) -> None:
    """End one of the own sessions.

    :raise NotFound: if the person has no such session, or it has ended already.
    """
    with unit_of_work(actor, "accounts.own-session.end") as work:
        gone = work.session.execute(
            sa.delete(SessionRow)
            .where(SessionRow.person_id == actor.id, SessionRow.number == number)
            .returning(SessionRow.number)
        ).one_or_none()
        if gone is None:
            raise NotFound
        work.note("accounts_session", number=number)


def end_other_sessions(actor: Actor, *, keep: int | None) -> int:
    """End all own sessions but this one; returns how many."""
    with unit_of_work(actor, "accounts.own-session.end-others") as work:
        ended = end_rows(work, int(actor.id or 0), but=keep)
        work.note("accounts_session", ended=ended)
    return ended


# --- Authenticator app and recovery codes ---------------------------------------------------------


def new_totp_secret() -> str:
    """Draw a secret for an authenticator app: 160 bits."""
    return pyotp.random_base32()  # drawn from `secrets`


def totp_address(secret: str, login: str) -> str:
    """Return what the picture for the app says."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def enrol_totp(actor: Actor, secret: str, code: str, *, keep: int | None) -> tuple[str, ...]:
    """Take an authenticator app into use; returns new recovery codes, shown this once.

    Other sessions end, and the codes made earlier no longer work.

    :raise WrongCode: if the app does not show what we expect.
    """
    with unit_of_work(actor, "accounts.totp.enrol") as work:
        person = work.load(Person, actor.id)
        step = accepted_step(secret, code, None)
        if step is None:
            raise WrongCode
        person.totp_sealed, person.totp_step = seal(secret, totp_owner(person.id)), step
        shown = _new_recovery_codes(work, person)
        work.note(person, ended_sessions=end_rows(work, person.id, but=keep))
    return shown


def renew_recovery_codes(actor: Actor) -> tuple[str, ...]:
    """Make new recovery codes, shown this once; the earlier ones no longer work."""
    with unit_of_work(actor, "accounts.recovery-codes.renew") as work:
        person = work.load(Person, actor.id)
        shown = _new_recovery_codes(work, person)
        work.note(person)
    return shown


def _new_recovery_codes(work: Work, person: Person) -> tuple[str, ...]:
    work.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    made = [
        codes.recovery_code(number, secrets.token_bytes(codes.SECRET_BYTES))
        for number in range(RECOVERY_CODES)
    ]
    for code in made:
        hashed = hash_secret(code.secret, code=True)
        row = RecoveryCode(person_id=person.id, number=code.number, code_hash=hashed)
        work.session.add(row)
    return tuple(codes.written(code) for code in made)


# --- Passkeys -------------------------------------------------------------------------------------


def new_passkey_question(actor: Actor, site: Site) -> tuple[str, str]:
    """Return what the browser is asked, as JSON, and the challenge to be remembered.

    :raise NotFound: if the person is gone.
    """
    person_id = int(actor.id or 0)
    handle, login, name = queries.passkey_owner(person_id)
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=ISSUER,
        user_id=handle,
        user_name=login,
        user_display_name=name,
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=key) for key in queries.credential_ids(person_id)
        ],
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def add_passkey(
    actor: Actor,
    answer: dict[str, Any],
    *,
    challenge: str,
    site: Site,
    device: str,
    keep: int | None,
) -> None:
    """Take a new passkey into use; other sessions end.

    :raise UnfitPasskey: if the answer does not belong to our question.
    """
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise UnfitPasskey from None
    with unit_of_work(actor, "accounts.passkey.add") as work:
        person = work.load(Person, actor.id)
        key = work.add(
            Passkey(
                person_id=person.id,
                credential_id=made.credential_id,
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
                device=device,
                added_at=clock.now(),
            )
        )
        work.note(key, ended_sessions=end_rows(work, person.id, but=keep))


def remove_passkey(actor: Actor, passkey_id: int, *, keep: int | None) -> None:
    """Remove one of the own passkeys; other sessions end.

    :raise NotFound: if the person has no such passkey.
    :raise LastFactor: if no second factor would be left.
    """
    with unit_of_work(actor, "accounts.passkey.remove") as work:
        person = work.load(Person, actor.id)
        key = work.load(Passkey, passkey_id)
        if key.person_id != person.id:
            raise NotFound
        if person.totp_sealed is None and len(queries.passkeys_of(person.id)) == 1:
            raise LastFactor
        work.session.delete(key)
        work.note(key, ended_sessions=end_rows(work, person.id, but=keep))
