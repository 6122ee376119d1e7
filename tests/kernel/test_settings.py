"""Settings are read once, and refused as a whole with every name that is wrong."""

import base64
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from portal.settings import Settings, UnfitSettings, spelling

GOOD = {
    "PORTAL_DATABASE_URL": "postgresql://portal_app:s3cret@db/portal",
    "PORTAL_REDIS_URL": "redis://store:6379",
    "PORTAL_SECRET_KEY": "s3cret" * 8,
    "PORTAL_SEAL_KEYS": "1:" + base64.b64encode(b"k" * 32).decode(),
    "PORTAL_STORAGE_ROOT": "/var/lib/portal",
}


def test_good_settings_are_read_with_their_defaults() -> None:
    settings = Settings.from_environ(GOOD)

    assert settings.database_url == "postgresql+psycopg://portal_app:s3cret@db/portal"
    assert settings.owner_url == settings.database_url
    assert settings.storage_root == Path("/var/lib/portal")
    assert (settings.demo, settings.secure_cookies, settings.site) == (False, True, "all")
    assert settings.seal_keys == ((1, b"k" * 32),)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    wrong = GOOD | {"PORTAL_SEAL_KEYS": "one", "PORTAL_DEMOO": "1", "PORTAL_PROXIES": "two"}
    del wrong["PORTAL_REDIS_URL"]

    with pytest.raises(UnfitSettings) as refusal:
        Settings.from_environ(wrong)

    for name in ("SEAL_KEYS", "DEMOO: unknown", "PROXIES", "REDIS_URL: missing"):
        assert name in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEMO", "yes"),
        ("SITE", "public"),
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://x"),
        ("REDIS_URL", "http://x"),
        ("BASE_URL", "portal.example"),
        ("BASE_URL", "https://portal.example/path"),
        ("SEAL_KEYS", "1:" + base64.b64encode(b"short").decode()),
        ("PASSWORD_PROFILE", "none"),
    ],
)
def test_an_unfit_value_is_refused_with_its_name(name: str, value: str) -> None:
    with pytest.raises(UnfitSettings, match=name):
        Settings.from_environ(GOOD | {f"PORTAL_{name}": value})


def test_the_demo_runs_on_this_machine_alone() -> None:
    with pytest.raises(UnfitSettings, match="this machine"):
        Settings.from_environ(
            GOOD | {"PORTAL_DEMO": "1", "PORTAL_BASE_URL": "https://portal.example"}
        )


def test_settings_are_frozen_and_keep_their_secrets() -> None:
    settings = Settings.from_environ(GOOD)

    with pytest.raises(FrozenInstanceError):
        settings.demo = True  # type: ignore[misc]
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("library", "expected"),
    [
        ("redis", "unix:///run/v.sock?db=2"),
        ("celery", "redis+socket:///run/v.sock?virtual_host=2"),
        ("limits", "redis+unix:///run/v.sock?db=2"),
    ],
)
def test_each_library_gets_its_own_spelling_of_a_socket(library: str, expected: str) -> None:
    assert spelling("unix:///run/v.sock", library, 2) == expected
    assert spelling("redis://h:1", library, 2) == "redis://h:1/2"
