"""Limits on how often something may be asked: by account or device first, address second."""

from __future__ import annotations

from typing import Any

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from portal.kernel.web import current_actor
from portal.settings import spelling

LIMITS_DB = 1


def who() -> str:
    """Name who is counted; a whole prison may come from one address."""
    actor = current_actor()
    if actor.id is not None:
        return f"person:{actor.id}"
    if actor.device_id is not None:
        return f"device:{actor.device_id}"
    return f"address:{get_remote_address()}"


def limiter_settings(redis_url: str) -> dict[str, Any]:
    """Return what Flask-Limiter reads; without the store each process counts for itself."""
    return {
        "RATELIMIT_STORAGE_URI": spelling(redis_url, "limits", LIMITS_DB),
        # Without this a dead store makes every limited request fail.
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.3},
        "RATELIMIT_STRATEGY": "moving-window",
        "RATELIMIT_HEADERS_ENABLED": True,
    }


limiter = Limiter(who)
