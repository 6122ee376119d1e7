"""Tasks, the command, the demo and the schedule: the ways in besides the pages."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.accounts.models import Person, RoleHeld
from portal.domain.actor import PORTAL, Role
from portal.domain.months import Month
from portal.kernel.db import db
from portal.kernel.facility import Facility, within
from portal.kernel.mail import OutgoingMail
from portal.reports import queries, services, tasks
from portal.reports.commands import build
from portal.reports.demo import demo
from portal.reports.models import Report
from portal.reports.module import MODULE
from portal.reports.report import report_section
from portal.reports.rules.states import State
from tests.conftest import asked_for
from tests.factories import person_values
from tests.reports.conftest import NOW, OCTOBER, Room, later


def test_beat_says_look_and_the_worker_makes_the_report(
    app: Flask, prison: Facility, room: Room, first_morning: None
) -> None:
    tasks.look()
    ((name, arguments),) = asked_for()
    for _time in range(2):
        app.extensions["celery"].tasks[name](**arguments)

    (listed,) = queries.reports(prison.id)
    assert (listed.month, listed.state, listed.attempts) == (OCTOBER, State.DONE, 1)


def test_two_beats_make_one_report(prison: Facility, room: Room, first_morning: None) -> None:
    for _beat in range(2):
        tasks.look()
        tasks.resume()

    assert len(queries.reports(prison.id)) == len(asked_for()) == 1


def test_the_schedule_only_looks() -> None:
    assert set(MODULE.schedule) == {"reports.look", "reports.resume"}


def test_the_command_makes_a_report_and_leaves_a_made_one_alone(
    app: Flask, prison: Facility, room: Room, first_morning: None
) -> None:
    runner = app.test_cli_runner()
    arguments = ["--facility", "muara-contoh", "--month", "2026-09"]

    first, second = (runner.invoke(build, arguments) for _time in range(2))

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "done\tmade now" in first.output
    assert "done\tas it was" in second.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["--facility", "muara-contoh", "--month", "Oktober"],
        ["--facility", "muara-contoh", "--month", "2026-11"],
        ["--facility", "tidak-ada"],
    ],
)
def test_the_command_refuses_what_cannot_be(
    app: Flask, prison: Facility, room: Room, first_morning: None, arguments: list[str]
) -> None:
    answer = app.test_cli_runner().invoke(build, arguments)

    assert answer.exit_code == 2
    assert answer.stderr


def test_the_demo_asks_for_two_reports_and_makes_none(
    prison: Facility, room: Room, first_morning: None
) -> None:
    number = prison.id
    with within({number}):
        demo(number, Random(1), date(2026, 11, 1))

        found = queries.reports(number)

    assert [str(one.month) for one in found] == ["2026-10", "2026-09"]
    assert {one.state for one in found} == {State.SCHEDULED}
    assert [name for name, _ in asked_for()] == ["reports.build"] * 2


def test_the_head_and_the_administrator_are_told_of_a_failure(
    prison: Facility, room: Room, first_morning: None
) -> None:
    for role, address in (
        (Role.PRISON_HEAD, "kepala@contoh.go.id"),
        (Role.ADMINISTRATOR, "admin@contoh.go.id"),
        (Role.PRESS_EDITOR, "pers@contoh.go.id"),
        (Role.PRISON_HEAD, ""),
    ):
        _give_role(role, address, prison.id)
    report_id = services.order(PORTAL, prison.id)
    db.session.execute(sa.update(Report).values(attempts=3, state=State.RUNNING))
    db.session.commit()

    with later(minutes=1):
        tasks.resume()

    told = db.session.scalars(sa.select(OutgoingMail.to).order_by(OutgoingMail.to)).all()
    assert told == ["admin@contoh.go.id", "kepala@contoh.go.id"]
    assert queries.report(report_id).state is State.FAILED


def test_somebody_who_left_is_not_told(prison: Facility, room: Room, first_morning: None) -> None:
    _give_role(Role.PRISON_HEAD, "lama@contoh.go.id", prison.id)
    db.session.execute(sa.update(Person).values(disabled_at=NOW))
    db.session.commit()

    assert services._addresses(prison.id) == []


def _give_role(role: Role, address: str, facility_id: int) -> None:
    person = Person(**person_values(f"{role}-{address}"), email=address)
    db.session.add(person)
    db.session.flush()
    db.session.add(RoleHeld(person_id=person.id, role=role, facility_id=facility_id, since=NOW))
    db.session.commit()


def test_the_history_of_targets_never_shows_a_share_of_the_nation() -> None:
    section = report_section(1, OCTOBER)
    of_2020 = section.tables[0]

    assert section.figures == ()
    assert len(of_2020.rows) == 15
    assert [row[3] for row in of_2020.rows].count("Does not apply here") == 3
    assert not any("%" in str(cell) for row in of_2020.rows for cell in row)


def test_before_the_resolution_there_is_nothing_to_show() -> None:
    assert report_section(1, Month(2019, 12)).tables == ()
