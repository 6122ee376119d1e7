"""On the tour: begin, mark each cell with one tap, close, and see which cell waits longest."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.blocktour.forms import StartTourForm, StopForm
from portal.blocktour.permissions import Permission
from portal.blocktour.queries import places, rounds
from portal.blocktour.rules.touring import StopOutcome, days_since
from portal.blocktour.services import touring
from portal.blocktour.services.touring import Marking, NotReadyToClose, WhyNotReached
from portal.blocktour.views.base import bp
from portal.domain.errors import NotFound
from portal.kernel import clock
from portal.kernel.text import _, said
from portal.kernel.web import (
    access,
    current_actor,
    current_facility,
    place,
    says,
    see_other,
    submission_key,
)
from portal.register import queries as register


@bp.get("/tours")
@access(Permission.READ_TOUR)
def tours() -> ResponseReturnValue:
    """Show the latest tours, the form to begin one, and the cells that wait longest."""
    return _tours(StartTourForm())


@bp.post("/tours")
@access(Permission.START_TOUR)
def start_tour() -> ResponseReturnValue:
    """Begin a tour of a block."""
    form = StartTourForm(request.form)
    form.block.choices = _blocks()
    if not form.validate():
        return _tours(form), 422
    tour_id = touring.start_tour(
        current_actor(),
        current_facility(),
        submission_key(),
        block_id=form.block.data,
        partner=form.partner.data,
    )
    return see_other(".tour", tour_id=tour_id)


@bp.get("/tours/<int:tour_id>")
@access(Permission.READ_TOUR)
def tour(tour_id: int) -> ResponseReturnValue:
    """Show each cell of a tour."""
    return _tour(tour_id)


@bp.get("/tours/<int:tour_id>/stops/<int:stop_id>")
@access(Permission.MARK_STOP)
def stop(tour_id: int, stop_id: int) -> ResponseReturnValue:
    """Show one cell, with a button for each thing that can have happened."""
    return _stop(tour_id, stop_id, StopForm())


@bp.post("/tours/<int:tour_id>/stops/<int:stop_id>")
@access(Permission.MARK_STOP)
def mark_stop(tour_id: int, stop_id: int) -> ResponseReturnValue:
    """Mark a cell and lead to the next."""
    form = StopForm(request.form)
    if not form.validate() or form.outcome.data not in set(StopOutcome):
        return _stop(tour_id, stop_id, form), 422
    marking = Marking(StopOutcome(form.outcome.data), form.reason.data)
    try:
        touring.mark_stop(current_actor(), tour_id, stop_id, marking)
    except WhyNotReached as refusal:
        form.reason.errors = [said(refusal)]
        return _stop(tour_id, stop_id, form), 422
    following = next((one for one in rounds.stops(tour_id) if one.outcome is None), None)
    if following is None:
        return see_other(".tour", tour_id=tour_id)
    return see_other(".stop", tour_id=tour_id, stop_id=following.id)


@bp.post("/tours/<int:tour_id>/close")
@access(Permission.CLOSE_TOUR)
def close_tour(tour_id: int) -> ResponseReturnValue:
    """Close a tour, or show it again with what is still open."""
    try:
        touring.close_tour(current_actor(), tour_id)
    except NotReadyToClose as refusal:
        return _tour(tour_id, said(refusal)), 422
    says(_("This tour is now closed."))
    return see_other(".tours")


@bp.get("/coverage/<int:block_id>")
@access(Permission.READ_TOUR)
def coverage(block_id: int) -> ResponseReturnValue:
    """Show how many days ago each cell of a block was heard."""
    found = next((one for one in places.blocks(current_facility()) if one.id == block_id), None)
    if found is None:
        raise NotFound
    today = clock.today(place().time_zone)
    return render_template(
        "blocktour/coverage.html",
        block=found,
        cells=[
            (one.name, one.last_on, days_since(one.last_on, today))
            for one in rounds.coverage(block_id)
        ],
    )


def _blocks() -> list[tuple[int, str]]:
    return [(one.id, one.code) for one in places.blocks(current_facility())]


def _tours(form: StartTourForm) -> str:
    blocks = _blocks()
    form.block.choices = blocks
    found = rounds.tours(current_facility())
    return render_template(
        "blocktour/tours.html",
        tours=found,
        blocks=blocks,
        codes=dict(blocks),
        covered={one.id: rounds.covered(one.id) for one in found},
        form=form,
        may_start=current_actor().may(Permission.START_TOUR),
    )


def _tour(tour_id: int, refusal: str = "") -> str:
    found = rounds.tour(tour_id)
    return render_template(
        "blocktour/tour.html",
        tour=found,
        code=dict(_blocks()).get(found.block_id, ""),
        labels=register.cell_labels(),
        stops=rounds.stops(tour_id),
        refusal=refusal,
        may_mark=current_actor().may(Permission.MARK_STOP),
    )


def _stop(tour_id: int, stop_id: int, form: StopForm) -> str:
    found = rounds.tour(tour_id)
    stops = rounds.stops(tour_id)
    here = next((one for one in stops if one.id == stop_id), None)
    if here is None:
        raise NotFound
    if request.method == "GET":
        form.reason.data = here.reason
    return render_template(
        "blocktour/stop.html",
        tour=found,
        stop=here,
        label=register.cell_labels()[here.cell_id],
        left=sum(one.outcome is None for one in stops),
        form=form,
        outcomes=list(StopOutcome),
    )
