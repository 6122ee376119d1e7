"""Tours: begun, marked cell by cell, closed when no cell is left without a word."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from portal.blocktour.models import Stop, Tour
from portal.blocktour.permissions import Permission
from portal.blocktour.queries import places, rounds
from portal.blocktour.rules.touring import StopOutcome, Told, TourState, next_time, still_open
from portal.domain.actor import Actor
from portal.domain.errors import DomainError, NotFound
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.receipts import receipt, remember
from portal.kernel.work import Work, unit_of_work
from portal.register import queries as register


class NotReadyToClose(DomainError):
    """Some stops have no outcome, or no reason for a miss."""

    text = message("These cells are still open: %(cells)s.")


class TourIsClosed(DomainError):
    """A closed tour is not marked any more."""

    status = 409
    text = message("This tour is closed already.")


class NoSuchBlock(DomainError):
    """The facility has no such block, or the block no cells."""

    text = message("Choose a block from the list.")


class WhyNotReached(DomainError):
    """A cell that was not reached needs a reason."""

    text = message("Write why the cell was not reached.")


@dataclass(frozen=True, slots=True)
class Marking:
    """What happened at a cell, and why nobody was there if nobody was."""

    outcome: StopOutcome
    reason: str = ""


def start_tour(
    actor: Actor, facility_id: int, key: str, *, block_id: int, partner: str = ""
) -> int:
    """Begin a tour of a block and return its number; cells missed last time come first.

    :raise NoSuchBlock: if the facility has no such block.
    :raise Conflict: if the key came before with other content.
    """
    cells = places.cells(facility_id, block_id)
    if not cells or actor.id is None:
        raise NoSuchBlock
    with unit_of_work(actor, Permission.START_TOUR) as work:
        if earlier := receipt(work, key, f"{facility_id} {actor.id} {block_id} {partner}"):
            work.note("blocktour_tour", facility_id=facility_id, repeated=True)
            return int(earlier)
        now = clock.now()
        missed = _missed_last_time(work, block_id)
        tour = work.add(
            Tour(
                facility_id=facility_id,
                block_id=block_id,
                state=TourState.OPEN,
                recorder_id=actor.id,
                recorder_name=actor.name,
                partner_name=partner,
                opened_on=now.astimezone(places.zone_of(facility_id)).date(),
                opened_at=now,
            )
        )
        work.session.add_all(_stop(tour, cell, carried=cell.label in missed) for cell in cells)
        remember(work, key, str(tour.id))
        work.note(tour, stops=len(cells))
        return tour.id


def mark_stop(actor: Actor, tour_id: int, stop_id: int, marking: Marking) -> None:
    """Note what happened at a cell; marked again, the later word counts until the tour is closed.

    :raise NotFound: if the tour has no such stop.
    :raise TourIsClosed: if it is too late.
    :raise WhyNotReached: if the cell was not reached and no reason is given.
    """
    if marking.outcome is StopOutcome.NOT_REACHED and not marking.reason.strip():
        raise WhyNotReached
    with unit_of_work(actor, Permission.MARK_STOP) as work:
        tour = work.load(Tour, tour_id)
        if tour.state is not TourState.OPEN:
            raise TourIsClosed
        stop = work.load(Stop, stop_id)
        if stop.tour_id != tour.id:
            raise NotFound
        stop.outcome, stop.reason, stop.marked_at = marking.outcome, marking.reason, clock.now()
        work.note(stop, outcome=str(marking.outcome))


def close_tour(actor: Actor, tour_id: int) -> None:
    """Close a tour; sent twice, it is closed once.

    :raise NotReadyToClose: naming each cell that is still open.
    :raise NotFound: if the scope has no such tour.
    """
    with unit_of_work(actor, Permission.CLOSE_TOUR) as work:
        tour = work.load(Tour, tour_id)
        if left := still_open(_told(tour)):
            raise NotReadyToClose(cells=", ".join(left))
        if tour.state is TourState.OPEN:
            tour.state, tour.closed_at = TourState.CLOSED, clock.now()
        work.note(tour)


def _stop(tour: Tour, cell: register.Cell, *, carried: bool) -> Stop:
    return Stop(
        facility_id=tour.facility_id,
        tour_id=tour.id,
        cell_id=cell.id,
        cell_number=cell.number,
        carried=carried,
    )


def _told(tour: Tour) -> tuple[Told, ...]:
    labels = register.cell_labels()
    return tuple(
        Told(labels[stop.cell_id], stop.outcome, stop.reason) for stop in rounds.stops(tour.id)
    )


def _missed_last_time(work: Work, block_id: int) -> frozenset[str]:
    last = work.session.scalar(
        sa.select(Tour)
        .where(Tour.block_id == block_id, Tour.state != TourState.OPEN)
        .order_by(Tour.opened_on.desc(), Tour.id.desc())
        .limit(1)
    )
    return frozenset(next_time(_told(last))) if last else frozenset()
