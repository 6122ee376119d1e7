"""Somebody new comes in: invited, a password, a second factor; by passkey or without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from secrets import token_hex

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import check_page, enter_as, leave, words

pytestmark = pytest.mark.browser
PASSWORD = "ikan biru berenang jauh"


def invite(page: Page) -> tuple[str, str]:
    """Invite a case worker as the administrator; return the user name and the link."""
    login = f"baru.{token_hex(3)}"
    enter_as(page, "Administrator")
    page.goto("/accounts/people/invite")
    page.get_by_label(words("Full name")).fill("Sari Meranti")
    page.get_by_label(words("User name")).fill(login)
    page.get_by_label(words("Case worker")).check()
    page.get_by_role("button", name=words("Invite")).click()
    link = re.search(r"http://\S+#[a-z2-7-]+", page.locator("main").inner_text())
    assert link
    leave(page)
    return login, link[0]


def sign_in(page: Page, login: str) -> None:
    page.goto("/sign-in")
    page.get_by_label(words("User name")).fill(login)
    page.get_by_label(words("Password"), exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name=words("Sign in")).click()


def test_somebody_new_signs_in_with_a_passkey(
    page: Page, authenticator: str, axe: Callable[[], None]
) -> None:
    login, link = invite(page)

    page.goto(link)
    axe()
    check_page(page)
    expect(page.get_by_label(words("Invitation code"))).to_have_value(link.partition("#")[2])
    assert "#" not in page.url
    page.get_by_label(words("New password"), exact=True).fill(PASSWORD)
    page.get_by_label(words("The same password again")).fill(PASSWORD)
    page.get_by_role("button", name=words("Save password")).click()
    sign_in(page, login)
    expect(page).to_have_url(re.compile("/accounts/factors$"))
    axe()
    page.get_by_role("button", name=words("Add a passkey")).click()
    expect(page.get_by_text(words("The passkey is added."))).to_be_visible()
    page.goto("/desk")
    expect(page).to_have_url(re.compile("/desk$"))
    leave(page)
    sign_in(page, login)
    axe()
    page.get_by_role("button", name=words("Use a passkey")).click()

    expect(page).to_have_url(re.compile("/desk$"))


def test_somebody_new_signs_in_without_javascript(page: Page, without_javascript: Page) -> None:
    login, link = invite(page)
    plain = without_javascript

    plain.goto(link)
    plain.get_by_label(words("Invitation code")).fill(link.partition("#")[2])
    plain.get_by_label(words("New password"), exact=True).fill(PASSWORD)
    plain.get_by_label(words("The same password again")).fill(PASSWORD)
    plain.get_by_role("button", name=words("Save password")).click()
    sign_in(plain, login)
    plain.get_by_role("button", name=words("Set up an app")).click()
    secret = plain.locator("code").inner_text()
    plain.get_by_label(words("Code from the app")).fill(pyotp.TOTP(secret).now())
    plain.get_by_role("button", name=words("Use this app")).click()
    code = plain.locator(".codes code").nth(4).inner_text()
    leave(plain)
    sign_in(plain, login)
    plain.get_by_role("link", name=words("Use a recovery code")).click()
    plain.get_by_label(words("Recovery code")).fill(code)
    plain.locator("main").get_by_role("button", name=words("Sign in")).click()

    expect(plain).to_have_url(re.compile("/desk$"))
    assert plain.get_by_role("heading", level=1).inner_text()


@pytest.mark.parametrize("path", ["/sign-in", "/demo", "/invitation"])
def test_the_doors_are_fit_for_everyone(page: Page, axe: Callable[[], None], path: str) -> None:
    page.goto(path)

    axe()
    check_page(page)
