"""The forms of accounts. Passwords and codes are taken as typed; everything else is tidied."""

from __future__ import annotations

from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Email, EqualTo, InputRequired, Length, Regexp
from wtforms.validators import Optional as MayBeEmpty

from portal.kernel.forms import PortalForm, tidy
from portal.kernel.text import _l

MOST = 1024  # more is never typed; what counts as too long a password is the rule's affair
LOGIN = r"^[A-Za-z0-9._-]+$"


def _new_password(label: object) -> PasswordField:
    return PasswordField(
        label,
        validators=[InputRequired(_l("Fill in the new password.")), Length(max=MOST)],
        description=_l("At least 12 characters. Four words work well. Spaces count."),
        render_kw={"autocomplete": "new-password"},
    )


def _repeated(other: str) -> PasswordField:
    return PasswordField(
        _l("The same password again"),
        validators=[EqualTo(other, _l("The two passwords differ. Fill in both again."))],
        render_kw={"autocomplete": "new-password"},
    )


class SignInForm(PortalForm):
    """Name and password."""

    login = StringField(
        _l("User name"),
        validators=[DataRequired(_l("Fill in your user name.")), Length(max=80)],
        filters=[tidy],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Fill in your password.")), Length(max=MOST)],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordAgainForm(PortalForm):
    """The password of who is signed in already."""

    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Fill in your password.")), Length(max=MOST)],
        render_kw={"autocomplete": "current-password"},
    )


class CodeForm(PortalForm):
    """A code of the authenticator app."""

    code = StringField(
        _l("Code from the app"),
        validators=[InputRequired(_l("Fill in the code.")), Length(max=20)],
        description=_l("Six digits. The code changes every 30 seconds."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "size": 10},
    )


class RecoveryForm(PortalForm):
    """A code from paper."""

    code = StringField(
        _l("Recovery code"),
        validators=[InputRequired(_l("Fill in the code.")), Length(max=60)],
        description=_l("One of the codes you kept on paper. Each works once."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class InvitationForm(PortalForm):
    """The code of an invitation and a new password."""

    code = StringField(
        _l("Invitation code"),
        validators=[DataRequired(_l("Fill in the code.")), Length(max=80)],
        description=_l("It stands in the letter, or the administrator shows it to you."),
        filters=[tidy],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = _new_password(_l("New password"))
    again = _repeated("password")


class ChangePasswordForm(PortalForm):
    """The current password and a new one."""

    current = PasswordField(
        _l("Current password"),
        validators=[InputRequired(_l("Fill in your password.")), Length(max=MOST)],
        render_kw={"autocomplete": "current-password"},
    )
    password = _new_password(_l("New password"))
    again = _repeated("password")
    end_others = BooleanField(_l("Sign out my other devices"), default=True)


class TaskForm(PortalForm):
    """A task and the place it is for; the view hands in the choices."""

    role = RadioField(
        _l("Task"), validators=[InputRequired(_l("Choose a task."))], validate_choice=True
    )
    place = SelectField(_l("Place"), validators=[InputRequired(_l("Choose a place."))])


class InviteForm(TaskForm):
    """Who is invited, and to which task."""

    name = StringField(
        _l("Full name"),
        validators=[DataRequired(_l("Fill in the name.")), Length(max=120)],
        filters=[tidy],
        render_kw={"autocomplete": "off"},
    )
    login = StringField(
        _l("User name"),
        validators=[
            DataRequired(_l("Fill in a user name.")),
            Length(min=3, max=80),
            Regexp(LOGIN, message=_l("Use letters, digits, dots and dashes only.")),
        ],
        filters=[tidy],
        description=_l("Letters, digits, dots and dashes, such as sari.wulandari."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    email = StringField(
        _l("E-mail"),
        validators=[MayBeEmpty(), Email(_l("Fill in an address such as name@example.go.id."))],
        filters=[tidy],
        description=_l("Without an address you hand over the code yourself."),
        render_kw={"autocomplete": "off", "inputmode": "email"},
    )
