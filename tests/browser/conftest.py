"""The browser tests: the real portal, an installed Chromium, Indonesian, no foreign host, axe.

`PORTAL_CHROMIUM` names the browser, else the first one found is taken.  Without one the tests are
told as not run, loudly; with `REQUIRE_BROWSER=1` that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.running import Demo, demo

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = tuple(
    f"/Applications/{name}.app/Contents/MacOS/{name}" for name in ("Google Chrome", "Chromium")
)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOT_RUN = pytest.StashKey[int]()


def chromium() -> str | None:
    """Find the browser."""
    if named := os.environ.get("PORTAL_CHROMIUM"):
        return named
    found = [path for name in NAMES if (path := shutil.which(name))]
    found += [path for path in MAC if Path(path).exists()]
    return found[0] if found else None


@pytest.hookimpl(trylast=True)  # after -m has chosen
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser the stories are not run, and never green by silence."""
    stories = [item for item in items if HERE in item.path.parents]
    if not stories or chromium():
        return
    if os.environ.get("REQUIRE_BROWSER") == "1":
        raise pytest.UsageError("REQUIRE_BROWSER=1, but there is no Chromium: set PORTAL_CHROMIUM")
    config.stash[NOT_RUN] = len(stories)
    for item in stories:
        item.add_marker(pytest.mark.skip(reason="not run: there is no Chromium"))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many were not run."""
    if number := config.stash.get(NOT_RUN, 0):
        says = f"NOT RUN: {number} browser tests, for want of a Chromium (PORTAL_CHROMIUM or PATH)"
        terminalreporter.write_sep("!", says, red=True, bold=True)


@pytest.fixture(scope="session")
def portal() -> Iterator[Demo]:
    """The real portal with its invented people, started once."""
    with TemporaryDirectory(prefix="pb-", dir="/tmp") as name:
        Path(name).chmod(0o755)  # for `nobody`, whom PostgreSQL is when the tests run as root
        with demo(Path(name) / "demo") as running:
            yield running


@pytest.fixture(scope="session")
def base_url(portal: Demo) -> str:
    """Where pages with a mere path are."""
    return portal.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    flags = FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else [])  # Chromium's rule for root
    return {**browser_type_launch_args, "args": flags, "executable_path": chromium()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], base_url: str) -> dict[str, Any]:
    here = {"locale": "id-ID", "timezone_id": "Asia/Jakarta", "base_url": base_url}
    return {**browser_context_args, **here}


@pytest.fixture(autouse=True)
def clean(context: BrowserContext, page: Page) -> Iterator[None]:
    """No request to another host, no violation of the content policy, no uncaught error."""
    wrong: list[str] = []

    def request(sent: Request) -> None:
        parts = urlsplit(sent.url)
        if parts.scheme not in {"data", "blob"} and parts.hostname not in {
            "localhost",
            "127.0.0.1",
        }:
            wrong.append(f"request to {sent.url}")

    context.on("request", request)
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    context.expose_function("reportViolation", lambda text: wrong.append(f"CSP: {text}"))
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e =>"
        " window.reportViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))"
    )
    yield
    if not page.is_closed():
        page.wait_for_timeout(50)  # what the page still has to report
    assert not wrong


@pytest.fixture
def axe(page: Page) -> Callable[[], None]:
    """Look for what a machine can find of WCAG 2.2 AA."""

    def check() -> None:
        result = Axe().run(page)
        assert not result.violations_count, result.generate_report()

    return check


@pytest.fixture
def without_javascript(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """A page in a browser whose JavaScript is off."""
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def authenticator(context: BrowserContext, page: Page) -> str:
    """A security key that always says yes.  The page must be on https or http://localhost."""
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    key: str = made["authenticatorId"]
    return key
