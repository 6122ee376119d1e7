"""The kernel's own pages in the whole portal."""

from collections.abc import Callable

from portal.domain.actor import Actor, Role
from portal.kernel import assets
from tests.conftest import Client


def test_help_is_open_to_everyone_and_stands_on_every_page(client: Client) -> None:
    page = client.get("/help")

    assert page.status_code == 200
    assert 'href="/help"' in page.text


def test_a_missing_page_has_the_frame_and_the_language_switch(client: Client) -> None:
    page = client.get("/no-such-page")

    assert page.status_code == 404
    assert 'action="/language"' in page.text
    assert "500" not in page.text


def test_the_person_can_leave_from_every_page_by_a_form(
    client: Client, actor: Callable[..., Actor]
) -> None:
    page = client.signed_in(actor(Role.REGISTRAR)).get("/desk")

    assert 'method="post" action="/sign-out"' in page.text


def test_the_sheet_a_page_links_is_kept_for_a_year(client: Client) -> None:
    address = next(part for part in client.get("/help").text.split('"') if "/static/staff" in part)

    sheet = client.get(address)

    assert sheet.headers["Cache-Control"] == assets.A_YEAR
    assert sheet.mimetype == "text/css"


def test_the_components_are_shown_only_in_the_demo(client: Client) -> None:
    assert client.get("/_components").status_code == 404
