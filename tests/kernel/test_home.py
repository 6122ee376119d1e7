"""The gate, the desk and what every answer carries."""

from collections.abc import Callable

from portal.domain.actor import Actor, Role
from tests.conftest import Client


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
