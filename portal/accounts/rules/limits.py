"""How long a session lasts and the other numbers of sign-in, read from ``limits.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from portal.domain.actor import Role

# Any: a TOML table holds values of several kinds.
TABLE: Mapping[str, Any] = MappingProxyType(
    tomllib.loads(files(__package__).joinpath("limits.toml").read_text("utf-8"))
)

PENDING = timedelta(seconds=TABLE["sign_in"]["pending_seconds"])
FRESH = timedelta(seconds=TABLE["sign_in"]["fresh_seconds"])
SESSIONS_A_PERSON: int = TABLE["sign_in"]["sessions"]
KNOWN_DEVICE = timedelta(days=TABLE["sign_in"]["known_device_days"])
RECOVERY_CODES: int = TABLE["sign_in"]["recovery_codes"]
INVITATION = timedelta(hours=TABLE["invitation"]["hours"])
RESET = timedelta(hours=TABLE["reset"]["hours"])


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session may stand still, and how long it lives however busy."""

    idle: timedelta
    absolute: timedelta


BY_ROLE: Mapping[Role, Limits] = MappingProxyType(
    {
        Role(role): Limits(
            timedelta(minutes=row["idle_minutes"]), timedelta(hours=row["absolute_hours"])
        )
        for row in TABLE["session"]
        for role in row["roles"]
    }
)
STRICTEST = Limits(
    min(limits.idle for limits in BY_ROLE.values()),
    min(limits.absolute for limits in BY_ROLE.values()),
)
HALF_SIGNED_IN = Limits(PENDING, PENDING)
"""A session that knows a password and nothing else."""


def limits_for(roles: Collection[Role]) -> Limits:
    """Return the strictest limits of the roles; without a role, the strictest of all."""
    known = [BY_ROLE[role] for role in roles if role in BY_ROLE]
    if not known:
        return STRICTEST
    return Limits(min(each.idle for each in known), min(each.absolute for each in known))
