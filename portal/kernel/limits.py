"""Limits on how often something may be asked: by account or device first, address second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from portal.kernel.web import current_actor
from portal.settings import spelling

View = TypeVar("View", bound=Callable[..., Any])  # any view: arguments come from its URL

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


def counted_inside(view: View) -> View:
    """Mark a busy door whose service counts for itself: the limiter does not look for limits."""
    view.counted_inside = True  # type: ignore[attr-defined]  # read by the filter below
    return view


@limiter.request_filter
def _is_counted_inside() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "counted_inside", False)
