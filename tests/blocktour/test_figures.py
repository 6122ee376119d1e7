from datetime import timedelta
from random import Random

import sqlalchemy as sa

from portal.accounts.demo import demo as people_demo
from portal.blocktour import tasks
from portal.blocktour.demo import demo
from portal.blocktour.models import Case, Event, Stop, Tour
from portal.blocktour.queries import door, files
from portal.blocktour.queries.door import Tab
from portal.blocktour.report import NOT_SHOWN, SEALED, front, report_section
from portal.blocktour.rules.categories import Lane
from portal.blocktour.rules.closing import AttemptOutcome, Mark, Understood
from portal.blocktour.rules.states import CaseState
from portal.blocktour.services import delivering
from portal.blocktour.services.delivering import Visit
from portal.blocktour.views.capture import desk
from portal.domain.actor import Role
from portal.domain.months import Month
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, within
from portal.register.demo import demo as places_demo
from tests.blocktour.conftest import Staff, Thread
from tests.conftest import make_actor, make_facility

MET = Visit(outcome=AttemptOutcome.REACHED, understood=Understood.YES, mark=Mark.THUMB)


def this_month(prison: Facility) -> Month:
    return Month.of(clock.today(prison.time_zone))


def test_the_report_counts_ordinary_cases_and_hides_small_groups(
    thread: Thread, prison: Facility, staff: Staff
) -> None:
    for _ in range(6):
        delivering.deliver(staff.officer, thread.decided(), MET)
    thread.recorded("makanan")
    for _ in range(5):
        thread.recorded("petugas")

    section = report_section(prison.id, this_month(prison))

    figures = {figure.key: figure for figure in section.figures}
    assert (figures["heard"].value, figures["delivered"].value) == (7, 6)
    assert (figures["reopened"].value, figures["arrived"].value) == (0, 100)
    by_category = dict(section.tables[0].rows)
    assert by_category["Makanan"] == by_category["Air dan kamar"] == NOT_SHOWN
    assert "Petugas" not in by_category
    assert SEALED in section.sentences


def test_few_are_not_shown_at_all(thread: Thread, prison: Facility) -> None:
    thread.decided()

    figures = {one.key: one for one in report_section(prison.id, this_month(prison)).figures}

    assert figures["heard"].value is None
    assert figures["heard"].suppressed
    assert figures["decision_kept"].value is None
    assert front(prison.id) == ()


def test_the_desk_shows_what_waits(thread: Thread, staff: Staff) -> None:
    thread.recorded()
    thread.drafted()
    thread.decided()

    cards = {who: {c.label: c.value for c in desk(getattr(staff, who))} for who in ("desk", "head")}

    assert cards["desk"] == {"Answers to bring": 1, "Complaints to sort": 1}
    assert cards["head"] == cards["desk"] | {"Complaints to decide": 1}


def test_the_hourly_task_may_run_twice(thread: Thread, staff: Staff) -> None:
    number = thread.decided()
    delivering.deliver(staff.officer, number, MET)

    with clock.fixed(clock.now() + timedelta(days=9)):
        for _ in range(2):
            tasks.close_delivered()

    states = db.session.scalars(sa.select(Event.new).order_by(Event.id)).all()
    assert states.count(CaseState.CLOSED) == 1


def test_the_invented_prison_has_cases_in_every_drawer(scope: None) -> None:
    made = make_facility("muara-enim")
    today, random, here = clock.today(made.time_zone), Random(7), made.id
    with within({here}):
        places_demo(here, random, today)
        people_demo(here, random, today)
        demo(here, random, today)
    head, now = make_actor(Role.PRISON_HEAD, at=here), clock.now()

    counts = door.counts(head, now)

    assert sum(counts.values()) == 300
    assert min(counts[tab] for tab in Tab) > 0
    lanes = db.session.execute(sa.select(Case.lane, sa.func.count()).group_by(Case.lane)).all()
    assert {lane for lane, _ in lanes} == set(Lane)
    sealed = db.session.scalar(sa.select(Case).where(Case.lane == Lane.SEALED).limit(1))
    assert sealed is not None
    assert files.person(sealed).words
    assert len(set(db.session.scalars(sa.select(Case.state)))) >= 10
    tours = db.session.scalar(sa.select(sa.func.count()).select_from(Tour)) or 0
    stops = db.session.scalar(sa.select(sa.func.count()).select_from(Stop)) or 0
    assert stops > tours > 250
    assert report_section(here, Month.of(today).previous).figures
