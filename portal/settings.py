"""What an installation decides: read once, frozen, and refused as a whole if anything is unfit.

What staff may tune is not here but a dated row in the database.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "PORTAL_"
SITES = ("all", "internal", "kiosk", "press")
LEAST_SECRET = 32
SEAL_KEY_BYTES = 32


class UnfitSettings(Exception):
    """The environment names settings that are unknown, missing or unfit; all are told at once."""


def _text(value: str) -> str:
    return value


def _flag(value: str) -> bool:
    try:
        return {"1": True, "true": True, "0": False, "false": False}[value]
    except KeyError:
        raise ValueError("say 1, true, 0 or false") from None


def _secret(value: str) -> str:
    if len(value) < LEAST_SECRET:
        raise ValueError(f"needs at least {LEAST_SECRET} characters")
    return value


def _site(value: str) -> str:
    if value not in SITES:
        raise ValueError(f"say one of {', '.join(SITES)}")
    return value


def _database(value: str) -> str:
    scheme = urlsplit(value).scheme
    if not scheme.startswith("postgresql"):
        raise ValueError("must be a postgresql:// address")
    return value.replace(f"{scheme}://", "postgresql+psycopg://", 1)


def _redis(value: str) -> str:
    if urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must be a redis://, rediss:// or unix:// address")
    return value


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError("must look like https://portal.example")
    return value.rstrip("/")


def _keys(value: str) -> tuple[tuple[int, bytes], ...]:
    """``1:base64,2:base64``; the highest number seals, every number still opens."""
    try:
        pairs = [part.split(":", 1) for part in value.split(",")]
        keys = tuple((int(number), base64.b64decode(key, validate=True)) for number, key in pairs)
    except (ValueError, binascii.Error):
        raise ValueError("must look like 1:BASE64,2:BASE64") from None
    if any(len(key) != SEAL_KEY_BYTES or not 0 < number < 256 for number, key in keys):
        raise ValueError(f"each key has {SEAL_KEY_BYTES} bytes and a number from 1 to 255")
    return keys


def _setting(read: Callable[[str], Any], says: str, default: Any = MISSING, **options: Any) -> Any:
    """Declare a field: how its text is read, what it is for, and its default if it has one."""
    return field(default=default, metadata={"read": read, "says": says}, **options)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation. ``docs/settings.md`` has the table; a test keeps the two alike."""

    database_url: str = _setting(_database, "PostgreSQL, as the role portal_app", repr=False)
    owner_url: str = _setting(
        _database, "PostgreSQL, as the role portal_owner: migrations alone", "", repr=False
    )
    redis_url: str = _setting(_redis, "Valkey or Redis: broker, cache, limits", repr=False)
    secret_key: str = _setting(_secret, "signs short-lived tokens", repr=False)
    seal_keys: tuple[tuple[int, bytes], ...] = _setting(
        _keys, "keys for what is sealed in the database", repr=False
    )
    base_url: str = _setting(
        _address,
        "the address people use; requests for another host are refused",
        "http://localhost:8000",
    )
    site: str = _setting(_site, "which site this process serves", "all")
    proxies: int = _setting(int, "how many proxies stand in front", 0)
    storage_root: Path = _setting(Path, "folder for files")
    secure_cookies: bool = _setting(_flag, "cookies only over https", default=True)
    password_profile: str = _setting(_text, "asvs, or bssn for a mix of signs", "asvs")
    argon2_memory_kib: int = _setting(int, "memory of one password hash", 65536)
    smtp_url: str = _setting(_text, "smtp:// or smtps://; without it mail waits", "", repr=False)
    mail_from: str = _setting(_text, "the sender of our mail", "portal@localhost")
    demo: bool = _setting(_flag, "one-click sign-in on this machine alone", default=False)

    def __post_init__(self) -> None:
        if not self.owner_url:
            object.__setattr__(self, "owner_url", self.database_url)
        if self.demo and urlsplit(self.base_url).hostname not in {"localhost", "127.0.0.1", "::1"}:
            raise UnfitSettings("PORTAL_DEMO: the demo runs on this machine alone (localhost)")
        if self.password_profile not in {"asvs", "bssn"}:
            raise UnfitSettings("PORTAL_PASSWORD_PROFILE: say asvs or bssn")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the ``PORTAL_*`` variables.

        :raise UnfitSettings: naming each unknown, missing and unfit one.
        """
        known: dict[str, Field[Any]] = {f"{PREFIX}{f.name.upper()}": f for f in fields(cls)}
        given = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
        for name in OTHERS & set(given):
            del given[name]
        wrong = [f"{name}: unknown" for name in sorted(set(given) - set(known))]
        values: dict[str, Any] = {}
        for name, setting in known.items():
            if name not in given:
                if setting.default is MISSING:
                    wrong.append(f"{name}: missing ({setting.metadata['says']})")
                continue
            try:
                values[setting.name] = setting.metadata["read"](given[name])
            except ValueError as error:
                wrong.append(f"{name}: {error}")
        if wrong:
            raise UnfitSettings("\n".join(wrong))
        return cls(**values)


# Read by the tests and by `portal demo`, not by the portal.
OTHERS = frozenset({"PORTAL_CHROMIUM", "PORTAL_DEMO_PORT", "PORTAL_DEMO_HOME"})


def spelling(url: str, library: str, db: int = 0) -> str:
    """Spell one store's address as ``redis``, ``celery`` or ``limits`` wants it.

    The three libraries do not agree on how a unix socket and a database number are written.
    """
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return parts._replace(path=f"/{db}").geturl()
    return {
        "redis": f"unix://{parts.path}?db={db}",
        "celery": f"redis+socket://{parts.path}?virtual_host={db}",
        "limits": f"redis+unix://{parts.path}?db={db}",
    }[library]
