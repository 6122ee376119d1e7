"""The officers' doors: the month, the tablets, the visits."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFound
from portal.domain.months import Month
from portal.kernel import clock
from portal.kernel.text import _, current_language, said
from portal.kernel.text import day as day_in_words
from portal.kernel.web import (
    access,
    current_actor,
    current_facility,
    place,
    says,
    see_other,
    settings,
    submission_key,
)
from portal.survey import queries
from portal.survey.forms import CodeForm, VisitsForm
from portal.survey.permissions import Permission
from portal.survey.rules.kiosk import SERVICES, service_name
from portal.survey.services import devices, figures

bp = Blueprint("survey", __name__, url_prefix="/survey", template_folder="../templates")

KIOSK = "/kiosk/"
LOOK_BACK = -24  # months
SMALL = 5  # a number below this says too much about single people


def month_name(month: Month) -> str:
    """Write a month: ``Oktober 2026``."""
    return str(format_date(month.first, "MMMM y", locale=current_language()))


def few(number: int) -> str:
    """Write a number of sheets; a small one only as what it is below."""
    return f"<{SMALL}" if number < SMALL else str(number)


def _kiosk_address() -> str:
    """Return where a tablet opens the app; the path alone where the kiosk has a host of its own."""
    return KIOSK if settings().site == "internal" else settings().base_url + KIOSK


def _this_month() -> Month:
    return Month.of(clock.today(place().time_zone))


@bp.get("")
@access(Permission.READ_RESULTS)
def latest() -> ResponseReturnValue:
    """Show the last complete month."""
    return _month_page(_this_month().previous)


@bp.get("/months/<int:year>/<int:number>")
@access(Permission.READ_RESULTS)
def month(year: int, number: int) -> ResponseReturnValue:
    """Show one month, up to the current one."""
    try:
        wanted = Month(year, number)
    except ValueError:
        raise NotFound from None
    if not _first_shown() <= wanted <= _this_month():
        raise NotFound
    return _month_page(wanted)


def _first_shown() -> Month:
    """Return the first month there can be figures of, at the latest the one that is complete."""
    first = queries.first_month(current_facility()) or _this_month() + LOOK_BACK
    return min(first, _this_month().previous)


def _first_entered() -> date:
    """Return the first day whose visitors may still be entered."""
    back = _this_month() + LOOK_BACK
    return min(queries.first_month(current_facility()) or back, back).first


def _month_page(wanted: Month) -> ResponseReturnValue:
    return render_template(
        "survey/month.html",
        found=queries.month_result(current_facility(), wanted),
        name=month_name(wanted),
        complete_month=wanted < _this_month(),
        before=wanted.previous if wanted > _first_shown() else None,
        after=wanted.next if wanted < _this_month() else None,
        month_name=month_name,
        few=few,
        tabs=_tabs("survey.latest"),
    )


@bp.get("/devices")
@access(Permission.READ_DEVICES)
def tablets() -> ResponseReturnValue:
    """List the tablets, with what did not arrive from them."""
    return render_template(
        "survey/devices.html",
        devices=queries.devices(),
        open_codes=queries.open_codes(clock.now()),
        reviews=queries.open_reviews(),
        zone=place().time_zone,
        kiosk_address=_kiosk_address(),
        demo_code=devices.demo_code() if settings().demo else "",
        tabs=_tabs("survey.tablets"),
    )


@bp.get("/devices/new")
@access(Permission.ENROL_DEVICE)
def new_code() -> ResponseReturnValue:
    """Ask where the next tablet will stand."""
    return render_template("survey/code_form.html", form=CodeForm())


@bp.post("/devices/codes")
@access(Permission.ENROL_DEVICE)
def make_code() -> ResponseReturnValue:
    """Make a code and show it this once, or show the form again with what is missing."""
    form = CodeForm(request.form)
    if not form.validate():
        return render_template("survey/code_form.html", form=form), 422
    try:
        code = devices.make_code(
            current_actor(), current_facility(), place=form.place.data, key=submission_key()
        )
    except devices.CodeShownBefore as refusal:
        says(said(refusal), "caution")
        return see_other(".tablets")
    return render_template(
        "survey/code.html", code=code, place=form.place.data, address=_kiosk_address()
    )


@bp.get("/devices/<int:device_id>/revocation")
@access(Permission.REVOKE_DEVICE)
def ask_revocation(device_id: int) -> ResponseReturnValue:
    """Ask before a tablet loses its right."""
    found = next((row for row in queries.devices() if row.id == device_id), None)
    if found is None:
        raise NotFound
    return render_template("survey/revocation.html", device=found)


@bp.post("/devices/<int:device_id>/revocation")
@access(Permission.REVOKE_DEVICE)
def revoke(device_id: int) -> ResponseReturnValue:
    """Take a tablet's right away."""
    devices.revoke_device(current_actor(), device_id)
    says(_("The tablet is revoked. It can deliver nothing more."))
    return see_other(".tablets")


@bp.get("/visits")
@access(Permission.ENTER_VISITS)
def visits() -> ResponseReturnValue:
    """Show what was entered this month, and a form for a day."""
    return _visits_page(_visits_form())


@bp.post("/visits")
@access(Permission.ENTER_VISITS)
def enter_visits() -> ResponseReturnValue:
    """Write down the visitors of a day, or show the form again with what is missing."""
    form = _visits_form()
    if form.validate():
        first = _first_entered()
        if form.day.data > clock.today(place().time_zone):
            form.day.errors = [_("This day has not come yet.")]
        elif form.day.data < first:
            form.day.errors = [_("Fill in a day from %(day)s on.", day=day_in_words(first))]
    if form.errors:
        return _visits_page(form), 422
    figures.enter_visits(
        current_actor(),
        current_facility(),
        day=form.day.data,
        service=form.service.data,
        visitors=form.visitors.data,
    )
    says(_("The visitors of this day are written down."))
    return see_other(".visits")


def _visits_form() -> VisitsForm:
    form = VisitsForm(request.form)
    form.service.choices = [(code, service_name(code, current_language())) for code in SERVICES]
    return form


def _visits_page(form: VisitsForm) -> str:
    rows = queries.visits_of(current_facility(), _this_month())
    return render_template(
        "survey/visits.html",
        form=form,
        rows=rows,
        headings=[_("Day"), *((label, "number") for _code, label in form.service.choices)],
        name=month_name(_this_month()),
        tabs=_tabs("survey.visits"),
    )


def _tabs(here: str) -> list[tuple[str, str, bool]]:
    doors = (
        (_("Index"), "survey.latest", Permission.READ_RESULTS),
        (_("Tablets"), "survey.tablets", Permission.READ_DEVICES),
        (_("Visits"), "survey.visits", Permission.ENTER_VISITS),
    )
    actor = current_actor()
    return [
        (label, url_for(endpoint), endpoint == here)
        for label, endpoint, permission in doors
        if actor.may(permission)
    ]
