"""The pages of the reports, as the people who open them."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from portal.domain.actor import PORTAL, Actor, Role
from portal.kernel.db import db
from portal.kernel.facility import Facility
from portal.kernel.sheets import read_rows
from portal.reports import queries, services
from portal.reports.models import Report
from portal.reports.rules.states import State
from tests.conftest import Client, asked_for, make_actor, make_facility
from tests.reports.conftest import Room

Person = Callable[..., Actor]


@pytest.fixture
def head(client: Client, actor: Person) -> Client:
    """Return the browser of the head of the prison."""
    return client.signed_in(actor(Role.PRISON_HEAD))


def test_the_list_shows_each_month_with_its_state(
    head: Client, done: int, prison: Facility, room: Room
) -> None:
    page = head.get("/reports").get_data(as_text=True)

    assert "Oktober 2026" in page
    assert f'href="/reports/{done}"' in page


def test_an_empty_list_says_when_the_first_report_comes(head: Client, room: Room) -> None:
    assert head.get("/reports").status_code == 200


def test_a_report_shows_its_figures_and_hides_small_groups(head: Client, done: int) -> None:
    page = head.get(f"/reports/{done}").get_data(as_text=True)

    assert "82,51" in page
    assert "&lt;5" in page
    assert "26 " in page
    assert 'role="img"' in page
    assert "Per blok" in page
    assert queries.issued(done).pdf_sha256 in page
    assert len(page) < 50_000


def test_words_of_people_are_never_markup(
    head: Client, prison: Facility, room: Room, first_morning: None
) -> None:
    room.chart_label = "<script>alert(1)</script>"
    room.chart_labels = ("<b>", "</svg>", '"')
    report_id = services.order(PORTAL, prison.id)
    services.build(PORTAL, report_id)

    page = head.get(f"/reports/{report_id}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("kind", "mimetype", "start"),
    [
        ("pdf", "application/pdf", b"%PDF-1.7"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    ],
)
def test_a_file_is_saved_under_a_name_that_tells_month_and_place(
    head: Client, done: int, kind: str, mimetype: str, start: bytes
) -> None:
    answer = head.get(f"/reports/{done}/{kind}")

    assert answer.mimetype == mimetype
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=laporan-2026-10-muara-contoh.{kind}"
    )
    assert answer.data.startswith(start)


def test_page_and_workbook_tell_the_same_figures(head: Client, done: int) -> None:
    page = head.get(f"/reports/{done}").get_data(as_text=True)
    rows = read_rows(head.get(f"/reports/{done}/xlsx").data, 1)

    numbers = [row[3] for row in rows[1:] if isinstance(row[3], int | float)]
    assert numbers == [26, 82.51, 52]
    assert all(f"{number:g}".replace(".", ",") in page for number in numbers)


def test_while_it_is_made_the_page_tells_the_step_and_does_not_reload_itself(
    head: Client, prison: Facility, room: Room, first_morning: None
) -> None:
    report_id = services.order(PORTAL, prison.id)
    waiting = head.get(f"/reports/{report_id}").get_data(as_text=True)
    services._take(PORTAL, report_id)
    db.session.execute(sa.update(Report).values(step="Keluhan dari blok", steps_done=1))
    db.session.commit()
    running = head.get(f"/reports/{report_id}").get_data(as_text=True)

    assert "08.00 WIB" in waiting
    assert "Keluhan dari blok" in running
    assert "http-equiv" not in waiting + running
    assert f'href="/reports/{report_id}"' in running


def test_a_failed_report_shows_its_code_and_opens_the_one_before(
    head: Client, done: int, prison: Facility, room: Room
) -> None:
    db.session.execute(
        sa.insert(Report).values(
            kind="monthly", facility_id=prison.id, period="2026-09", state=State.FAILED,
            attempts=3, failure="L-3F2", step="Keluhan dari blok",
            asked_at=sa.func.now(), lease_until=sa.func.now(),
        )
    )  # fmt: skip
    db.session.commit()
    failed = queries.reports(prison.id)[1].id

    page = head.get(f"/reports/{failed}").get_data(as_text=True)

    assert "L-3F2" in page
    assert "Keluhan dari blok" in page
    assert f'href="/reports/{done}"' in page

    answer = head.post(f"/reports/{failed}/tries")
    assert (answer.status_code, answer.location) == (303, f"/reports/{failed}")
    assert queries.report(failed).state is State.SCHEDULED


def test_the_button_pressed_twice_leads_to_the_same_page(
    head: Client, prison: Facility, room: Room, first_morning: None
) -> None:
    places = {head.post("/reports").location for _press in range(2)}

    assert places == {f"/reports/{queries.reports(prison.id)[0].id}"}
    assert [name for name, _ in asked_for()] == ["reports.build"]


@pytest.mark.parametrize(
    ("role", "reads", "orders"),
    [
        (Role.PRISON_HEAD, True, True),
        (Role.TOUR_COORDINATOR, True, True),
        (Role.SURVEY_OFFICER, True, True),
        (Role.REGIONAL_VIEWER, True, False),
        (Role.PRESS_EDITOR, True, False),
        (Role.DATA_PROTECTION_OFFICER, True, False),
        (Role.BLOCK_OFFICER, False, False),
        (Role.MEDIA_PARTNER, False, False),
        (Role.ADMINISTRATOR, False, False),
    ],
)
def test_who_reads_and_who_orders(
    client: Client, actor: Person, done: int, role: Role, reads: bool, orders: bool
) -> None:
    person = client.signed_in(actor(role))

    opened = [
        person.get(f"/reports{path}").status_code for path in ("", f"/{done}", f"/{done}/pdf")
    ]
    assert set(opened) == ({200} if reads else {403})
    assert person.post("/reports").status_code == (303 if orders else 403)


def test_a_report_of_another_facility_does_not_exist(
    client: Client, scope: None, done: int, room: Room
) -> None:
    stranger = client.signed_in(make_actor(Role.PRISON_HEAD, at=make_facility("seberang")))

    for path in ("", "/pdf", "/xlsx"):
        assert stranger.get(f"/reports/{done}{path}").status_code == 404
    assert stranger.post(f"/reports/{done}/tries").status_code == 404
    assert f"/reports/{done}" not in stranger.get("/reports").get_data(as_text=True)


def test_the_list_is_light(head: Client, done: int) -> None:
    page = head.get("/reports").get_data(as_text=True)

    assert len(page) < 20_000
    assert not re.search(r"style=|<script(?! src)", unquote(page))
