"""How guessing is slowed without locking anybody out (ASVS 6.1.1, 6.3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.accounts.rules.limits import TABLE

FREE_TRIES: int = TABLE["lockout"]["free_tries"]
FIRST_WAIT = timedelta(seconds=TABLE["lockout"]["first_wait_seconds"])
LONGEST_WAIT = timedelta(seconds=TABLE["lockout"]["longest_wait_seconds"])


@dataclass(frozen=True, slots=True)
class Tries:
    """What went wrong lately: for an account, or for one device the person has used before."""

    failures: int = 0
    wait_until: datetime | None = None


def wait_after(failures: int) -> timedelta:
    """Return the pause after that many failures in a row: none, then doubling to its top."""
    if failures < FREE_TRIES:
        return timedelta(0)
    wait = FIRST_WAIT
    for _ in range(failures - FREE_TRIES):
        if wait >= LONGEST_WAIT:
            break
        wait *= 2
    return min(wait, LONGEST_WAIT)


def after_failure(tries: Tries, now: datetime) -> Tries:
    """Return the tries with one more failure, and until when the next one has to wait."""
    failures = tries.failures + 1
    wait = wait_after(failures)
    return Tries(failures, now + wait if wait else None)


def may_try(tries: Tries, now: datetime) -> bool:
    """Tell whether the next try counts now.

    A device the person has used before has tries of its own, which the caller asks about instead
    of the account's: whoever guesses at a colleague's account slows himself, not the colleague.
    """
    return tries.wait_until is None or tries.wait_until <= now
