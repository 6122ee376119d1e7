"""The life of a report: scheduled, running under a lease, then done or failed.

A builder that dies leaves the lease to run out, and the next one takes over; so a killed worker, a
full memory and a section that breaks all go the same way. What it was doing stands in the row.
"""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(minutes=2)
"""How long a builder may be silent; it renews the lease with every step."""

MOST_ATTEMPTS = 3
FORGOTTEN = timedelta(hours=1)
"""A scheduled report that nobody took for so long is asked for once more."""

CODE_SIGNS = 3


class Kind(StrEnum):
    """What span of time a report is about."""

    MONTHLY = "monthly"


class State(StrEnum):
    """Where a report stands."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Form(StrEnum):
    """A file of a report."""

    PDF = "pdf"
    XLSX = "xlsx"


OPEN = (State.SCHEDULED, State.RUNNING)


def may_start(state: State, attempts: int, lease_until: datetime, now: datetime) -> bool:
    """Tell whether a builder may take the report now."""
    return state in OPEN and attempts < MOST_ATTEMPTS and lease_until <= now


def is_given_up(state: State, attempts: int, lease_until: datetime, now: datetime) -> bool:
    """Tell whether the last attempt ended without a result: then a person is told."""
    return state in OPEN and attempts >= MOST_ATTEMPTS and lease_until <= now


def wants_asking(state: State, asked_at: datetime, lease_until: datetime, now: datetime) -> bool:
    """Tell whether a builder is to be asked for again: once after each lease that ran out."""
    if state is State.RUNNING:
        return asked_at < lease_until <= now
    return state is State.SCHEDULED and asked_at <= now - FORGOTTEN


def failure_code(report_id: int, attempts: int) -> str:
    """Return the code that page, mail and log name a failure by, such as ``L-3F2``."""
    digest = hashlib.sha256(f"{report_id}:{attempts}".encode()).hexdigest()
    return f"L-{digest[:CODE_SIGNS].upper()}"
