from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask

from portal.app import create_app
from portal.domain.actor import Role
from portal.kernel.db import db
from portal.kernel.facility import Facility
from portal.kernel.limits import limiter
from portal.settings import Settings
from tests.accounts.conftest import Browser, make_person
from tests.accounts.test_demo import browser

NOWHERE = "postgresql+psycopg://portal_app@127.0.0.1:1/none?connect_timeout=1"


@contextmanager
def portal_with(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    limiter.enabled = False
    connection = db.engines[None]
    with made.app_context():
        own = db.engines[None]
        if settings.database_url != NOWHERE:
            db.engines[None] = connection  # type: ignore[index]
        try:
            yield made
        finally:
            db.session.remove()
            db.engines[None] = own  # type: ignore[index]
            own.dispose()


def test_in_production_the_cookies_are_bound_to_the_host(
    test_settings: Settings, prison: Facility
) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)
    with portal_with(replace(test_settings, secure_cookies=True)) as app:
        b = Browser(browser(app).client)
        home = {"base_url": "https://localhost"}
        data = {"login": someone.login, "password": someone.password}
        b.post("/sign-in", data, **home)
        answer = b.post("/sign-in/code", {"code": someone.code()}, **home)

        cookies = {
            text.partition("=")[0]: text.partition(";")[2]
            for text in answer.headers.getlist("Set-Cookie")
        }
        assert set(cookies) == {"__Host-portal", "__Host-known"}
        for rest in cookies.values():
            assert "Secure" in rest
            assert "HttpOnly" in rest
            assert "SameSite=Strict" in rest
            assert "Path=/" in rest
            assert "Domain" not in rest


def test_without_the_database_the_sign_in_page_shows_and_a_session_is_not_lost(
    test_settings: Settings, world: None
) -> None:
    with portal_with(replace(test_settings, database_url=NOWHERE, owner_url=NOWHERE)) as app:
        b = browser(app)
        assert b.get("/sign-in").status_code == 200

        b.client.set_cookie("portal", "x" * 43)
        answer = b.get("/desk")

        assert answer.status_code == 503
        assert b.token == "x" * 43
