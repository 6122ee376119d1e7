"""Tours, their stops, and how long ago each cell was heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from portal.blocktour.models import Stop, Tour
from portal.blocktour.rules.touring import COVERED, TourState
from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.kernel.db import db
from portal.register import queries as register


@dataclass(frozen=True, slots=True)
class CellCover:
    """A cell and the day it was last heard; None if never."""

    cell_id: int
    name: str
    last_on: date | None


def tour(tour_id: int) -> Tour:
    """Return a tour in the scope.

    :raise NotFound: if there is none.
    """
    if (found := db.session.get(Tour, tour_id)) is None:
        raise NotFound
    return found


def stops(tour_id: int) -> tuple[Stop, ...]:
    """Return the stops of a tour: first what was missed last time, then by cell."""
    wanted = (
        sa.select(Stop)
        .where(Stop.tour_id == tour_id)
        .order_by(Stop.carried.desc(), Stop.cell_number)
    )
    return tuple(db.session.scalars(wanted))


def open_tour(actor: Actor, block_id: int | None = None) -> Tour | None:
    """Return the tour the actor is on, of one block or of any; the latest if there are several."""
    wanted = sa.select(Tour).where(Tour.recorder_id == actor.id, Tour.state == TourState.OPEN)
    if block_id is not None:
        wanted = wanted.where(Tour.block_id == block_id)
    return db.session.scalar(wanted.order_by(Tour.id.desc()).limit(1))


def tours(facility_id: int, limit: int = 20) -> tuple[Tour, ...]:
    """Return the latest tours, newest first."""
    wanted = sa.select(Tour).where(Tour.facility_id == facility_id)
    return tuple(
        db.session.scalars(wanted.order_by(Tour.opened_on.desc(), Tour.id.desc()).limit(limit))
    )


def coverage(block_id: int) -> tuple[CellCover, ...]:
    """Return each cell of a block with the day it was last covered, longest ago first.

    Visits are counted, not complaints: the day says nothing about what was told.
    """
    latest = (
        sa.select(Stop.cell_id, sa.func.max(Tour.opened_on))
        .join(Tour, Tour.id == Stop.tour_id)
        .where(Tour.block_id == block_id, Stop.outcome.in_(COVERED))
        .group_by(Stop.cell_id)
    )
    heard: dict[int, date] = {row[0]: row[1] for row in db.session.execute(latest)}
    found = [
        CellCover(cell.id, cell.label, heard.get(cell.id)) for cell in register.cells(block_id)
    ]
    return tuple(sorted(found, key=lambda one: (one.last_on or date.min, one.cell_id)))


def covered(tour_id: int) -> tuple[int, int]:
    """Return how many cells of a tour were covered, and how many it has."""
    found = [stop.outcome in COVERED for stop in stops(tour_id)]
    return sum(found), len(found)
