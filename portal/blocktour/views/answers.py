"""Back at the cell: what to bring, each visit, and objections that come later."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.blocktour.forms import DeliveryForm, ObjectionForm
from portal.blocktour.models import Case
from portal.blocktour.permissions import Permission
from portal.blocktour.queries import door, files
from portal.blocktour.rules.closing import (
    Attempt,
    AttemptOutcome,
    Face,
    Lack,
    Mark,
    Understood,
    lacks,
)
from portal.blocktour.rules.states import CaseState
from portal.blocktour.services import delivering
from portal.blocktour.services.delivering import Visit
from portal.blocktour.views.base import bp
from portal.domain.errors import NotFound
from portal.kernel import clock
from portal.kernel.text import _
from portal.kernel.web import access, current_actor, place, says, see_other


@bp.get("/answers")
@access(Permission.DELIVER)
def answers() -> ResponseReturnValue:
    """Show the answers and first words that wait for a cell."""
    actor, now = current_actor(), clock.now()
    return render_template(
        "blocktour/answers.html",
        bring=door.to_bring(actor, now),
        first=door.first_words(actor, now),
    )


@bp.get("/answers/<string:number>")
@access(Permission.DELIVER)
def answer(number: str) -> ResponseReturnValue:
    """Show an answer to be read aloud, and the form for what happened."""
    form = DeliveryForm()
    form.set_choices()
    return _page(_decided(number), form)


@bp.post("/answers/<string:number>")
@access(Permission.DELIVER)
def deliver(number: str) -> ResponseReturnValue:
    """Note a visit, or show the form again with what is missing."""
    row, form = _decided(number), DeliveryForm(request.form)
    form.set_choices()
    visit = _visit(form)
    if visit is None:
        return _page(row, form), 422
    state = delivering.deliver(current_actor(), number, visit)
    words = {
        CaseState.DELIVERED: _("Noted: the answer has arrived."),
        CaseState.REOPENED: _("Noted: the complaint is open again, one level higher."),
    }
    says(words.get(state, _("Noted. The answer still has to be brought.")))
    return see_other(".answers")


@bp.post("/answers/<string:number>/first-word")
@access(Permission.TELL_FIRST)
def tell_first(number: str) -> ResponseReturnValue:
    """Note that the person knows number, class and day."""
    delivering.tell_first(current_actor(), number)
    says(_("Noted: the person knows the number and the day."))
    return see_other(".answers")


@bp.get("/objections")
@access(Permission.REOPEN)
def objection() -> ResponseReturnValue:
    """Show the form for an objection that comes later."""
    return render_template("blocktour/objection.html", form=ObjectionForm())


@bp.post("/objections")
@access(Permission.REOPEN)
def reopen() -> ResponseReturnValue:
    """Open a complaint again; a hidden number is a wrong number."""
    form = ObjectionForm(request.form)
    if form.validate():
        try:
            delivering.reopen(current_actor(), form.number.data, form.words.data)
        except NotFound:
            form.number.errors = [_("No complaint has this number. Read it again from the slip.")]
        else:
            says(_("Noted: the complaint is open again, one level higher."))
            return see_other(".answers")
    return render_template("blocktour/objection.html", form=form), 422


def _decided(number: str) -> Case:
    row = door.case(current_actor(), number, clock.now(), bringing=True)
    if row.state is not CaseState.DECIDED:
        raise NotFound
    return row


def _visit(form: DeliveryForm) -> Visit | None:
    """Return the visit if nothing is missing; otherwise say at each field what is."""
    if not form.validate():
        return None
    visit = Visit(
        outcome=AttemptOutcome(form.outcome.data),
        understood=Understood(form.understood.data) if form.understood.data else None,
        mark=Mark(form.mark.data) if form.mark.data else None,
        witness=form.witness.data,
        satisfaction=Face(form.satisfaction.data) if form.satisfaction.data else None,
        objection=form.objection.data,
    )
    today = clock.today(place().time_zone)
    lacking = lacks(Attempt(today, visit.outcome, visit.understood, visit.mark, visit.witness))
    words = {
        Lack.UNDERSTOOD: _("Choose whether the person understood."),
        Lack.MARK: _("Choose how it was acknowledged."),
        Lack.WITNESS: _("Write who was the witness."),
    }
    for lack in lacking:
        form[str(lack)].errors = [words[lack]]
    return None if lacking else visit


def _page(row: Case, form: DeliveryForm) -> str:
    return render_template(
        "blocktour/answer.html",
        case=row,
        person=files.person(row),
        answer=files.answer(row),
        visits=files.deliveries(row),
        form=form,
    )
