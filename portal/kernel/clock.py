"""The one place that knows the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("fixed", default=None)


def now() -> datetime:
    """Return the instant, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def today(zone: str) -> date:
    """Return the day it is in ``zone``, such as ``Asia/Jakarta``."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def fixed(instant: datetime) -> Iterator[None]:
    """Let the clock stand still: for tests, and for a replay as of an earlier instant."""
    token = _fixed.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
