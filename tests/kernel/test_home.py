"""The gate, the desk and what every answer carries."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from portal.domain.actor import Actor, Role
from portal.kernel.forms import tidy
from portal.kernel.module import Module
from tests.conftest import Client


def modules_of(app: Flask) -> tuple[Module, ...]:
    installed: tuple[Module, ...] = app.extensions["portal.modules"]
    return installed


def test_the_pulse_answers(client: Client) -> None:
    assert client.get("/healthz").data == b"ok\n"


def test_nobody_is_led_to_the_sign_in_page(client: Client) -> None:
    answer = client.get("/desk")

    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in")


def test_the_desk_shows_the_rooms_of_this_person(
    client: Client, actor: Callable[..., Actor]
) -> None:
    page = client.signed_in(actor(Role.REGISTRAR)).get("/desk")

    assert page.status_code == 200
    assert "/register" in page.text


def test_a_foreign_page_cannot_ask_for_a_change(
    client: Client, actor: Callable[..., Actor]
) -> None:
    person = client.signed_in(actor(Role.REGISTRAR))

    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = person.post("/register/holidays", headers=headers)
        assert answer.status_code == 403


def test_an_unknown_page_says_so(client: Client) -> None:
    answer = client.get("/no-such-page")

    assert answer.status_code == 404
    assert "Content-Security-Policy" in answer.headers


def test_a_device_opens_no_page_of_the_staff(
    client: Client, actor: Callable[..., Actor], monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    tablet = replace(actor(Role.KIOSK), id=None, device_id=1)
    known = tuple(replace(one, bearer=lambda _token: tablet) for one in modules_of(app))
    monkeypatch.setitem(app.extensions, "portal.modules", known)

    for page in ("/desk", "/accounts/sessions", "/accounts/factors", "/accounts/password"):
        answer = client.get(page, headers={"Authorization": "Bearer token"})
        assert answer.status_code == 403, page


def test_another_host_is_refused(client: Client) -> None:
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_a_contradiction_between_the_headers_is_refused(
    client: Client, actor: Callable[..., Actor]
) -> None:
    registrar = client.signed_in(actor(Role.REGISTRAR))

    for origin, status in (("http://evil.example", 403), ("null", 422), ("http://localhost", 422)):
        answer = registrar.post("/register/holidays", headers={"Origin": origin})
        assert answer.status_code == status, origin


def test_an_address_that_says_one_thing_twice_is_refused(client: Client) -> None:
    assert client.get("/healthz?page=1&page=2").status_code == 400


@pytest.mark.parametrize("words", ["\u200b", "\u202e", "\ufeff \u2060"])
def test_signs_that_nobody_sees_are_no_words(words: str) -> None:
    assert tidy(words) == ""
