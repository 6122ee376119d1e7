"""Two pages of the kernel itself: help for everyone, and the components for who builds pages."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from portal.kernel.charts import Caption, bars
from portal.kernel.forms import PortalForm, tidy
from portal.kernel.text import _, _l
from portal.kernel.web import public

help_bp = Blueprint("help", __name__)
bp = Blueprint("components", __name__)


@help_bp.get("/help")
@public
def show() -> ResponseReturnValue:
    """Say how the portal is used, and whom to ask."""
    return render_template("pages/help.html")


class SampleForm(PortalForm):
    """One field of each kind, for the page of components."""

    name = StringField(
        _l("Full name"),
        validators=[InputRequired(_l("Fill in the name"))],
        filters=[tidy],
        render_kw={"autocomplete": "name"},
    )
    room = IntegerField(
        _l("Room number"),
        validators=[InputRequired(_l("Fill in the room number"))],
        description=_l("Block C has rooms 1 to 24."),
    )
    born = DateField(
        _l("Date of birth"),
        format=["%d %m %Y"],
        validators=[InputRequired(_l("Fill in day, month and year"))],
        description=_l("For example 27 3 1988"),
    )
    since = DateField(_l("Since"), validators=[Optional()])
    topic = RadioField(
        _l("What is it about?"),
        choices=[
            SelectChoice("health", _l("Health")),
            SelectChoice("food", _l("Food")),
            SelectChoice("water", _l("Water")),
        ],
        validators=[InputRequired(_l("Choose what it is about"))],
    )
    wants = SelectMultipleField(
        _l("What is still missing?"),
        choices=[
            SelectChoice("judgment", _l("Judgment")),
            SelectChoice("report", _l("Guidance report")),
        ],
        validators=[Optional()],
    )
    block = SelectField(_l("Block"), choices={"a": "A", "b": "B", "c": "C"})
    remark = TextAreaField(
        _l("Remark"),
        validators=[Length(max=500)],
        filters=[tidy],
        description=_l("What the next shift should know. No names."),
    )
    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Fill in the password"))],
        render_kw={"autocomplete": "current-password"},
    )
    paper = FileField(_l("Scanned paper"), validators=[Optional()])
    today = BooleanField(_l("Needs handling today"))


@bp.route("/_components", methods=["GET", "POST"])
@public
def components() -> ResponseReturnValue:
    """Show every component; an empty form sent shows every error."""
    form = SampleForm(request.form, since=date(2026, 11, 23))
    wrong = request.method == "POST" and not form.validate()
    words = Caption(
        uid="sample",
        title=_("Satisfaction by service"),
        description=_("Health 3.4, food 2.9, water 3.1 of 4."),
    )
    drawn = bars([_("Health"), _("Food"), _("Water")], {_("Satisfaction"): [3.4, 2.9, 3.1]}, words)
    picture = Markup(drawn)  # noqa: S704  # nosec B704
    page = render_template("pages/components.html", form=form, picture=picture)
    return page, 422 if wrong else 200


@bp.get("/_components/press")
@public
def press() -> ResponseReturnValue:
    """Show how a public page looks."""
    return render_template("pages/press_sample.html")


@bp.get("/_components/kiosk/<int:screen>")
@public
def kiosk(screen: int) -> ResponseReturnValue:
    """Show how the kiosk looks: 0 the start, 1 tiles, 2 answers, 3 age bands, 4 thanks."""
    return render_template("pages/kiosk_sample.html", screen=screen)
