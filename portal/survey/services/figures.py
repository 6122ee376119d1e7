"""Visits are entered, and an index is computed from plain facts."""

from __future__ import annotations

from datetime import date

from sqlalchemy.dialects.postgresql import insert

from portal.domain.actor import Actor
from portal.kernel.work import unit_of_work
from portal.survey.models import Visits
from portal.survey.rules import casefile
from portal.survey.rules.scoring import Unfit

__all__ = ["Unfit", "enter_visits", "index"]  # the command catches Unfit


def index(text: str) -> casefile.Answer | list[casefile.Answer]:
    """Compute the index that a file of plain facts asks for.

    :raise Unfit: naming the path of everything that does not fit.
    """
    return casefile.answer(text)


def enter_visits(actor: Actor, facility_id: int, *, day: date, service: str, visitors: int) -> None:
    """Write down how many visitors a service received on a day; a later entry replaces it."""
    with unit_of_work(actor, "survey.visits.enter") as work:
        work.session.execute(
            insert(Visits)
            .values(facility_id=facility_id, day=day, service=service, visitors=visitors)
            .on_conflict_do_update(
                index_elements=["facility_id", "day", "service"], set_={"visitors": visitors}
            )
        )
        work.note("survey_visits", facility_id=facility_id, day=str(day), visitors=visitors)
