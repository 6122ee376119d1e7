from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from flask import Flask

from portal.accounts import queries
from portal.accounts.demo import demo
from portal.app import create_app
from portal.domain.actor import Role
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, within
from portal.kernel.limits import limiter
from portal.settings import Settings
from tests.accounts.conftest import Browser, make_person
from tests.conftest import Client, trail


@pytest.fixture
def demo_app(test_settings: Settings, prison: Facility) -> Iterator[Flask]:
    """The same portal with the demo flag, on the database of this test."""
    made = create_app(replace(test_settings, demo=True))
    limiter.enabled = False
    made.test_client_class = Client
    connection = db.engines[None]
    db.session.refresh(prison)
    db.session.expunge(prison)  # or each look at it would wake the other context's session
    db.session.rollback()
    with made.app_context():
        own = db.engines[None]
        db.engines[None] = connection
        yield made
        db.session.remove()
        db.engines[None] = own
        own.dispose()


def browser(app: Flask, address: str = "127.0.0.1") -> Browser:
    app.test_client_class = Client
    client = app.test_client()
    client.environ_base = {
        **client.environ_base,
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "REMOTE_ADDR": address,
    }
    return Browser(client)


def load(prison: Facility) -> dict[Role, int]:
    with within({prison.id}):
        demo(prison.id, Random(1), date(2026, 11, 23))
    return {person.role: person.id for _, people in queries.demo_people() for person in people}


def test_a_production_start_has_no_demo_door(app: Flask, prison: Facility) -> None:
    people = load(prison)

    assert "demo" not in app.blueprints
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/demo")]
    assert browser(app).get("/demo").status_code == 404
    assert browser(app).post(f"/demo/{people[Role.REGISTRAR]}").status_code == 404


def test_the_demo_signs_in_as_any_role_with_one_click(demo_app: Flask, prison: Facility) -> None:
    people = load(prison)

    assert set(people) == set(Role) - {Role.KIOSK}
    for person_id in people.values():
        b = browser(demo_app)
        assert "/demo/" in b.get("/demo").text
        assert b.post(f"/demo/{person_id}").location == "/desk"
        assert b.get("/desk").status_code == 200
        assert b.get("/accounts/factors").status_code == 200
    assert {detail["factor"] for _, _, detail in trail("accounts.demo.enter")} == {"demo"}


def test_the_demo_opens_to_this_machine_alone(demo_app: Flask, prison: Facility) -> None:
    people = load(prison)
    b = browser(demo_app, "192.0.2.7")

    assert b.get("/demo").status_code == 404
    assert b.post(f"/demo/{people[Role.REGISTRAR]}").status_code == 404


def test_nobody_with_a_password_can_be_had_with_one_click(
    demo_app: Flask, prison: Facility
) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)

    assert browser(demo_app).post(f"/demo/{someone.id}").status_code == 404


def test_a_demo_session_is_worth_nothing_outside_the_demo(
    app: Flask, demo_app: Flask, prison: Facility
) -> None:
    people = load(prison)
    b = browser(demo_app)
    b.post(f"/demo/{people[Role.ADMINISTRATOR]}")
    production = browser(app)
    production.client.set_cookie("portal", b.token)
    db.session.rollback()

    assert b.get("/accounts/people").status_code == 200
    with app.app_context():
        assert production.get("/accounts/people").status_code == 303


def test_the_demo_never_asks_for_a_password_nobody_has(demo_app: Flask, prison: Facility) -> None:
    people = load(prison)
    b = browser(demo_app)
    b.post(f"/demo/{people[Role.ADMINISTRATOR]}")

    with clock.fixed(clock.now() + timedelta(minutes=6)):
        assert b.get("/accounts/people/invite").status_code == 200
