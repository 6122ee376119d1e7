"""Every page that a role meets from its menu, looked at by axe, by keyboard, on small screens."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.domain.actor import ROLE_NAMES, Role
from tests.browser.steps import (
    check_errors,
    check_keyboard,
    check_page,
    check_sizes,
    enter_as,
    words,
)

pytestmark = pytest.mark.browser
PEOPLE = [role for role in Role if role is not Role.KIOSK]
OPEN = ["/", "/sign-in", "/sign-in/recovery-code", "/demo", "/help"]


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """Doors that several roles have are looked at once."""
    return set()


@pytest.mark.parametrize("path", OPEN)
def test_an_open_page_is_sound(page: Page, axe: Callable[[], None], path: str) -> None:
    page.goto(path)

    check_page(page)
    axe()
    check_keyboard(page)
    check_sizes(page)


@pytest.mark.parametrize("role", PEOPLE, ids=lambda role: role.value)
def test_every_door_of_a_role_is_sound(
    page: Page, axe: Callable[[], None], role: Role, looked_at: set[str]
) -> None:
    enter_as(page, ROLE_NAMES[role])
    doors = page.locator("nav a[href^='/']").evaluate_all("all => all.map(e => e.pathname)")

    for path in dict.fromkeys(["/desk", *doors]):
        if path in looked_at:
            continue
        looked_at.add(path)
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        check_page(page)
        axe()
        check_keyboard(page)
        check_sizes(page)


@pytest.mark.parametrize("path", ["/remissions/rules"])
def test_a_page_no_menu_names_is_sound(page: Page, axe: Callable[[], None], path: str) -> None:
    enter_as(page, ROLE_NAMES[Role.REGISTRAR])
    page.goto(path)

    check_page(page)
    axe()
    check_sizes(page)


def test_an_empty_sign_in_says_what_is_missing_and_keeps_the_name(page: Page) -> None:
    page.goto("/sign-in")
    hints = page.locator("p.hint[id]").count()
    page.locator("input:not([type=hidden]):not([type=password])").first.fill("sari.contoh")

    page.get_by_role("button", name=words("Sign in"), exact=True).click()

    check_errors(page, hints=hints)
    check_page(page)
    check_sizes(page)


def test_a_person_signs_in_through_the_demo_without_javascript(without_javascript: Page) -> None:
    page = without_javascript

    enter_as(page, ROLE_NAMES[Role.PRISON_HEAD])

    expect(page.locator("h1")).to_be_visible()
    assert page.locator("nav a").count() > 0
