"""Places and persons in custody: reads, writes, pages."""

from collections.abc import Callable
from datetime import date
from random import Random

import pytest
from flask import Flask

from portal.domain.actor import PORTAL, Actor, Role
from portal.domain.errors import NotFound
from portal.domain.months import Month
from portal.kernel import facility as facilities
from portal.kernel.facility import Facility, within
from portal.register import queries, services
from portal.register.demo import demo
from portal.register.module import MODULE
from portal.register.report import figures, front
from portal.register.rules.custody import Custody, Sex
from portal.register.services import InmateRow
from tests.conftest import Client, make_facility, trail
from tests.factories import make_block, make_fact, make_inmate

DAY = date(2026, 10, 31)


def _row(number: str = "N-1", **values: object) -> InmateRow:
    return InmateRow(
        inmate_number=number, name="Jaya Meranti", sex=Sex.MALE, custody=Custody.SENTENCED, **values
    )  # type: ignore[arg-type]


def test_the_same_list_of_persons_twice_changes_nothing(prison: Facility) -> None:
    first = services.register_inmates(PORTAL, prison.id, [_row("N-1"), _row("N-2")])
    second = services.register_inmates(PORTAL, prison.id, [_row("N-1"), _row("N-2")])

    assert (first.added, first.changed) == (2, 0)
    assert (second.added, second.changed, second.ids) == (0, 0, first.ids)


def test_the_religion_first_recorded_is_never_changed(prison: Facility) -> None:
    services.register_inmates(PORTAL, prison.id, [_row(religion_first_recorded="Islam")])

    services.register_inmates(PORTAL, prison.id, [_row(religion_first_recorded="Kristen")])

    person = queries.inmate_by_number("N-1")
    assert person is not None
    assert person.religion_first_recorded == "Islam"


def test_what_a_list_does_not_know_stays_as_it_was(prison: Facility) -> None:
    services.register_inmates(PORTAL, prison.id, [_row(birth_date=date(1990, 5, 14))])

    services.register_inmates(PORTAL, prison.id, [_row()])

    person = queries.inmate_by_number("N-1")
    assert person is not None
    assert person.birth_date == date(1990, 5, 14)


def test_the_population_of_a_day_leaves_out_who_left_that_day(prison: Facility) -> None:
    make_inmate(prison, "in")
    make_inmate(prison, "left", left_on=DAY)
    make_inmate(prison, "later", admitted_on=date(2026, 11, 1))
    make_inmate(prison, "remand", custody=Custody.DETAINEE)

    people = queries.population(prison.id, DAY)

    assert (people.total, people.sentenced, people.detainees) == (2, 1, 1)


def test_a_search_takes_the_signs_of_like_for_themselves(prison: Facility) -> None:
    make_inmate(prison, "N-1", name="Jaya 100% Meranti")
    make_inmate(prison, "N-2", name="Adi Bambu")

    assert [p.inmate_number for p in queries.find_inmates("%")] == ["N-1"]
    assert queries.find_inmates("  ") == ()


def test_a_person_of_another_facility_is_not_found(
    prison: Facility, other_prison: Facility
) -> None:
    hidden = make_inmate(other_prison, "CANARY", name="CANARY").id
    prison_id = prison.id

    with within({prison_id}):
        assert queries.find_inmates("CANARY") == ()
        with pytest.raises(NotFound):
            queries.inmate(hidden)


def test_a_person_is_known_with_the_cell_he_sleeps_in(prison: Facility) -> None:
    cell = make_block(prison, "C")[1]
    person = make_inmate(prison, cell=cell)

    found = queries.inmate(person.id)

    assert found.cell is not None
    assert found.cell.label == "C-2"
    assert [p.id for p in queries.inmates_in_cell(cell.id)] == [person.id]


def test_occupancy_and_excess_are_never_mixed(prison: Facility) -> None:
    for number in range(5):
        make_inmate(prison, f"N-{number}")
    make_fact(prison, "capacity", "2")

    by_key = {figure.key: figure.value for figure in figures(prison.id, DAY)}

    assert (by_key["occupancy"], by_key["excess"]) == (250, 150)


def test_the_latest_dated_capacity_counts_and_the_older_stays(prison: Facility) -> None:
    make_fact(prison, "capacity", "485", as_of=date(2021, 1, 1))
    make_fact(prison, "capacity", "486", as_of=date(2022, 4, 25))

    now, then = queries.capacity(prison.id), queries.capacity(prison.id, date(2021, 6, 1))

    assert now is not None
    assert then is not None
    assert (now.value, then.value) == ("486", "485")


def test_without_a_register_the_public_sees_no_population(prison: Facility) -> None:
    assert front(prison.id) == ()


def test_proposing_holidays_twice_adds_each_once_and_keeps_the_estimates(prison: Facility) -> None:
    first = services.propose_holidays(PORTAL, prison.id, 2028)
    second = services.propose_holidays(PORTAL, prison.id, 2028)

    found = queries.holidays(date(2028, 1, 1), date(2028, 12, 31))
    assert (first, second) == (len(found), 0)
    assert any(day.estimated for day in found)
    assert not any("perkiraan" in day.name or ";" in day.name for day in found)


def test_the_registrar_proposes_confirms_and_removes_holidays(
    client: Client, actor: Callable[..., Actor]
) -> None:
    registrar = client.signed_in(actor(Role.REGISTRAR))

    registrar.post("/register/holidays/2026/proposals")
    holiday = queries.holidays(date(2026, 8, 17), date(2026, 8, 17))[0]
    registrar.post(f"/register/holidays/{holiday.id}/confirmation")
    page = registrar.get("/register/holidays?year=2026")

    assert holiday.name in page.text
    assert queries.holidays(date(2026, 8, 17), date(2026, 8, 17))[0].confirmed
    answer = registrar.post(f"/register/holidays/{holiday.id}/removal?year=2026")
    assert answer.status_code == 303
    assert queries.holidays(date(2026, 8, 17), date(2026, 8, 17)) == ()
    assert [action for action, _, _ in trail("register.holidays.keep")] != []


def test_a_holiday_without_a_day_keeps_what_was_typed(
    client: Client, actor: Callable[..., Actor]
) -> None:
    registrar = client.signed_in(actor(Role.REGISTRAR))

    page = registrar.post(
        "/register/holidays?year=2026", data={"day": "besok", "name": "Hari Kota", "source": ""}
    )

    assert page.status_code == 422
    assert "Hari Kota" in page.text
    assert "besok" in page.text


def test_a_block_officer_sees_holidays_and_cannot_change_them(
    client: Client, actor: Callable[..., Actor]
) -> None:
    officer = client.signed_in(actor(Role.BLOCK_OFFICER))

    assert officer.get("/register/holidays").status_code == 200
    assert officer.post("/register/holidays").status_code == 403


def test_the_head_states_a_capacity_beside_the_older_ones(
    client: Client, actor: Callable[..., Actor], prison: Facility
) -> None:
    make_fact(prison, "capacity", "486")
    head = client.signed_in(actor(Role.PRISON_HEAD))

    refused = head.post("/register/facts/capacity", data={"value": "banyak"})
    taken = head.post(
        "/register/facts/capacity",
        data={"value": "500", "as_of": "2026-01-01", "source": "SK contoh"},
    )

    assert (refused.status_code, taken.status_code) == (422, 303)
    assert [fact.value for fact in queries.facts(prison.id, "capacity")] == ["500", "486"]


def test_a_number_that_no_column_holds_is_simply_not_found(
    client: Client, actor: Callable[..., Actor]
) -> None:
    registrar = client.signed_in(actor(Role.REGISTRAR))

    assert registrar.get(f"/register/blocks/{10**30}").status_code == 404
    assert registrar.post(f"/register/holidays/{10**30}/confirmation").status_code == 404
    assert registrar.get("/register/holidays?year=99999999999").status_code == 200


def test_the_demo_is_shaped_like_the_prison_and_the_same_each_time(scope: None) -> None:
    one = make_facility("muara-enim")
    demo(one.id, Random("seed"), date(2026, 11, 23))

    people = queries.population(one.id, date(2026, 11, 23))
    before = queries.population(one.id, Month(2026, 5).last)

    assert (people.total, people.sentenced) == (1120, 930)
    assert sum(block.capacity for block in queries.blocks()) == 486
    assert 900 < before.total < 1250


def test_the_registrar_adds_a_block_with_its_cells_once(
    client: Client, actor: Callable[..., Actor]
) -> None:
    registrar = client.signed_in(actor(Role.REGISTRAR))
    block = {"code": "c2", "name": "Blok C2", "cells": "4", "places": "6"}

    made = registrar.post("/register/blocks", data=block)
    again = registrar.post("/register/blocks", data=block)

    assert (made.status_code, again.status_code) == (303, 422)
    assert "Blok C2 sudah ada." in again.text
    assert [(b.code, b.cells, b.capacity) for b in queries.blocks()] == [("C2", 4, 24)]


@pytest.mark.parametrize("cells", ["", "0", "201", "empat", "9" * 40])
def test_a_block_of_an_odd_size_is_refused_and_nothing_is_lost(
    client: Client, actor: Callable[..., Actor], cells: str
) -> None:
    registrar = client.signed_in(actor(Role.REGISTRAR))

    page = registrar.post(
        "/register/blocks", data={"code": "D", "name": "Blok Dahlia", "cells": cells, "places": "6"}
    )

    assert page.status_code == 422
    assert "Blok Dahlia" in page.text
    assert queries.blocks() == ()


def test_a_facility_is_founded_at_the_terminal_and_its_address_is_its_own(
    app: Flask, scope: None
) -> None:
    run = app.test_cli_runner()
    words = ["facilities", "add", "lapas-baru", "--name", "Lapas Baru", "--region", "Kanwil Contoh"]
    founding = MODULE.commands
    assert founding is not None

    made = run.invoke(founding, words[1:])
    again = run.invoke(founding, words[1:])
    odd = run.invoke(founding, ["add", "Lapas Baru", "--name", "x"])

    assert (made.exit_code, again.exit_code, odd.exit_code) == (0, 2, 2)
    new = facilities.by_slug("lapas-baru")
    with within({new.id}):
        assert len(queries.services()) == 7
        assert queries.holidays(date(2026, 8, 17), date(2026, 8, 17)) != ()
