"""Pages of the register: places, holidays, facts about the facility."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFound
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.text import _, said
from portal.kernel.web import (
    access,
    current_actor,
    current_facility,
    place,
    says,
    see_other,
)
from portal.register import queries, services
from portal.register.forms import BlockForm, FactForm, HolidayForm
from portal.register.permissions import Permission
from portal.register.rules.statements import fact_problem, holiday_problem

bp = Blueprint("register", __name__, url_prefix="/register", template_folder="templates")

# What staff state about their facility; other keys come from the handbook of facts as history.
FACTS: Mapping[str, str] = MappingProxyType(
    {
        "capacity": message("Capacity"),
        "contact.press": message("Press contact"),
        "contact.address": message("Address"),
        "contact.hours": message("Service hours"),
    }
)


@bp.get("")
@access(Permission.SEE_PLACES)
def places() -> ResponseReturnValue:
    """Show blocks, cells and how full the facility is."""
    today = clock.today(place().time_zone)
    return render_template(
        "register/places.html",
        blocks=queries.blocks(),
        population=queries.population(current_facility(), today),
        capacity=queries.capacity(current_facility(), today),
    )


@bp.get("/blocks/<int:block_id>")
@access(Permission.SEE_PLACES)
def block(block_id: int) -> ResponseReturnValue:
    """Show the cells of a block."""
    found = next((b for b in queries.blocks() if b.id == block_id), None)
    if found is None:
        raise NotFound
    return render_template("register/block.html", block=found, cells=queries.cells(block_id))


@bp.get("/blocks/new")
@access(Permission.KEEP_PLACES)
def new_block() -> ResponseReturnValue:
    """Show the form for a block."""
    return render_template("register/block_form.html", form=BlockForm())


@bp.post("/blocks")
@access(Permission.KEEP_PLACES)
def add_block() -> ResponseReturnValue:
    """Add a block, or show the form again with what is missing."""
    form = BlockForm(request.form)
    if form.validate():
        try:
            block_id = services.add_block(
                current_actor(),
                current_facility(),
                code=form.code.data,
                name=form.name.data,
                cells=form.cells.data,
                places=form.places.data,
            )
        except services.BlockTaken as refusal:
            form.code.errors = [said(refusal)]
        else:
            says(_("The block is there. Its cells are numbered from 1."))
            return see_other(".block", block_id=block_id)
    return render_template("register/block_form.html", form=form), 422


@bp.get("/holidays")
@access(Permission.SEE_HOLIDAYS)
def holidays() -> ResponseReturnValue:
    """Show the holidays of a year."""
    return _holidays(HolidayForm(), _year())


@bp.post("/holidays")
@access(Permission.KEEP_HOLIDAYS)
def add_holiday() -> ResponseReturnValue:
    """Write down a holiday, or show the form again with what is missing."""
    form = HolidayForm(request.form)
    fits = form.validate()
    if fits and (wrong := holiday_problem(form.day.data, clock.today(place().time_zone))):
        form.day.errors, fits = [said(wrong)], False
    if not fits:
        return _holidays(form, _year()), 422
    services.add_holiday(
        current_actor(),
        current_facility(),
        day=form.day.data,
        name=form.name.data,
        source=form.source.data,
    )
    says(_("The holiday is written down."))
    return see_other(".holidays", year=form.day.data.year)


@bp.post("/holidays/<int:year>/proposals")
@access(Permission.KEEP_HOLIDAYS)
def propose_holidays(year: int) -> ResponseReturnValue:
    """Have the library propose the official holidays of a year."""
    if not date.min.year < year < date.max.year:
        raise NotFound
    added = services.propose_holidays(current_actor(), current_facility(), year)
    says(_("%(count)s days were added. Confirm each of them.", count=added))
    return see_other(".holidays", year=year)


@bp.post("/holidays/<int:holiday_id>/confirmation")
@access(Permission.KEEP_HOLIDAYS)
def confirm_holiday(holiday_id: int) -> ResponseReturnValue:
    """Confirm a proposed holiday."""
    services.confirm_holiday(current_actor(), holiday_id)
    says(_("The holiday is confirmed."))
    return see_other(".holidays", year=_year())


@bp.post("/holidays/<int:holiday_id>/removal")
@access(Permission.KEEP_HOLIDAYS)
def remove_holiday(holiday_id: int) -> ResponseReturnValue:
    """Take a day off the list."""
    services.remove_holiday(current_actor(), holiday_id)
    says(_("The day was taken off the list."))
    return see_other(".holidays", year=_year())


@bp.get("/facts")
@access(Permission.SEE_FACTS)
def facts() -> ResponseReturnValue:
    """Show what is said about the facility, with day, source and mark."""
    return render_template(
        "register/facts.html", names=FACTS, facts=queries.facts(current_facility())
    )


@bp.get("/facts/<key>/new")
@access(Permission.KEEP_FACTS)
def new_fact(key: str) -> ResponseReturnValue:
    """Show the form for a fact."""
    return _fact_form(key, FactForm())


@bp.post("/facts/<key>")
@access(Permission.KEEP_FACTS)
def state_fact(key: str) -> ResponseReturnValue:
    """Add a fact, or show the form again with what is missing."""
    form = FactForm(request.form)
    if key not in FACTS:
        raise NotFound
    if not (form.validate() and _fact_fits(key, form)):
        return _fact_form(key, form), 422
    services.state_fact(
        current_actor(),
        current_facility(),
        key=key,
        value=form.value.data,
        as_of=form.as_of.data,
        source=form.source.data,
    )
    says(_("The fact is stated."))
    return see_other(".facts")


def _fact_fits(key: str, form: FactForm) -> bool:
    today = clock.today(place().time_zone)
    wrong = fact_problem(key, form.value.data, form.as_of.data, today)
    if wrong:
        form[wrong[0]].errors = [said(wrong[1])]
    return wrong is None


def _fact_form(key: str, form: FactForm) -> str:
    if key not in FACTS:
        raise NotFound
    return render_template("register/fact_form.html", key=key, name=FACTS[key], form=form)


def _holidays(form: HolidayForm, year: int) -> str:
    found = queries.holidays(date(year, 1, 1), date(year, 12, 31))
    return render_template("register/holidays.html", form=form, year=year, holidays=found)


def _year() -> int:
    this = clock.today(place().time_zone).year
    asked = request.args.get("year", this, type=int)
    return asked if date.min.year < asked < date.max.year else this
