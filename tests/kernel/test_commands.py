"""The command `portal`: what it refuses, what the doctor finds."""

import base64
import os

import pytest
from click.testing import CliRunner
from flask import Flask

from portal.commands import main
from portal.doctor import Finding, examine
from portal.settings import Settings


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing."""
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def installed(app: Flask, test_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The environment of an installation on the tests' servers."""
    key = base64.b64encode(b"k" * 32).decode()
    told = {
        "DATABASE_URL": test_settings.database_url,
        "REDIS_URL": test_settings.redis_url,
        "SECRET_KEY": test_settings.secret_key,
        "SEAL_KEYS": f"1:{key}",
        "STORAGE_ROOT": str(test_settings.storage_root),
        "BASE_URL": "https://portal.example",
    }
    for name, value in told.items():
        monkeypatch.setenv(f"PORTAL_{name}", value)
    return test_settings


def found() -> dict[str, Finding]:
    """Return the worst finding of each name."""
    order = {"ok": 0, "warn": 1, "fail": 2}
    return {each.name: each for each in sorted(examine(), key=lambda f: order[f.state])}


@pytest.mark.parametrize("command", ["run", "worker", "beat"])
def test_a_start_without_settings_names_them_all(unset: None, command: str) -> None:
    answer = CliRunner().invoke(main, [command])

    assert answer.exit_code == 2
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SEAL_KEYS", "STORAGE_ROOT"):
        assert f"PORTAL_{name}: missing" in answer.output
    assert "Traceback" not in answer.output


def test_the_doctor_without_settings_says_so_and_fails(unset: None) -> None:
    answer = CliRunner().invoke(main, ["doctor"])

    assert answer.exit_code == 1
    assert "PORTAL_DATABASE_URL: missing" in answer.output


def test_every_module_that_has_commands_is_offered(unset: None) -> None:
    answer = CliRunner().invoke(main, ["--help"])

    offered = {line.split()[0] for line in answer.output.splitlines() if line.startswith("  ")}
    assert offered >= {
        *("accounts", "audit", "beat", "db", "demo", "doctor", "run", "worker"),
        *("remissions", "survey"),
    }


def test_the_doctor_finds_an_installation_sound(installed: Settings) -> None:
    states = {name: each.state for name, each in found().items()}

    for name in ("settings", "database", "role", "schema", "clock", "storage", "fonts", "exposure"):
        assert states[name] == "ok", found()[name]


def test_the_doctor_sees_that_the_tests_servers_may_lose_data(installed: Settings) -> None:
    lines = found()

    assert (lines["durability"].state, lines["broker"].state) == ("fail", "warn")
    assert "fsync" in lines["durability"].says


def test_the_doctor_sees_a_role_above_the_walls(
    installed: Settings, servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", servers["admin_url"])

    assert found()["role"].state == "fail"
    assert found()["schema"].state == "fail"  # that database has none


def test_the_doctor_names_a_server_that_is_away(
    installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql://portal_app:x@127.0.0.1:1/portal")
    monkeypatch.setenv("PORTAL_REDIS_URL", "unix:///nowhere/s")

    lines = found()

    assert {lines["database"].state, lines["broker"].state} == {"fail"}
    assert "x@" not in lines["database"].says


def test_the_trail_of_a_new_portal_is_whole(installed: Settings, world: None) -> None:
    answer = CliRunner().invoke(main, ["audit", "verify"])

    assert answer.exit_code == 0, answer.output
    assert "The trail is whole." in answer.output
