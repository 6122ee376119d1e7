"""The demo's people come in without a password: they have none, and so nobody else can be them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.accounts.models import Person, RoleHeld
from portal.domain.actor import Actor, Role
from portal.domain.errors import NotFound
from portal.kernel import clock
from portal.kernel.facility import Facility, facility
from portal.kernel.work import Work, unit_of_work

HANDLE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Extra:
    """An invented person: name, task, and which one of those with this task."""

    name: str
    role: Role
    number: int


def load(actor: Actor, facility_id: int, people: Sequence[Extra]) -> None:
    """Write the invented people of a facility.

    :raise NotFound: if there is no such facility.
    """
    with unit_of_work(actor, "accounts.demo.load") as work:
        place = facility(facility_id)
        now = clock.now()
        ids = work.session.scalars(
            sa.insert(Person).returning(Person.id, sort_by_parameter_order=True),
            [
                {
                    "login": f"{extra.role}.{place.slug}.{extra.number}".replace("_", "-"),
                    "display_name": extra.name,
                    "handle": secrets.token_bytes(HANDLE_BYTES),
                    "created_at": now,
                }
                for extra in people
            ],
        ).all()
        for person_id, extra in zip(ids, people, strict=True):
            whole = extra.role is Role.REGIONAL_VIEWER and _first_of_region(work, place)
            work.session.add(
                RoleHeld(
                    person_id=person_id,
                    role=extra.role,
                    facility_id=None if whole else place.id,
                    region_id=place.region_id if whole else None,
                    since=now,
                )
            )
        work.note("accounts_person", facility_id=place.id, people=len(people))


def _first_of_region(work: Work, place: Facility) -> bool:
    """Tell whether the region has no viewer yet; a second one looks at one facility alone."""
    if place.region_id is None:
        return False
    viewers = sa.exists().where(RoleHeld.region_id == place.region_id)
    return not work.session.scalar(sa.select(viewers))


def enter(person_id: int) -> None:
    """Note that one of the demo's people signs in.

    :raise NotFound: if there is no such person, or it is somebody with a password.
    """
    with unit_of_work(Actor(person_id, ""), "accounts.demo.enter") as work:
        person = work.load(Person, person_id)
        if person.password_hash is not None or person.disabled_at is not None:
            raise NotFound
        work.actor = Actor(person.id, person.display_name)
        work.note(person, factor="demo")
