"""Administrators' pages: people, their tasks, invitations, and help after a loss."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import queries
from portal.accounts.forms import InviteForm, TaskForm
from portal.accounts.permissions import Permission
from portal.accounts.rules.limits import INVITATION
from portal.accounts.rules.roles import FOR_PEOPLE
from portal.accounts.services import people as services
from portal.accounts.views.blueprint import bp
from portal.domain.actor import ROLE_NAMES, Role
from portal.kernel.facility import facilities
from portal.kernel.text import _, said
from portal.kernel.web import access, current_actor, says, see_other, settings

FACILITY, REGION = "facility", "region"


def _choices(form: TaskForm, permission: Permission) -> None:
    """Hand in the tasks, and the places the administrator may give them for."""
    reach = current_actor().where(permission)
    form.role.choices = [(role.value, said(ROLE_NAMES[role])) for role in FOR_PEOPLE]
    form.place.choices = [(f"{FACILITY}-{each.id}", each.name) for each in facilities(reach)] + [
        (f"{REGION}-{number}", _("Region: %(name)s", name=name))
        for number, name in queries.regions_within(reach)
    ]


def _task(form: TaskForm) -> services.Task:
    kind, _dash, number = form.place.data.partition("-")
    return services.Task(
        role=Role(form.role.data),
        facility_id=int(number) if kind == FACILITY else None,
        region_id=int(number) if kind == REGION else None,
    )


def letter(code: str) -> tuple[str, str]:
    """Write an invitation: subject and body."""
    body = render_template(
        "accounts/mail/invitation.txt", link=link(code), code=code, hours=_hours()
    )
    return _("Your invitation to the prison portal"), body


def link(code: str) -> str:
    """Return the address that brings the code along; behind ``#`` it reaches no server, no log."""
    return f"{settings().base_url}{url_for('accounts.invitation')}#{code}"


def _hours() -> int:
    return int(INVITATION.total_seconds()) // 3600


def _handed_over(person_id: int, code: str) -> ResponseReturnValue:
    """Show the code of an invitation, this once."""
    known = queries.person(person_id, current_actor().where(Permission.SEE_PEOPLE))
    return render_template(
        "accounts/invited.html", person=known, code=code, link=link(code), hours=_hours()
    )


@bp.get("/accounts/people")
@access(Permission.SEE_PEOPLE)
def people() -> ResponseReturnValue:
    """List who has a task here."""
    known = queries.people(current_actor().where(Permission.SEE_PEOPLE))
    return render_template("accounts/people.html", people=known, role_names=ROLE_NAMES)


@bp.route("/accounts/people/invite", methods=["GET", "POST"])
@access(Permission.INVITE, fresh=True)
def invite() -> ResponseReturnValue:
    """Invite somebody to a task."""
    form = InviteForm(request.form)
    _choices(form, Permission.INVITE)
    if request.method == "POST" and form.validate():
        invitee = services.Invitee(
            login=form.login.data, name=form.name.data, email=form.email.data, task=_task(form)
        )
        try:
            return _handed_over(*services.invite(current_actor(), invitee, letter))
        except services.LoginTaken as refusal:
            form.login.errors = [said(refusal)]
    return render_template("accounts/invite.html", form=form), 422 if form.errors else 200


@bp.get("/accounts/people/<int:person_id>")
@access(Permission.SEE_PEOPLE)
def person(person_id: int) -> ResponseReturnValue:
    """Show one person: tasks, factors, sessions."""
    return _person_page(person_id, TaskForm(), 200)


def _person_page(person_id: int, form: TaskForm, status: int) -> ResponseReturnValue:
    known = queries.person(person_id, current_actor().where(Permission.SEE_PEOPLE))
    _choices(form, Permission.CHANGE_ROLES)
    page = render_template(
        "accounts/person.html",
        person=known,
        form=form,
        role_names=ROLE_NAMES,
        sessions=queries.sessions_of(person_id),
        reset=queries.open_reset(person_id),
        may=current_actor().may(Permission.CHANGE_ROLES) and current_actor().id != person_id,
    )
    return page, status


@bp.post("/accounts/people/<int:person_id>/roles")
@access(Permission.CHANGE_ROLES, fresh=True)
def give_role(person_id: int) -> ResponseReturnValue:
    """Give a person one more task."""
    form = TaskForm(request.form)
    _choices(form, Permission.CHANGE_ROLES)
    if form.validate():
        try:
            services.give_role(current_actor(), person_id, _task(form))
        except (services.NotTogether, services.HeldAlready) as refusal:
            form.form_errors.append(said(refusal))
        else:
            says(_("The task is given."))
            return see_other("accounts.person", person_id=person_id)
    return _person_page(person_id, form, 422)


@bp.post("/accounts/people/<int:person_id>/roles/<int:held_id>/end")
@access(Permission.CHANGE_ROLES, fresh=True)
def end_role(person_id: int, held_id: int) -> ResponseReturnValue:
    """End one of a person's tasks."""
    services.end_role(current_actor(), person_id, held_id)
    says(_("The task is ended."))
    return see_other("accounts.person", person_id=person_id)


@bp.post("/accounts/people/<int:person_id>/invitation")
@access(Permission.INVITE, fresh=True)
def invite_again(person_id: int) -> ResponseReturnValue:
    """Make a new invitation, also for a forgotten password."""
    return _handed_over(person_id, services.invite_again(current_actor(), person_id, letter))


@bp.post("/accounts/people/<int:person_id>/disable")
@access(Permission.DISABLE, fresh=True)
def disable(person_id: int) -> ResponseReturnValue:
    """Disable an account; its sessions end at once."""
    services.disable(current_actor(), person_id)
    says(_("The account is disabled."))
    return see_other("accounts.person", person_id=person_id)


@bp.post("/accounts/people/<int:person_id>/enable")
@access(Permission.DISABLE, fresh=True)
def enable(person_id: int) -> ResponseReturnValue:
    """Let a disabled person sign in again."""
    services.enable(current_actor(), person_id)
    says(_("The account works again."))
    return see_other("accounts.person", person_id=person_id)


@bp.post("/accounts/people/<int:person_id>/sessions/end")
@access(Permission.END_SESSIONS)
def end_sessions_of(person_id: int) -> ResponseReturnValue:
    """Sign a person out everywhere."""
    services.end_sessions(current_actor(), person_id)
    says(_("All devices of this person are signed out."))
    return see_other("accounts.person", person_id=person_id)


@bp.post("/accounts/people/<int:person_id>/resets")
@access(Permission.RESET_FACTORS, fresh=True)
def ask_reset(person_id: int) -> ResponseReturnValue:
    """Ask that a person's second factors be removed."""
    services.ask_reset(current_actor(), person_id)
    says(_("Another administrator now confirms it, face to face."), "info")
    return see_other("accounts.person", person_id=person_id)


@bp.post("/accounts/people/<int:person_id>/resets/<int:reset_id>/confirm")
@access(Permission.RESET_FACTORS, fresh=True)
def confirm_reset(person_id: int, reset_id: int) -> ResponseReturnValue:
    """Confirm what another administrator asked for."""
    code = services.confirm_reset(current_actor(), person_id, reset_id, letter)
    return _handed_over(person_id, code)
