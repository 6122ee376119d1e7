"""What administrators do with other people: invite, give and end tasks, disable, help after a loss.

Nobody does any of it to himself, and nobody reaches a person of whom another facility has a say.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass

import sqlalchemy as sa

from portal.accounts import queries
from portal.accounts.models import (
    FactorReset,
    Invitation,
    Passkey,
    Person,
    RecoveryCode,
    RoleHeld,
)
from portal.accounts.permissions import Permission
from portal.accounts.rules import codes
from portal.accounts.rules.limits import INVITATION, RESET
from portal.accounts.rules.roles import FOR_PEOPLE, covers, may_hold_together
from portal.accounts.services.own import end_rows, forget_devices, new_password_hash
from portal.domain.actor import Actor, Role
from portal.domain.errors import DomainError, NotAllowed, NotFound
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import Facility
from portal.kernel.mail import post
from portal.kernel.work import Work, unit_of_work

HANDLE_BYTES = 32
Letter = Callable[[str], tuple[str, str]]
"""Makes subject and body of an invitation from its code."""


class NotForYourself(DomainError):
    """Another administrator has to do this."""

    status = 403
    text = message("Nobody does this to the own account. Ask another administrator.")


class OthersHaveASay(DomainError):
    """The person also works where the administrator has no say."""

    status = 403
    text = message("This person also works elsewhere. Ask the regional administrator.")


class LoginTaken(DomainError):
    """Somebody else has this user name."""

    text = message("This user name is taken. Choose another one.")


class NotTogether(DomainError):
    """These tasks are not for one person."""

    text = message("An administrator has no other task. Choose another person.")


class HeldAlready(DomainError):
    """The person has this task there."""

    text = message("This person has that task already.")


class InvitationOver(DomainError):
    """The code is wrong, was used, or is too old."""

    text = message("This invitation does not work any more. Ask the administrator for a new one.")


class SecondPersonNeeded(DomainError):
    """Who asked for a reset does not confirm it."""

    status = 403
    text = message("Another administrator has to confirm this.")


class ResetAsked(DomainError):
    """A reset waits already."""

    text = message("A reset waits for another administrator already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task and where: in one facility, or in all of a region."""

    role: Role
    facility_id: int | None = None
    region_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitee:
    """Who is invited, and to which task."""

    login: str
    name: str
    email: str
    task: Task


# --- Inviting -------------------------------------------------------------------------------------


def invite(actor: Actor, invitee: Invitee, letter: Letter) -> tuple[int, str]:
    """Make an account without a password; returns its number and the code of the invitation.

    :raise LoginTaken: if somebody has the user name.
    :raise NotAllowed: if the administrator has no say where the task is.
    """
    with unit_of_work(actor, Permission.INVITE) as work:
        _ask_place(actor.where(Permission.INVITE), invitee.task)
        person = _new_person(work, invitee)
        held = _hold(work, actor, person.id, invitee.task)
        code = _new_invitation(work, actor, person, letter)
        work.note(person, role=held.role, facility=held.facility_id, region=held.region_id)
    return person.id, code


def _new_person(work: Work, invitee: Invitee) -> Person:
    login = invitee.login.strip().casefold()
    if work.session.scalar(sa.select(Person.id).where(Person.login == login)) is not None:
        raise LoginTaken
    return work.add(
        Person(
            login=login,
            display_name=invitee.name,
            email=invitee.email,
            handle=secrets.token_bytes(HANDLE_BYTES),
            created_at=clock.now(),
        )
    )


def _hold(work: Work, actor: Actor, person_id: int, task: Task) -> RoleHeld:
    return work.add(
        RoleHeld(
            person_id=person_id,
            role=task.role,
            facility_id=task.facility_id,
            region_id=task.region_id,
            given_by=actor.id,
            since=clock.now(),
        )
    )


def _new_invitation(work: Work, actor: Actor, person: Person, letter: Letter) -> str:
    """End earlier invitations, make one, and have it mailed if there is an address."""
    now = clock.now()
    work.session.execute(
        sa.update(Invitation)
        .where(Invitation.person_id == person.id, Invitation.ended_at.is_(None))
        .values(ended_at=now)
    )
    secret = codes.spelled(secrets.token_bytes(codes.INVITATION_BYTES))
    work.add(
        Invitation(
            person_id=person.id,
            token_hash=_hash(secret),
            made_by=actor.id,
            made_at=now,
            expires_at=now + INVITATION,
        )
    )
    code = codes.grouped(secret)
    if person.email:
        subject, body = letter(code)
        post(work, to=person.email, subject=subject, body=body)
    return code


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def invite_again(actor: Actor, person_id: int, letter: Letter) -> str:
    """Send a new invitation, also to who forgot the password; the second factor stays.

    :raise NotFound: if the administrator has nobody of that number.
    :raise NotForYourself: if it is the administrator.
    :raise OthersHaveASay: if the person also works elsewhere.
    """
    with unit_of_work(actor, Permission.INVITE) as work:
        person = _other_person(work, actor, person_id, Permission.INVITE)
        code = _new_invitation(work, actor, person, letter)
        work.note(person, again=True)
    return code


def accept_invitation(code: str, password: str, *, profile: str) -> str:
    """Set the password with an invitation's code; it works once. Returns the user name.

    :raise InvitationOver: if the code is wrong, was used, or is too old.
    :raise WeakPassword: if the password would be guessed; the invitation still works then.
    """
    with unit_of_work(Actor(None, "invitation"), "accounts.invitation.accept") as work:
        found = work.session.scalar(
            sa.select(Invitation)
            .where(
                Invitation.token_hash == _hash(codes.cleaned(code)),
                Invitation.ended_at.is_(None),
                Invitation.expires_at > clock.now(),
            )
            .with_for_update()
        )
        if found is None:
            raise InvitationOver
        person = work.load(Person, found.person_id)
        if person.disabled_at is not None:
            raise InvitationOver
        work.actor = Actor(person.id, person.display_name)
        person.password_hash = new_password_hash(password, person, profile)
        person.failures, person.wait_until = 0, None
        found.ended_at = clock.now()
        end_rows(work, person.id)
        forget_devices(work, person.id)
        work.note(found)
    return person.login


# --- Tasks ----------------------------------------------------------------------------------------


def _facilities_of(work: Work, task: Task) -> frozenset[int]:
    if task.facility_id is not None:
        return frozenset({task.facility_id})
    wanted = sa.select(Facility.id).where(Facility.region_id == task.region_id)
    return frozenset(work.session.scalars(wanted))


def _ask_place(reach: Collection[int], task: Task) -> None:
    """Refuse a place, or a role, that is not the administrator's to give."""
    if task.region_id is not None:
        within = {number for number, _name in queries.regions_within(reach)}
        own = task.region_id in within
    else:
        own = task.facility_id in reach
    if not own or task.role not in FOR_PEOPLE:
        raise NotAllowed


def give_role(actor: Actor, person_id: int, task: Task) -> None:
    """Give a person one more task; sessions end, so that their limits follow the task.

    :raise NotAllowed: if the administrator has no say there.
    :raise NotTogether: if the tasks are not for one person.
    :raise HeldAlready: if the person has the task there.
    """
    with unit_of_work(actor, Permission.CHANGE_ROLES) as work:
        _ask_place(actor.where(Permission.CHANGE_ROLES), task)
        person = _other_person(work, actor, person_id, Permission.CHANGE_ROLES, alone=False)
        held = _held(work, person.id)
        if not may_hold_together([*(row.role for row in held), task.role]):
            raise NotTogether
        place = (task.role, task.facility_id, task.region_id)
        if place in {(row.role, row.facility_id, row.region_id) for row in held}:
            raise HeldAlready
        row = _hold(work, actor, person.id, task)
        end_rows(work, person.id)
        work.note(row, given=task.role, person=person.id)


def _held(work: Work, person_id: int) -> list[RoleHeld]:
    wanted = sa.select(RoleHeld).where(RoleHeld.person_id == person_id, RoleHeld.until.is_(None))
    return list(work.session.scalars(wanted.with_for_update()))


def end_role(actor: Actor, person_id: int, held_id: int) -> None:
    """End one of a person's tasks, and the person's sessions.

    :raise NotFound: if there is no such task.
    :raise OthersHaveASay: if the task reaches facilities where the administrator has no say.
    """
    with unit_of_work(actor, Permission.CHANGE_ROLES) as work:
        person = _other_person(work, actor, person_id, Permission.CHANGE_ROLES, alone=False)
        row = work.load(RoleHeld, held_id)
        if row.person_id != person.id or row.until is not None:
            raise NotFound
        task = Task(role=row.role, facility_id=row.facility_id, region_id=row.region_id)
        if not covers(actor.where(Permission.CHANGE_ROLES), _facilities_of(work, task)):
            raise OthersHaveASay
        row.until = clock.now()
        end_rows(work, person.id)
        work.note(row, ended=row.role, person=person.id)


def _other_person(
    work: Work, actor: Actor, person_id: int, permission: Permission, *, alone: bool = True
) -> Person:
    """Load somebody else, of whom the administrator has the whole say (or, not ``alone``, some)."""
    reach = actor.where(permission)
    known = queries.person(person_id, reach)
    if actor.id == person_id:
        raise NotForYourself
    if alone and not covers(reach, known.facilities):
        raise OthersHaveASay
    return work.load(Person, person_id)


# --- Ending ---------------------------------------------------------------------------------------


def disable(actor: Actor, person_id: int) -> None:
    """Disable an account and end its sessions at once.

    :raise NotForYourself: if it is the administrator's own.
    :raise OthersHaveASay: if the person also works elsewhere.
    """
    with unit_of_work(actor, Permission.DISABLE) as work:
        person = _other_person(work, actor, person_id, Permission.DISABLE)
        person.disabled_at = person.disabled_at or clock.now()
        work.note(person, disabled=True, ended_sessions=end_rows(work, person.id))


def enable(actor: Actor, person_id: int) -> None:
    """Let a disabled person sign in again.

    :raise NotForYourself: if it is the administrator's own account.
    :raise OthersHaveASay: if the person also works elsewhere.
    """
    with unit_of_work(actor, Permission.DISABLE) as work:
        person = _other_person(work, actor, person_id, Permission.DISABLE)
        person.disabled_at = None
        work.note(person, disabled=False)


def end_sessions(actor: Actor, person_id: int) -> int:
    """End all sessions of a person; returns how many.

    :raise NotFound: if the administrator has nobody of that number.
    """
    with unit_of_work(actor, Permission.END_SESSIONS) as work:
        queries.person(person_id, actor.where(Permission.END_SESSIONS))
        ended = end_rows(work, person_id)
        work.note(work.load(Person, person_id), ended_sessions=ended)
    return ended


# --- A lost second factor -------------------------------------------------------------------------


def ask_reset(actor: Actor, person_id: int) -> int:
    """Ask that a person's second factors be removed; another administrator confirms.

    :raise NotForYourself: if it is the own account.
    :raise ResetAsked: if one waits already.
    """
    with unit_of_work(actor, Permission.RESET_FACTORS) as work:
        person = _other_person(work, actor, person_id, Permission.RESET_FACTORS)
        now = clock.now()
        work.session.execute(
            sa.update(FactorReset)
            .where(
                FactorReset.person_id == person.id,
                FactorReset.ended_at.is_(None),
                FactorReset.expires_at <= now,
            )
            .values(ended_at=now)
        )
        if queries.open_reset(person.id) is not None:
            raise ResetAsked
        row = work.add(
            FactorReset(
                person_id=person.id,
                asked_by=int(actor.id or 0),
                asked_at=now,
                expires_at=now + RESET,
            )
        )
        work.note(row, person=person.id)
    return row.id


def confirm_reset(actor: Actor, person_id: int, reset_id: int, letter: Letter) -> str:
    """Remove a person's factors, password and sessions; returns the code of a new invitation.

    :raise NotFound: if no such reset waits, or it is too old.
    :raise SecondPersonNeeded: if the same administrator asked for it.
    :raise NotForYourself: if it is the own account.
    """
    with unit_of_work(actor, Permission.RESET_FACTORS) as work:
        person = _other_person(work, actor, person_id, Permission.RESET_FACTORS)
        row = work.load(FactorReset, reset_id)
        if row.person_id != person.id or row.ended_at or row.expires_at <= clock.now():
            raise NotFound
        if row.asked_by == actor.id:
            raise SecondPersonNeeded
        row.confirmed_by, row.ended_at = actor.id, clock.now()
        person.totp_sealed = person.totp_step = person.password_hash = None
        for kind in (RecoveryCode, Passkey):
            work.session.execute(sa.delete(kind).where(kind.person_id == person.id))
        end_rows(work, person.id)
        forget_devices(work, person.id)
        code = _new_invitation(work, actor, person, letter)
        work.note(row, person=person.id, asked_by=row.asked_by)
    return code


# --- The first administrator ----------------------------------------------------------------------


def create_administrator(actor: Actor, invitee: Invitee) -> str:
    """Make the first administrator, from the server's own command line; returns the code.

    :raise LoginTaken: if somebody has the user name.
    """
    with unit_of_work(actor, "accounts.administrator.create") as work:
        person = _new_person(work, invitee)
        _hold(work, actor, person.id, invitee.task)
        code = _new_invitation(work, actor, person, lambda _code: ("", ""))
        work.note(person)
    return code
